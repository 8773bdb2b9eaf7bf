"""The way back: versions from before, once, or a reason why not."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

UPGRADE = Use("packages", {"action": "upgrade"})
ROLLBACK = Use("packages", {"action": "rollback"})


def test_what_was_upgraded_goes_back_and_stays_there(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("web", "ssl", "newdep")))
    host.run_inside(["apt-mark", "auto", "lab-orphan"])
    there = host.run_inside(["date", "+%F %T"]).stdout.strip()
    upgrade = run_one(host, UPGRADE)
    assert set(upgrade.changes) == {"lab-web", "lab-ssl", "lab-newdep", "lab-extra"}
    forecast = run_one(host, ROLLBACK, check=True)
    back = run_one(host, ROLLBACK)
    assert (back.status, back.changes) == (StepStatus.CHANGED, forecast.changes)
    assert back.changes["lab-ssl"] == {"old": "1.1", "new": "1.0", "security": "no"}
    assert back.changes["lab-extra"] == {"old": "1.1", "new": "", "security": "no", "state": "removed"}
    again = run_one(host, ROLLBACK)
    assert (again.status, again.changes) == (StepStatus.OK, {})
    run_one(host, UPGRADE)
    run_one(host, Use("packages", {"action": "autoremove"}))
    since = run_one(host, Use("packages", {"action": "rollback", "since": there}))
    assert set(since.changes) == {"lab-web", "lab-ssl", "lab-newdep", "lab-extra", "lab-orphan"}
    assert since.changes["lab-orphan"]["new"] == "1.0"
    later = run_one(host, Use("packages", {"action": "rollback", "since": "2099-01-01 00:00"}))
    assert later.reason == "apt's history tells of no transaction since 2099-01-01 00:00"


@pytest.mark.lab_flavours
def test_dnf_goes_back_by_its_history(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("web", "ssl", "newdep"), flavour="dnf"))
    there = host.run_inside(["date", "+%F %T"]).stdout.strip()
    upgraded = set(run_one(host, UPGRADE).changes)
    forecast = run_one(host, ROLLBACK, check=True)
    back = run_one(host, ROLLBACK)
    assert (back.status, back.changes) == (StepStatus.CHANGED, forecast.changes)
    assert set(back.changes) == upgraded
    assert back.changes["lab-ssl"] == {"old": "1.1-1", "new": "1.0-1", "security": "no"}
    assert back.changes["lab-extra"] == {"old": "1.1-1", "new": "", "security": "no", "state": "removed"}
    again = run_one(host, ROLLBACK)
    assert (again.status, again.changes) == (StepStatus.OK, {})
    run_one(host, UPGRADE)
    run_one(host, Use("packages", {"action": "autoremove"}))
    since = run_one(host, Use("packages", {"action": "rollback", "since": there}))
    assert set(since.changes) == upgraded | {"lab-orphan"}
    assert since.changes["lab-orphan"]["new"] == "1.0-1"
    later = run_one(host, Use("packages", {"action": "rollback", "since": "2099-01-01 00:00"}))
    assert later.reason == "the history of dnf tells of no transaction since 2099-01-01 00:00"


_FORGET = """
sed -i '/^Package: lab-ssl$/,/^$/d' /var/lib/apt/lists/*stable_main*Packages && rm -f /var/cache/apt/*.bin
"""


def test_a_version_that_is_gone_is_named_and_nothing_is_changed(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl", "web")))
    run_one(host, UPGRADE)
    host.run_inside(["sh", "-c", _FORGET])
    result = run_one(host, ROLLBACK)
    assert (result.status, result.changes) == (StepStatus.FAILED, {})
    assert result.reason == "cannot be rolled back: Version '1.0' for 'lab-ssl' was not found"
