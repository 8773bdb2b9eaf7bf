"""kill -9 of mspctl, a cut link, a power cut in the middle of an upgrade: each ends in the right verdict."""

from pathlib import Path

import pytest

from mspctl.testing.lab import Mode
from mspctl.testing.pytest_lab import LabHosts
from mspctl.testing.sshd import asked_to_be_let_in
from tests.e2e.cli import ended, wait_until
from tests.e2e.interrupted import LINES, SlowNight, slow_night

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


@pytest.fixture
def night(lab_hosts: LabHosts, tmp_path: Path) -> SlowNight:
    return slow_night(lab_hosts, tmp_path)


def test_a_killed_mspctl_is_resumed(night: SlowNight) -> None:
    night.kill(night.begin())
    assert night.row()["outcome"] is None
    resumed = night.cli("runs", "resume", "last")
    assert (resumed.returncode, resumed.stdout, resumed.stderr) == (0, "", "")
    assert night.row()["outcome"] == "changed"
    night.assert_every_line_once()
    night.assert_upgraded_once()
    night.assert_log_is_sound()


def test_a_cut_link_needs_nobody(night: SlowNight) -> None:
    process = night.begin()
    night.proxy.cut()
    assert ended(process) == (0, "", "")
    assert night.row()["outcome"] == "changed"
    night.assert_every_line_once()
    night.assert_upgraded_once()
    night.assert_log_is_sound()


def test_a_link_that_stays_away_is_lost_and_then_collected(night: SlowNight) -> None:
    process = night.begin()
    night.proxy.set_mode(Mode.RESET)
    status, _, _ = ended(process)
    row = night.row()
    assert (status, row["outcome"], row["reason"]) == (1, "lost", "link-lost")
    lost = night.cli.last()["run"]
    night.proxy.set_mode(Mode.PASS)
    resumed = night.cli("runs", "resume", lost)
    assert resumed.returncode == 0
    assert night.row()["outcome"] == "changed"
    assert night.cli.json("runs", "show", lost)["hosts"][0]["outcome"] == "lost"
    night.assert_every_line_once()
    night.assert_upgraded_once()
    night.assert_log_is_sound()


def test_a_power_cut_is_told_and_a_rerun_repairs(night: SlowNight) -> None:
    process = night.begin()
    night.host.power_cut()
    night.host.boot()
    status, _, _ = ended(process)
    row = night.row()
    assert (status, row["outcome"], row["reason"]) == (1, "failed", "interrupted")
    again = night.cli("patch", "--client", "acme")
    assert again.returncode == 0
    assert night.row()["outcome"] == "changed"
    night.assert_log_is_sound()


def test_a_power_cut_behind_the_back_of_a_killed_mspctl(night: SlowNight) -> None:
    night.kill(night.begin())
    night.host.power_cut()
    night.host.boot()
    resumed = night.cli("runs", "resume", "last")
    row = night.row()
    assert (resumed.returncode, row["outcome"], row["reason"]) == (1, "failed", "interrupted")
    night.assert_log_is_sound()


def test_a_changed_host_key_ends_a_resumption(night: SlowNight) -> None:
    """F7 by sshd's own log (H1 looks at the bytes); the work goes on, and the next night finds it done."""
    night.kill(night.begin())
    assert asked_to_be_let_in(night.host.sshd_log)
    with night.host.faults.host_key_changed():
        before = len(night.host.sshd_log)
        refused = night.cli("runs", "resume", "last")
        row = night.row()
        assert (refused.returncode, row["reason"]) == (1, "host-key-changed")
        assert row["outcome"] == "lost", "something was begun there: the host was not just out of reach"
        assert "work was begun on the host before" in row["detail"]
        asked = night.host.sshd_log[before:]
        assert "Connection from" in asked
        assert asked_to_be_let_in(asked) == []
    night.assert_log_is_sound()
    wait_until(lambda: not night.printed(1) or night.printed(LINES), "the end of the upgrade")
    after = night.cli("patch", "--client", "acme")
    assert (after.returncode, night.row()["outcome"]) == (0, "ok")
    night.assert_package_once()
    night.assert_log_is_sound()
