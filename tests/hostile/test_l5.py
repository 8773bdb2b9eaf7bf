"""L5: kill -9 at any point: after a resume the run is whole, true, and the next cron needs no human."""

import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.interrupted import SlowNight, slow_night

SEED = int(os.environ.get("MSPCTL_SOAK_SEED", "5"))
KILLS = int(os.environ.get("MSPCTL_SOAK_KILLS", "10"))


def moments(count: int) -> list[tuple[float, str]]:
    """Seconds after the start, seeded: within start-up, the connection, the upgrade, the reboot and the end.

    Every second run reboots its host.
    """
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    kinds = [(7.5, "never") if number % 2 else (11.0, "always") for number in range(count)]
    return [(round(chance.uniform(0.05, longest), 2), reboot) for longest, reboot in kinds]


@pytest.mark.lab
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("moment", "reboot"), [each for i, each in enumerate(moments(KILLS)) if i % 4 != 1])
def test_l5(lab_hosts: LabHosts, tmp_path: Path, moment: float, reboot: str) -> None:
    check(slow_night(lab_hosts, tmp_path, user="admin"), moment, reboot)


@pytest.mark.lab
@pytest.mark.timeout(120)
@pytest.mark.parametrize("moment", [moment for moment, _ in moments(KILLS)[1::4]])
def test_l5_the_next_night_comes_by_itself(lab_hosts: LabHosts, tmp_path: Path, moment: float) -> None:
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


def check(night: SlowNight, moment: float, reboot: str) -> None:
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


def killed(night: SlowNight, moment: float, reboot: str) -> None:
    """A patch run that is killed at the moment, if it has not ended before; it has told no secret."""
    process = night.cli.start("patch", "--client", "acme", "-e", f"reboot={reboot}")
    try:
        out, err = process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    assert night.secret.encode() not in out + err
