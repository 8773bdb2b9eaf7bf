"""Schedules kept by a real systemd, from the inventory to the run log."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.cli import Cli, wait_until
from tests.integration.schedule.projects import kept_since, local_project, runs
from tests.integration.schedule.systemdbox import SystemdBox, lacking

pytestmark = [pytest.mark.xdist_group("this machine"), pytest.mark.timeout(480)]


@pytest.fixture
def project(tmp_path: Path) -> Cli:
    made = local_project(tmp_path)
    file = made.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace("every: 1m", "every: 1h"))  # a minute is soon over
    return made


@pytest.fixture
def box(tmp_path: Path) -> Iterator[SystemdBox]:
    missing = lacking()
    if missing and os.environ.get("CI"):
        pytest.fail(f"continuous integration must run this, but lacks {missing}", pytrace=False)
    if missing:
        pytest.skip(f"this machine lacks {missing}")
    with SystemdBox(tmp_path) as running:
        yield running


def test_systemd_keeps_what_the_inventory_says(project: Cli, box: SystemdBox) -> None:
    def mspctl(*arguments: str) -> str:
        done = box.run(*project.argv, *arguments, environment=project.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def timers() -> list[str]:
        said = box.systemctl("list-unit-files", "mspctl-*.timer", "--no-legend", "--plain").stdout
        return [line.split()[0] for line in said.splitlines() if line.split()[1] == "enabled"]

    assert mspctl("schedule", "install", "--systemd") == "3 schedules of 1 clients are kept\n"
    found = {name.rpartition("-")[2]: name for name in timers()}
    assert set(found) == {"good.timer", "bad.timer", "later.timer"}
    assert box.systemctl("is-active", *found.values()).stdout.split() == ["active"] * 3
    coming = box.systemctl("list-timers", "--all", "--no-legend", found["good.timer"]).stdout
    assert coming.split()[-1] == found["good.timer"].replace(".timer", ".service")

    kept_since(project, datetime.now(UTC) - timedelta(hours=6))
    for name in (found["good.timer"], found["bad.timer"]):  # as after a night in which the machine was off
        box.systemctl("stop", name)
        stamp = f"/var/lib/systemd/timers/stamp-{name}"
        box.run("touch", "-d", "yesterday", stamp, environment=project.environment)
        box.systemctl("start", name)
    wait_until(lambda: bool(runs(project)), "a run")
    good, bad = (found[name].replace(".timer", ".service") for name in ("good.timer", "bad.timer"))
    wait_until(lambda: box.systemctl("is-failed", bad).stdout == "failed\n", "a failed service")
    box.systemctl("stop", *found.values())
    wait_until(lambda: box.systemctl("is-active", good).stdout == "inactive\n", "the end of the service")
    wait_until(lambda: box.systemctl("is-failed", bad).stdout == "failed\n", "the end of the other one")
    assert "status=2" in box.systemctl("status", bad).stdout
    assert "status=0/SUCCESS" in box.systemctl("status", good).stdout
    kept = runs(project)
    assert [run["counts"] for run in kept] == [{"ok": 1}] * len(kept)
    assert len(kept) <= 2, "of six hours one is made up for; the next may have begun meanwhile"

    mspctl("schedule", "remove", "--systemd")
    assert timers() == []
    assert "mspctl-" not in box.systemctl("list-timers", "--all", "--no-legend").stdout
