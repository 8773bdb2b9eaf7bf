"""pytest fixtures for tests on real hosts; load it with `pytest_plugins = ["mspctl.testing.pytest_lab"]`.

`lab` is one lab for the whole session; `lab_host` makes hosts in it that end with the test. Where the lab
cannot run, such tests are skipped with what is missing; with CI=true or MSPCTL_REQUIRE_LAB=1 they fail.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.testing.lab import Host, HostSpec, Lab, missing_requirements
from mspctl.testing.lab.base import base
from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.spec import FlavourName, Init

_FIXTURES = frozenset({"lab", "lab_host", "lab_hosts"})


class LabHosts:
    """Makes fresh hosts in the session's lab, by `hosts.make(HostSpec(…), …)`; they end with the test."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._made: list[Host] = []

    def make(self, *specs: HostSpec) -> tuple[Host, ...]:
        """The hosts of these specs, all booted at once."""
        made = self.lab.add_hosts(specs)
        self._made.extend(made)
        return made

    def __call__(self, spec: HostSpec) -> Host:
        """The host of one spec, booted."""
        return self.make(spec)[0]

    def end(self) -> None:
        """Remove what was made."""
        for host in self._made:
            self.lab.remove_host(host)
        self._made.clear()


def lab_cache(config: pytest.Config) -> Path:
    """Where the session keeps bases and labs: MSPCTL_LAB_FOLDER, or `.lab` in the project."""
    chosen = os.environ.get("MSPCTL_LAB_FOLDER")
    return Path(chosen) if chosen else config.rootpath / ".lab"


@pytest.fixture(scope="session")
def lab(pytestconfig: pytest.Config) -> Iterator[Lab]:
    """One lab for the session, at first without hosts."""
    with Lab.start(lab_cache(pytestconfig)) as started:
        yield started


@pytest.fixture
def lab_hosts(lab: Lab) -> Iterator[LabHosts]:
    """Makes fresh hosts for one test; `make` boots several at once."""
    hosts = LabHosts(lab)
    try:
        yield hosts
    finally:
        hosts.end()


@pytest.fixture
def lab_host(lab_hosts: LabHosts) -> LabHosts:
    """The same by the name that reads better for one host, which calling it makes."""
    return lab_hosts


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line("markers", "lab: needs root and the lab of real hosts (mspctl.testing.lab)")
    config.addinivalue_line(
        "markers", "lab_systemd: makes lab hosts with systemd, whose base is built beforehand"
    )
    config.addinivalue_line(
        "markers", "lab_flavours: makes dnf, zypper or pacman hosts, whose common base is built beforehand"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever uses a lab fixture bears the mark `lab`, so that `-m 'not lab'` is true to its word."""
    for item in items:
        if isinstance(item, pytest.Function) and _FIXTURES & set(item.fixturenames):
            item.add_marker("lab")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip by name, or fail where the lab is required."""
    if item.get_closest_marker("lab") is None:
        return
    rpms = item.get_closest_marker("lab_flavours") is not None
    missing = "; ".join(str(lack) for lack in missing_requirements(rpms=rpms))
    if missing and (
        os.environ.get("CI", "").lower() in {"true", "1"} or os.environ.get("MSPCTL_REQUIRE_LAB") == "1"
    ):
        pytest.fail(f"the lab is required here, but it lacks {missing}", pytrace=False)
    if missing:
        pytest.skip(f"the lab lacks {missing}")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build the bases before the first test, whose time limit is not meant for that."""
    wanted: dict[tuple[Init, FlavourName], bool] = {
        ("plain", "apt"): any(item.get_closest_marker("lab") for item in session.items),
        ("systemd", "apt"): any(item.get_closest_marker("lab_systemd") for item in session.items),
        ("plain", "dnf"): any(item.get_closest_marker("lab_flavours") for item in session.items),
    }
    if session.config.option.collectonly or not any(wanted.values()) or missing_requirements():
        return
    for (init, flavour), used in wanted.items():
        if used:
            base(Cache(lab_cache(session.config)), init, flavour)
