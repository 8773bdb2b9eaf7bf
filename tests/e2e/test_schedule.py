"""Schedules on the command line: what is shown, what is refused, and the units that systemd itself reads."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.cli import Cli

CLIENT = """\
client: acme
timezone: America/New_York
schedules:
  patch: {at: "Sun#2 02:30; Sat 23:00", run: patch --tag web, jitter: 40m}
  look: {every: 15m, run: "exec -- uptime"}
sites: {hq: {hosts: {web1: {address: 10.0.0.11, tags: [web]}}}}
"""


@pytest.fixture
def planned(tmp_path: Path) -> Cli:
    clients = tmp_path / "project" / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text("name: Local Services\n")
    (clients / "acme.yml").write_text(CLIENT)
    return Cli(tmp_path / "project", tmp_path / "state")


def test_units_are_what_systemd_understands(planned: Cli, tmp_path: Path) -> None:
    units = tmp_path / "units"
    assert planned("schedule", "install", "--units", str(units)).returncode == 0
    made = sorted(units.iterdir())
    assert [path.suffix for path in made] == [".service", ".timer"] * 2
    checked = subprocess.run(
        ["systemd-analyze", "verify", *map(str, made)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    calendars = [
        line.partition("=")[2]
        for path in made
        for line in path.read_text().splitlines()
        if line.startswith("OnCalendar=")
    ]
    assert calendars[0] == "*-*-* *:00,15,30,45:00 UTC"
    listed = planned.json("schedule", "list")["schedules"]
    assert [(each["schedule"], each["changed"]) for each in listed] == [("patch", False), ("look", False)]
    assert all(each["kept_since"] for each in listed)

    file = planned.project / "inventory" / "clients" / "acme.yml"
    file.write_text(CLIENT.replace("every: 15m", "every: 30m"))
    assert [each["changed"] for each in planned.json("schedule", "list")["schedules"]] == [False, True]
    file.write_text(CLIENT.replace("  look:", "  look2:"))
    planned("schedule", "install", "--units", str(units))
    names = [path.name for path in units.iterdir()]
    assert len(names) == 4
    assert not any("-look." in name for name in names)
    assert planned("schedule", "remove", "--units", str(units)).returncode == 0
    assert list(units.iterdir()) == []


def test_the_next_times_are_the_clients(planned: Cli) -> None:
    found = planned.json("schedule", "next", "-n", "700")["next"]
    assert [each["at"] for each in found] == sorted(each["at"] for each in found)
    patches = {each["local"][11:13] for each in found if each["schedule"] == "patch"}
    assert "23" in patches
    assert patches <= {"23", "02", "03"}
    told = planned("schedule", "next").stdout
    assert " EST " in told or " EDT " in told
    assert "exec -- uptime" in planned("schedule", "list").stdout


def test_a_schedule_that_nothing_keeps_is_not_called_kept(planned: Cli, tmp_path: Path) -> None:
    names = [f"acme/{each['schedule']}" for each in planned.json("schedule", "list")["schedules"]]
    told = planned("schedule", "missed").stderr
    assert told == f"nothing on this machine keeps {', '.join(names)}; `mspctl schedule install` would\n"
    assert planned.json("schedule", "missed") == {"missed": [], "not_kept": names}
    planned("schedule", "install", "--units", str(tmp_path / "units"))
    assert planned("schedule", "missed").stderr == "every time was kept\n"


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ("ptach", "mspctl has no command `ptach`"),
        ("doctor", "`mspctl doctor` is not for one client"),
        ("patch --tga web", "No such option"),
        ("health --help", "would only explain itself"),
        ("backup prov", "`mspctl backup` has no command `prov`"),
        ("report send", "Missing option '--month'"),
    ],
)
def test_what_is_no_call_is_refused_when_it_is_installed(planned: Cli, run: str, problem: str) -> None:
    file = planned.project / "inventory" / "clients" / "acme.yml"
    file.write_text(CLIENT.replace("run: patch --tag web", f"run: {run}"))
    done = planned("schedule", "install", "--print")
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert "acme.yml:4:3: schedules.patch.run: " in done.stderr
    assert problem in done.stderr


def test_a_password_does_not_get_into_the_crontab(planned: Cli) -> None:
    url = "postgresql+psycopg://ops:hunter2@db/log"
    done = planned("--database", url, "schedule", "install", "--units", "/nonexistent")
    assert (done.returncode, "hunter2" in done.stderr, "PGPASSFILE" in done.stderr) == (2, False, True)
