"""A project on this machine whose schedules cron or systemd is to keep."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from mspctl.testing.localproject import SAY_MODULE, SAY_PLAYBOOK, SAY_SCRIPT
from tests.e2e.cli import Cli

CLIENT = """\
client: acme
timezone: Pacific/Chatham
schedules:
  good: {every: 1m, run: run say}
  bad: {every: 1m, run: run say --limit nobody}
  later: {at: "Sun#2 02:30", run: "report --month 2026-10", jitter: 30m}
sites: {hq: {hosts: {here: {connection: local}}}}
"""


def local_project(place: Path) -> Cli:
    """The command line on such a project."""
    folder = place / "project"
    for name, text in {
        "inventory/mspctl.yml": "name: Local Services\n",
        "inventory/clients/acme.yml": CLIENT,
        "playbooks/say.yml": SAY_PLAYBOOK,
        "templates/modules/say/module.yml": SAY_MODULE,
        "templates/modules/say/posix.sh.j2": SAY_SCRIPT,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Cli(folder, place / "state")


def kept_since(project: Cli, at: datetime) -> None:
    """Or the test would wait for the next full minute."""
    with closing(sqlite3.connect(project.state / "mspctl" / "runs.db")) as connection, connection:
        connection.execute("UPDATE installed SET since = ?", (f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",))


def runs(project: Cli) -> list[dict[str, dict[str, int]]]:
    """Those that have ended."""
    found: list[dict[str, dict[str, int]]] = project.json("runs", "list")["runs"]
    return [each for each in found if each["counts"]]
