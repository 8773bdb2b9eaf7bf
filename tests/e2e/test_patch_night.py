"""The main job on a healthy, a broken and an unreachable host: all that can be read of it agrees."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mspctl.testing.lab import HostSpec, Lab
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli

TRUTH = {"web1": "changed", "db1": "failed", "nas1": "unreachable"}
pytestmark = [pytest.mark.lab, pytest.mark.timeout(360)]


@dataclass(frozen=True, slots=True)
class Night:
    """Three hosts, each with an update pending; db1's fails, nas1 has no power."""

    cli: Cli
    lab: Lab

    def versions(self, host: str) -> dict[str, str]:
        """What dpkg says there, past mspctl: package → version and state."""
        shape = "${Package} ${Version} ${db:Status-Abbrev}\\n"
        told = self.lab.host(host).run_inside(["dpkg-query", "-W", "-f", shape, "lab-*"]).stdout
        rows = (line.split() for line in told.splitlines())
        return {row[0]: " ".join(row[1:]) for row in rows if len(row) == 3}

    def outcomes(self, run: Any) -> dict[str, str]:  # noqa: ANN401 - a JSON document
        return {host["host"]: host["outcome"] for host in run["hosts"]}


@pytest.fixture
def night(lab_hosts: LabHosts, tmp_path: Path) -> Night:
    hosts = lab_hosts.make(
        HostSpec("web1", packages=("web", "ssl")),
        HostSpec("db1", packages=("broken", "ssl")),
        HostSpec("nas1", packages=("web",)),
    )
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host) for host in hosts])
    hosts[2].power_cut()
    return Night(Cli(project, tmp_path / "state"), lab_hosts.lab)


def test_everything_that_can_be_read_says_the_same(night: Night) -> None:
    screen = night.cli("patch", "--client", "acme")
    run = night.cli.last()

    assert screen.returncode == 1
    assert night.outcomes(run) == TRUTH
    assert run["counts"] == {"changed": 1, "failed": 1, "unreachable": 1}
    assert run["pending"] == 0

    assert screen.stderr == ""
    assert "3 hosts: 1 changed, 1 failed, 1 unreachable (exit 1)" in screen.stdout
    assert re.findall(r"^(\S+): (failed|unreachable|changed)", screen.stdout, re.MULTILINE) == [
        ("db1", "failed"),
        ("nas1", "unreachable"),
    ]
    assert "lab-broken: the new configuration does not load" in screen.stdout

    assert night.versions("web1")["lab-web"] == "1.1 ii"
    assert night.versions("web1")["lab-ssl"] == "1.1 ii"
    assert night.versions("db1")["lab-broken"] == "1.1 iF"
    night.lab.host("nas1").boot()
    assert night.versions("nas1")["lab-web"] == "1.0 ii"

    hosts = {host["host"]: host for host in run["hosts"]}
    changed = {change["name"] for step in hosts["web1"]["steps"] for change in step["changes"]}
    assert changed == {"lab-web", "lab-ssl"}
    assert hosts["web1"]["round_trips"] <= 3
    assert hosts["nas1"]["steps"] == []

    lines = [json.loads(line) for line in night.cli.journal()]
    ended = {line["host"]: line["outcome"] for line in lines if line["event"] == "host-ended"}
    assert ended == {f"acme/{host}": outcome for host, outcome in TRUTH.items()}
    assert night.cli("runs", "verify").returncode == 0
    assert_report_agrees(night)


def assert_report_agrees(night: Night) -> None:
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    call = ("report", "--client", "acme", "--month", month)
    told = night.cli.json(*call)
    hosts = {host["host"]: host for host in told["hosts"]}
    assert {name: host["state"] for name, host in hosts.items()} == {
        "web1": "current",
        "db1": "failed",
        "nas1": "not-seen",
    }
    assert sum(told["states"].values()) == told["hosts_total"] == 3
    assert told["scan_ages"]["current"] == {"youngest_days": 0, "oldest_days": 0, "without": 0}
    assert told["scan_ages"]["not-seen"]["without"] == 1
    assert hosts["web1"]["support"]["extended"] >= "2028-06-30"
    assert hosts["nas1"]["support"] == {"state": "not-known"}
    written = night.cli(*call, "--output", str(night.cli.state))
    assert written.returncode == 0
    page = (night.cli.state / f"acme-{month}.html").read_text(encoding="utf-8")
    assert all(host in page for host in TRUTH)
    assert "lab-broken" in page


def test_once_mended_the_bad_hosts_alone_run_again_and_all_is_well(night: Night) -> None:
    assert night.cli("patch", "--client", "acme").returncode == 1
    first = night.cli.last()["run"]
    night.lab.host("db1").write_file("/etc/lab-broken-repaired", "")
    night.lab.host("nas1").boot()
    again = night.cli("runs", "resume", first, "--failed")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert night.outcomes(night.cli.last()) == {"db1": "changed", "nas1": "changed"}
    assert night.versions("db1")["lab-broken"] == "1.1 ii"
    assert night.versions("nas1")["lab-web"] == "1.1 ii"
    assert night.cli("patch", "--client", "acme").returncode == 0
    assert night.cli.last()["counts"] == {"ok": 3}


def test_a_dry_run_foretells_what_the_real_run_does(night: Night) -> None:
    foretold = night.cli.json("patch", "--client", "acme", "--limit", "web1", "--check")
    assert night.versions("web1")["lab-web"] == "1.0 ii"
    done = night.cli.json("patch", "--client", "acme", "--limit", "web1")
    assert changes(foretold) == changes(done) == {"lab-web", "lab-ssl"}


def changes(run: Any) -> set[str]:  # noqa: ANN401 - a JSON document
    return {change["name"] for host in run["hosts"] for step in host["steps"] for change in step["changes"]}
