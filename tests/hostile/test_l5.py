"""L5: kill -9 at any point: after a resume the run is whole, true, and the next cron needs no human."""

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import pytest

from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli
from tests.e2e.interrupted import SlowNight, slow_night

SEED = int(os.environ.get("MSPCTL_SOAK_SEED", "5"))
KILLS = int(os.environ.get("MSPCTL_SOAK_KILLS", "10"))


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds after the run log had `event` for the `count`th time; after the start with no event."""

    event: str
    count: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.event or 'start'} {self.count} + {self.seconds}"

    def wait(self, cli: Cli) -> None:
        """Until it is there: on a busy machine later, but in the same part of the night."""
        if self.event:
            cli.await_event(self.event, self.count)
        time.sleep(self.seconds)


PLAIN = (
    Moment("", 0, 1.5),
    Moment("planned", 1, 0.5),
    Moment("connected", 1, 0.5),
    Moment("bundle-started", 1, 0.5),
    Moment("step-started", 5, 5.0),  # the upgrade, for as long as it takes
    Moment("step-ended", 5, 1.0),
    Moment("host-ended", 1, 0.2),
)
REBOOT = (*PLAIN, Moment("rebooting", 1, 3.0), Moment("reboot-up", 1, 1.0))


def moments(places: Sequence[Moment], count: int) -> list[Moment]:
    """Each part of the night in turn, at a moment in it that the seed chooses."""
    chance = random.Random(f"{SEED} {places[0]}")  # noqa: S311 - moments, not secrets
    chosen = islice(cycle(places), count)
    return [replace(each, seconds=round(chance.uniform(0, each.seconds), 2)) for each in chosen]


RESUMED = [
    *((moment, "always") for moment in moments(REBOOT[::-1], KILLS // 2)),
    *((moment, "never") for moment in moments((*PLAIN[3:], *PLAIN[:3]), KILLS // 4)),
]


@pytest.mark.lab
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("moment", "reboot"), RESUMED, ids=str)
def test_l5(lab_hosts: LabHosts, tmp_path: Path, moment: Moment, reboot: str) -> None:
    check(slow_night(lab_hosts, tmp_path, user="admin"), moment, reboot)


@pytest.mark.lab
@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", moments(PLAIN, KILLS - len(RESUMED)), ids=str)
def test_l5_the_next_night_comes_by_itself(lab_hosts: LabHosts, tmp_path: Path, moment: Moment) -> None:
    """F8: nobody resumes. The host may still be at work for the dead run: that keeps the next away (F5)."""
    night = slow_night(lab_hosts, tmp_path, user="admin")
    killed(night, moment, "never")
    for _ in range(4):
        after = night.cli("patch", "--client", "acme")
        night.assert_log_is_sound()
        row = night.row()
        if row["reason"] != "locked":
            break
        assert row["outcome"] == "skipped"
    assert after.returncode == 0, after.stdout
    assert row["outcome"] in {"ok", "changed"}
    night.assert_package_once()
    night.assert_no_secret(after.stdout, after.stderr)


def check(night: SlowNight, moment: Moment, reboot: str) -> None:
    """Kill at the moment, resume, and hold the invariants against log, files and host."""
    before = night.host.boot_id
    killed(night, moment, reboot)
    runs = night.cli.json("runs", "list")["runs"] if (night.cli.state / "mspctl" / "runs.db").exists() else []
    if runs and night.row()["outcome"] is None:
        resumed = night.cli("runs", "resume", "last")
        row = night.row()
        assert (row["outcome"], resumed.returncode) == ("changed", 0), row
        assert (night.host.boot_id != before) is (reboot == "always")
        night.assert_every_line_once()
    night.assert_log_is_sound()
    time.sleep(0.1)
    after = night.cli("patch", "--client", "acme")
    assert after.returncode == 0, after.stdout
    assert night.row()["outcome"] in {"ok", "changed"}
    night.assert_upgraded_once()
    night.assert_log_is_sound()
    night.assert_no_secret(after.stdout, after.stderr)


def killed(night: SlowNight, moment: Moment, reboot: str) -> None:
    """A patch run that is killed at the moment, if it has not ended before; it has told no secret."""
    process = night.cli.start("patch", "--client", "acme", "-e", f"reboot={reboot}")
    moment.wait(night.cli)
    process.kill()
    out, err = process.communicate()
    assert night.secret.encode() not in out + err
