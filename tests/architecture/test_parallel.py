"""Processes that share the tests out do not meet on this machine; see tests/parallel.py."""

import os
from importlib import import_module
from pathlib import Path

import pytest

from mspctl.testing.lab import missing_requirements
from tests.parallel import THIS_MACHINE, Reach, group_of


@pytest.mark.parametrize(
    ("module", "here"),
    [
        ("tests.e2e.fixtures", True),
        ("tests.unit.engine.rebooting", True),
        ("tests.unit.engine.bundles", False),
        ("tests.hostile.engine_rows", False),
        ("tests.e2e.interrupted", False),
    ],
)
def test_ways_to_this_machine_are_found_through_imports(module: str, here: bool) -> None:  # noqa: FBT001
    import_module(module)
    assert Reach().this_machine(module) is here


def test_who_uses_a_fixture_on_this_machine_is_in_its_group(request: pytest.FixtureRequest) -> None:
    """Of the tests that were asked for, so all in a whole run."""
    reach = Reach()
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    groups = {group_of(item, reach, alone=False) for item in tests if "sshd" in item.fixturenames}
    assert groups <= {THIS_MACHINE}


def test_who_shares_out_the_tests_knows_their_groups(request: pytest.FixtureRequest) -> None:
    """By the ids, which is all that it sees."""
    if not hasattr(request.config, "workerinput"):
        return
    marked = [(item.nodeid, item.get_closest_marker("xdist_group")) for item in request.session.items]
    assert [name for name, mark in marked if mark and "@" not in name.rpartition("]")[2]] == []


def test_the_lock_and_the_spools_of_this_machine_are_not_those_of_the_tests() -> None:
    """Nor of the tests of another process."""
    if missing_requirements():
        pytest.skip("mounts need what the lab needs")
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    places = {line.split()[4] for line in mounts if " - tmpfs mspctl-tests " in line}
    assert places == {"/var/tmp", "/run/mspctl.lock"}
    assert Path("/proc/self/ns/mnt").readlink() != Path(f"/proc/{os.getppid()}/ns/mnt").readlink()
