"""Which tests stay together when several processes share the work: `pytest -n auto --dist loadgroup`.

A group runs in one process, one test after the other. Who shares a fixture that outlives a test is grouped by
that fixture, so that it is made once; except by the lab and by the library of modules, which too many share:
each process has its own. Who has this very machine for a host is in one group where its lock and spools
cannot be kept apart (tests/alone.py).
"""

import os
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from mspctl.testing.shell_transport import ShellTransport
from mspctl.testing.sshd import Sshd
from mspctl.transports.local import LocalTransport
from tests.alone import keep_to_ourselves
from tests.integration.modules.here import Here

THIS_MACHINE = "this machine"

_WAYS_HERE = (ShellTransport, Sshd, LocalTransport, Here)
_OURS = ("tests.", "mspctl.")
_ONE_PER_PROCESS = frozenset({"lab", "library"})
_MOST = 4
_ALONE = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is started by a test."""
    config.stash[_ALONE] = keep_to_ourselves()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: one more than there are cores, as tests wait for hosts more than they compute."""
    return min(len(os.sched_getaffinity(0)) + 1, _MOST)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark the groups before xdist reads the marks; put what is slow first, so that all end together."""
    reach = Reach()
    for item in items:
        if isinstance(item, pytest.Function) and (group := group_of(item, reach, alone=config.stash[_ALONE])):
            item.add_marker(pytest.mark.xdist_group(group))
    yield
    if hasattr(config, "workerinput"):
        for item in items:
            tell_group(item)
        items.sort(key=lambda item: not any(map(item.get_closest_marker, ("lab", "xdist_group"))))


def tell_group(item: pytest.Item) -> None:
    """Who shares the tests out reads it at the end of the id, where xdist 3.8 tries to write it in vain."""
    groups = {str(mark.args[0]) for mark in item.iter_markers("xdist_group")}
    end = f"@{'_'.join(sorted(groups))}"
    if groups and not item.nodeid.endswith(end):
        item._id = type(item._id).parse(f"{item.nodeid}{end}")


def group_of(item: pytest.Function, reach: "Reach", *, alone: bool) -> str:
    """The name of the test's group; empty when the test may run beside any other."""
    known = item._fixtureinfo.name2fixturedefs
    fixtures = [known[name][-1] for name in item.fixturenames if name in known]
    ours = [fixture for fixture in fixtures if fixture.func.__module__.startswith(_OURS)]
    modules = {item.module.__name__, *(fixture.func.__module__ for fixture in ours)}
    if not alone and any(map(reach.this_machine, modules)):
        return THIS_MACHINE
    shared = {fixture.argname for fixture in ours if fixture.scope != "function"} - _ONE_PER_PROCESS
    return " ".join(sorted(shared))


class Reach:
    """Which modules have a way to this machine, by themselves or by what they import from others of tests."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def this_machine(self, module: str) -> bool:
        """Whether the module, by its name, or one of tests that it imports from names one of the ways."""
        if module not in self._known:
            self._known[module] = False  # where modules import one another in a circle, it ends here
            named = vars(sys.modules[module]).values()
            self._known[module] = any(self._leads_here(module, value) for value in named)
        return self._known[module]

    def _leads_here(self, module: str, value: object) -> bool:
        if any(value is way for way in _WAYS_HERE):
            return True
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        inside = isinstance(home, str) and home.startswith("tests.") and home != module
        return inside and self.this_machine(str(home))
