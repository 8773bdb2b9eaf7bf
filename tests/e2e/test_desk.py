"""A call from its beginning to the line of the bill, through the real command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli

CONTRACT = """
contract:
  plan: break_fix
  from: 2026-01-01
  currency: EUR
  labour: {rate: 95, skills: {senior: 120}, increment: 15m, minimum: 30m}
  travel: {per_km: 0.50}
  surcharges: {after_hours: 1.5}
  hours: {business: "Mon-Fri 08:00-17:30"}
  sla: {P1: {respond: 30m, resolve: 4h, clock: 24x7, hold: [client, maker]}}
  third_parties: [{name: backup, cost: 7, retail: 10}]
"""


def test_a_call_with_its_runs_becomes_a_line(cli: Cli) -> None:
    file = cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text(encoding="utf-8") + CONTRACT, encoding="utf-8")
    then = datetime.now(UTC) - timedelta(minutes=45)
    asked, month = f"{then:%Y-%m-%dT%H:%MZ}", f"{then.astimezone(ZoneInfo('Europe/Berlin')):%Y-%m}"
    began = cli.json("call", "start", "acme", "-m", "mail  down", "--priority", "P1", "--asked", asked)
    assert began["call"] == 1
    assert cli("run", "say", "--client", "acme").returncode == 0
    noted = cli("call", "note", "-m", "the queue was full")
    assert noted.stdout.startswith("call 1, acme, mail down: noted"), noted.stderr
    assert cli("call", "stop", "--km", "30", "--cause", "queue-full").returncode == 0
    late, solved = cli.json("sla", "--client", "acme", "--month", month)["promises"]
    assert (late["goal"], late["state"], late["over_seconds"] >= 15 * 60) == ("respond", "breached", True)
    assert [moment["what"] for moment in late["evidence"]] == ["started", "noted", "stopped"]
    assert (solved["goal"], solved["state"]) == ("resolve", "met")
    shown = cli.json("call", "show", "1")
    assert [run["playbook"] for run in shown["runs"]] == ["say"]
    assert [note["text"] for note in shown["notes"]] == ["the queue was full"]
    told = ("--reason", "on the phone until then", "--minutes", "46", "--start", "2026-05-04T10:00+02:00")
    edited = cli.json("call", "edit", "1", *told, "--skill", "senior")
    assert (edited["seconds"], edited["raw"]) == (46 * 60, shown["raw"])
    (bill,) = cli.json("invoice", "draft", "--client", "acme", "--month", "2026-05")["bills"]
    assert [(line["kind"], line["net"]) for line in bill["lines"]] == [
        ("labour", "120.00"),
        ("travel", "15.00"),
    ]
    assert bill["total"] == "135.00"


@pytest.mark.lab
@pytest.mark.timeout(360)
def test_a_patch_belongs_to_the_call_that_is_open(lab_hosts: LabHosts, tmp_path: Path) -> None:
    host = lab_hosts(HostSpec("web1", ("web",)))
    cli = Cli(write_project(lab_hosts.lab, tmp_path / "project", [entry(host)]), tmp_path / "state")
    assert cli("call", "start", "acme", "-m", "the shop has a hole", "--ticket", "4711").returncode == 0
    assert cli("patch", "--client", "acme", "--check").returncode == 0
    assert cli("patch", "--client", "acme").returncode == 0
    assert cli("call", "stop", "-m", "patched").returncode == 0
    shown = cli.json("call", "show", "1")
    assert [(run["playbook"], run["check_mode"]) for run in shown["runs"]] == [
        ("patch", True),
        ("patch", False),
    ]
    told = cli("call", "write", "1").stdout
    for part in (
        "ticket 4711",
        "patch (dry run)\n",
        "- acme/web1: changed",
        "lab-web: 1.0 -> 1.1",
        "patched",
    ):
        assert part in told, told
    assert "Before and after, as the runs saw it:" in told
    draft = cli("call", "write", "1", "--for", "knowledge").stdout
    assert "lab-web" in draft
    assert "acme" not in draft
