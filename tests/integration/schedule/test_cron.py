"""Schedules kept by a real cron, from the inventory to the run log."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.cli import Cli, wait_until
from tests.integration.schedule.cronbox import CronBox, lacking
from tests.integration.schedule.projects import kept_since, local_project, runs

pytestmark = [pytest.mark.xdist_group("this machine"), pytest.mark.slow, pytest.mark.timeout(480)]

FOREIGN = "MAILTO=root\n# mine\n5 4 * * * /bin/true 100\\%\n"


@pytest.fixture
def project(tmp_path: Path) -> Cli:
    return local_project(tmp_path)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[CronBox]:
    missing = lacking() or ("" if os.geteuid() == 0 else "root")
    if missing and os.environ.get("CI"):
        pytest.fail(f"continuous integration must run this, but lacks {missing}", pytrace=False)
    if missing:
        pytest.skip(f"this machine lacks {missing}")
    with CronBox(tmp_path / "box") as running:
        yield running


def test_cron_keeps_what_the_inventory_says(project: Cli, box: CronBox) -> None:
    def crontab(*arguments: str, text: str = "") -> str:
        return box.run("crontab", *arguments, environment=project.environment, text=text).stdout

    def mspctl(*arguments: str) -> str:
        done = box.run(*project.argv, *arguments, environment=project.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    crontab("-", text=FOREIGN)
    assert mspctl("schedule", "install") == "3 schedules of 1 clients are kept\n"
    table = crontab("-l")
    assert table.startswith(FOREIGN)
    assert table[len(FOREIGN) :] == mspctl("schedule", "install", "--print")
    mspctl("schedule", "install")
    assert crontab("-l") == table, "a second time changes nothing"

    kept_since(project, datetime.now(UTC) - timedelta(minutes=1))
    began = datetime.now(UTC)
    wait_until(lambda: "names a host that is not there: `nobody`" in box.mail, "a mail")
    wait_until(lambda: bool(runs(project)), "a run")
    time.sleep(6)  # cron believes that a minute and a half pass
    kept = runs(project)
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    assert len(kept) <= minutes + 2, "each time once, however often cron looks"
    assert {each["counts"].get("ok") for each in kept} == {1}
    assert "hello" not in box.mail, "cron has nothing to send about a run that succeeds"

    missed = {each["schedule"]: each for each in project.json("schedule", "missed")["missed"]}
    assert (missed["bad"]["what"], missed["bad"]["exit_code"]) == ("failed", 2)
    assert "good" not in missed
    mspctl("schedule", "remove")
    assert crontab("-l") == FOREIGN
    assert all(each["kept_since"] is None for each in project.json("schedule", "list")["schedules"])
