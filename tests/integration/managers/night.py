"""A patch night on a host with all that a night may meet, and a second one right after."""

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.testing import lab
from tests.integration.modules.runner import Result, run, run_one
from tests.integration.modules.samples import Use

REFRESH = Use("packages", {"action": "refresh"})
UPGRADE = Use("packages", {"action": "upgrade"})
LIST = Use("packages", {"action": "list"})
COME = {"lab-web", "lab-ssl", "lab-newdep", "lab-extra", "lab-kernel", "lab-conf"}
"""What an upgrade without leave to remove anything changes."""


def patch_night(host: lab.Host) -> Result:
    """The upgrade, which changed what was forecast; lab-conf's file had been edited. One more is quiet."""
    host.write_file("/etc/lab-conf.conf", "colour = red\n")
    refresh, forecast = run(host, REFRESH, UPGRADE, check=True)
    before = int(refresh.metrics["packages.lists_age"])  # as old as the layer that the host stands on
    assert before >= 0
    assert forecast.forecast is Forecast.CHANGE
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert (refresh.status, upgrade.status) == (StepStatus.OK, StepStatus.CHANGED)
    assert upgrade.changes == forecast.changes
    assert set(upgrade.changes) == COME
    assert upgrade.changes["lab-extra"] == {"old": "", "new": "1.1-1", "security": "no"}
    assert upgrade.held["lab-held"]["reason"] == "hold"
    assert "removal:lab-rival" in upgrade.findings
    assert upgrade.metrics["packages.pending"] == "0"
    assert upgrade.metrics["packages.held"] == "3"
    assert upgrade.metrics["reboot.required"] == "1"
    after, quiet = run(host, REFRESH, UPGRADE)
    assert (after.status, quiet.status) == (StepStatus.OK, StepStatus.OK)
    assert (after.changes, quiet.changes) == ({}, {})
    assert int(quiet.metrics["packages.lists_age"]) < 300
    return upgrade


def removal_with_leave(host: lab.Host, taker: str) -> None:
    """With leave lab-rival goes, as forecast; while the policy holds it, the taker alone stays back."""
    holding = ("hold|lab-rival|*|the till needs it, ops",)
    held = Use("packages", {"action": "upgrade", "allow_removals": True, "rules": holding})
    forecast, real = run_one(host, held, check=True), run_one(host, held)
    assert (real.status, set(real.changes)) == (StepStatus.CHANGED, COME)
    assert real.changes == forecast.changes
    assert real.held[taker]["reason"] == "policy-hold"
    assert real.held[taker]["detail"].endswith(", which the policy holds: the till needs it, ops")
    allowed = Use("packages", {"action": "upgrade", "allow_removals": True})
    forecast, real = run_one(host, allowed, check=True), run_one(host, allowed)
    assert real.changes == forecast.changes
    assert set(real.changes) == {"lab-merge", "lab-rival"}
    assert real.changes["lab-rival"]["state"] == "removed"
