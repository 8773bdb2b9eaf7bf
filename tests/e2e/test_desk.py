"""A call from its beginning to the line of the bill, through the real command line."""

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
"""


def test_a_call_with_its_runs_becomes_a_line(cli: Cli) -> None:
    file = cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text(encoding="utf-8") + CONTRACT, encoding="utf-8")
    assert cli.json("call", "start", "acme", "-m", "mail  down", "--priority", "P1")["call"] == 1
    assert cli("run", "say", "--client", "acme").returncode == 0
    noted = cli("call", "note", "-m", "the queue was full")
    assert noted.stdout.startswith("call 1, acme, mail down: noted"), noted.stderr
    assert cli("call", "stop", "--km", "30").returncode == 0
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
