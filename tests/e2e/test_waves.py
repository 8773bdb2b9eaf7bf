"""Waves, gates and dependencies of the inventory, through the command line, on real hosts."""

import json
from pathlib import Path

import pytest

from mspctl.testing.lab import CountingProxy, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
POLICY = """\
patching:
  waves:
    - {name: canary, tags: [canary]}
    - {name: rest}
"""
ORDER = {
    "web1": "never_together: pair, runs_on: hv1",
    "web2": "never_together: pair, runs_on: hv1",
}


@pytest.fixture
def night(lab_hosts: LabHosts, tmp_path: Path) -> tuple[Cli, dict[str, CountingProxy], LabHosts]:
    hosts = lab_hosts.make(
        HostSpec("hv1", ("ssl",)),
        HostSpec("web1", ("web",)),
        HostSpec("web2", ("web",)),
        HostSpec("can1", ("broken",)),
    )
    proxies = {host.name: lab_hosts.lab.proxy(host) for host in hosts}
    entries = [
        entry(host, proxy=proxies[host.name], tags=["canary"] if host.name == "can1" else [])
        for host in hosts
    ]
    project = write_project(lab_hosts.lab, tmp_path / "project", entries)
    file = project / "inventory" / "clients" / "acme.yml"
    text = file.read_text().replace("sites:\n", f"{POLICY}sites:\n", 1)
    for name, keys in ORDER.items():
        text = text.replace(f"      {name}: {{", f"      {name}: {{{keys}, ")
    file.write_text(text)
    return Cli(project, tmp_path / "state"), proxies, lab_hosts


def test_a_bad_canary_stops_the_night_and_a_mended_one_lets_it_go_in_order(
    night: tuple[Cli, dict[str, CountingProxy], LabHosts],
) -> None:
    cli, proxies, lab_hosts = night
    shown = cli("plan", "patch", "--client", "acme").stdout
    assert "  canary: acme/can1 (100% have to end well)\n" in shown
    assert "  acme/hv1 after acme/web1, acme/web2\n" in shown
    assert "  never together: acme/web1, acme/web2\n" in shown

    stopped = cli("patch", "--client", "acme")
    assert stopped.returncode == 1
    rows = {row["host"]: row for row in cli.last()["hosts"]}
    assert rows["can1"]["outcome"] == "failed"
    assert rows["can1"]["wave"] == "canary"
    for name in ("hv1", "web1", "web2"):
        assert (rows[name]["outcome"], rows[name]["reason"]) == ("skipped", "gate")
        assert proxies[name].traffic.connections == 0
    assert "wave canary ended badly" in stopped.stdout
    assert "(can1: failed (step-failed))" in stopped.stdout

    lab_hosts.lab.host("can1").write_file("/etc/lab-broken-repaired", "")
    # Again means the canary and those that did not get their turn for it.
    assert cli("runs", "resume", "last", "--failed").returncode == 0
    run = cli.last()
    assert run["counts"] == {"changed": 4}
    begun, ended = dict[str, int](), dict[str, int]()
    for number, line in enumerate(map(json.loads, cli.journal())):
        if line["run"] == run["run"] and line["event"] in {"host-started", "host-ended"}:
            (begun if line["event"] == "host-started" else ended)[line["host"].partition("/")[2]] = number
    assert ended["can1"] < min(begun[name] for name in ("hv1", "web1", "web2"))
    assert ended["web1"] < begun["web2"]
    assert max(ended["web1"], ended["web2"]) < begun["hv1"]


def test_a_dependent_host_is_skipped_when_what_it_waits_for_went_wrong(
    night: tuple[Cli, dict[str, CountingProxy], LabHosts],
) -> None:
    cli, proxies, lab_hosts = night
    lab_hosts.lab.host("web1").power_cut()
    lab_hosts.lab.host("can1").write_file("/etc/lab-broken-repaired", "")
    assert cli("patch", "--client", "acme").returncode == 1
    rows = {row["host"]: row for row in cli.last()["hosts"]}
    assert [rows[name]["outcome"] for name in ("can1", "web1", "web2", "hv1")] == [
        "changed",
        "unreachable",
        "skipped",
        "skipped",
    ]
    assert {rows[name]["reason"] for name in ("web2", "hv1")} == {"dependency"}
    assert rows["web2"]["detail"].startswith("web1 of the same group, pair, ended unreachable")
    assert rows["hv1"]["detail"].startswith("it comes after web1, which ended unreachable")
    assert proxies["web2"].traffic.connections == proxies["hv1"].traffic.connections == 0
