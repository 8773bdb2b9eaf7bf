"""One patch night through the command line on a host of each package manager, and one more after it."""

from pathlib import Path
from typing import Any

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(180)]

FLEET: tuple[tuple[str, FlavourName], ...] = (
    ("deb1", "apt"),
    ("rpm1", "dnf"),
    ("suse1", "zypper"),
    ("arch1", "pacman"),
)
PACKAGES = ("newdep", "ssl", "web", "held")


def _changes(host: Any) -> set[str]:  # noqa: ANN401 - a JSON document
    return {change["name"] for step in host["steps"] for change in step["changes"]}


def test_a_mixed_fleet_is_patched_and_stays_so(lab_hosts: LabHosts, tmp_path: Path) -> None:
    hosts = lab_hosts.make(*(HostSpec(name, PACKAGES, flavour=flavour) for name, flavour in FLEET))
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host) for host in hosts])
    cli = Cli(project, tmp_path / "state")

    first = cli("patch", "--client", "acme")
    run = cli.last()
    assert first.returncode == 0, first.stdout + first.stderr
    assert {host["host"]: host["outcome"] for host in run["hosts"]} == dict.fromkeys(dict(FLEET), "changed")
    for host in run["hosts"]:
        assert _changes(host) == {"lab-newdep", "lab-extra", "lab-ssl", "lab-web"}, host["host"]
        assert host["round_trips"] <= 3

    second = cli("patch", "--client", "acme")
    run = cli.last()
    assert second.returncode == 0, second.stdout + second.stderr
    assert {host["host"]: host["outcome"] for host in run["hosts"]} == dict.fromkeys(dict(FLEET), "ok")
    assert not any(_changes(host) for host in run["hosts"])
