"""Of the package managers' libraries only those travel that a host may need."""

from pathlib import Path

import pytest

from mspctl.engine.compile_libraries import libraries_for
from mspctl.library.folders import open_library
from tests.unit.compiling import Project, host

ALL = ("output", "pm", "policy", "apt", "aptscan", "dnf", "zypper", "pacman", "apk", "stale", "reboot")
SHARED = ("output", "pm", "policy", "stale", "reboot")


@pytest.mark.parametrize(
    ("os", "own"),
    [
        ("debian", ("apt", "aptscan")),
        ("Ubuntu 24.04", ("apt", "aptscan")),
        ("rocky9", ("dnf",)),
        ("almalinux", ("dnf",)),
        ("opensuse-leap", ("zypper",)),
        ("sles15", ("zypper",)),
        ("arch", ("pacman",)),
        ("alpine", ("apk",)),
    ],
)
def test_a_known_system_has_one(os: str, own: tuple[str, ...]) -> None:
    assert set(libraries_for(ALL, os)) == {*SHARED, *own}


@pytest.mark.parametrize("os", [None, "", "linux", "gentoo"])
def test_an_unknown_one_gets_them_all(os: str | None) -> None:
    assert libraries_for(ALL, os) == ALL


def test_the_shipped_modules_name_them_all() -> None:
    library = open_library(None)
    assert set(ALL) <= set(library.module("packages").libraries)
    assert set(ALL) <= set(library.module("updates").libraries)


def test_bundles_hold_what_their_host_may_need(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.playbook("steps:\n  - {name: Look, module: updates}\n")
    known, unknown = project.compile(host("a", os="rocky"), host("b")).bundles
    assert set(known.libraries) < set(unknown.libraries)
    assert project.library().shell("lib/apt") not in known.libraries
    assert known.digest != unknown.digest
