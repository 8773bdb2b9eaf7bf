"""What a failed scriptlet left is mended within the policy, and a dry run says so beforehand."""

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.scriptlets import FAIL
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

_NEEDY = {
    "dnf": "dnf -q -y --refresh install lab-needy-1.0",
    "zypper": "zypper -q -n refresh; zypper -q -n --no-refresh install lab-needy=1.0",
}
_GO_BACK = """
touch /etc/lab-broken-repaired
rpm --quiet -U --force --nodeps /srv/lab-repo-$1/lab-s*-1.0-1.noarch.rpm
"""


def _upgrade(*rules: str) -> Use:
    return Use("packages", {"action": "upgrade", "rules": ("reject|lab-[!ns]*|*|", *rules)})


@pytest.mark.parametrize("flavour", ["dnf", "zypper"])
def test_mending_changes_nothing_that_the_policy_keeps_back(
    lab_hosts: LabHosts, flavour: FlavourName
) -> None:
    """A reinstallation of lab-needy wants the newer lab-ssl; lab-slow has nothing to do with it."""
    host = lab_hosts(lab.HostSpec("patient", ("web", "ssl", "slow"), flavour=flavour))
    needs = (("Requires", "lab-ssl >= 1.1"),)
    lab_hosts.lab.publish_rpms([lab.Rpm("lab-needy", "1.0"), lab.Rpm("lab-needy", "1.1", needs, post=FAIL)])
    host.run_inside(["sh", "-c", _NEEDY[flavour]])
    failed = run_one(host, _upgrade())
    assert failed.findings["broken:lab-needy"] == {"version": "1.1-1", "state": "scriptlet-failed"}
    host.run_inside(["sh", "-c", _GO_BACK, "sh", flavour])
    policed = _upgrade("reject|lab-ssl|1.1*|not now")
    forecast, result = run_one(host, policed, check=True), run_one(host, policed)
    why = "what is broken cannot be mended without a change of lab-ssl (rejected: not now)"
    assert (forecast.status, forecast.reason) == (result.status, result.reason) == (StepStatus.FAILED, why)
    assert forecast.changes == result.changes
    assert set(result.changes) == {"lab-slow"}, "what has nothing to do with it is upgraded"
    unasked = run_one(host, Use("packages", {"action": "upgrade", "repair": False, "scope": "security"}))
    assert (unasked.reason, unasked.changes) == ("not finished by rpm, and repair is off: lab-needy", {})
    alone = Use("packages", {"action": "upgrade", "scope": "named", "names": ("lab-other",)})
    forecast, mended = run_one(host, alone, check=True), run_one(host, alone)
    assert (forecast.forecast, mended.status) == (Forecast.CHANGE, StepStatus.CHANGED)
    assert mended.changes == forecast.changes
    assert set(mended.changes) == {"lab-needy", "lab-ssl"}
    assert mended.changes["lab-needy"] == {"old": "1.1-1", "new": "1.1-1", "security": "no"}
    assert run_one(host, _upgrade()).status is StepStatus.OK


def test_what_dpkg_has_begun_is_finished_as_the_dry_run_says(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("web", "ssl")))
    host.run_inside(["sh", "-c", "dpkg --unpack $(find /srv/lab-repo/pool -name 'lab-web_1.1*.deb')"])
    upgrade, look_again = Use("packages", {"action": "upgrade"}), Use("updates", {"again": True})
    later = run_one(host, look_again, check=True)
    assert (later.status, later.forecast) == (StepStatus.SKIPPED, Forecast.UNKNOWN)
    assert "dpkg has not finished: lab-web" in later.reason
    assert run_one(host, look_again).status is StepStatus.FAILED
    forecast, mended = run_one(host, upgrade, check=True), run_one(host, upgrade)
    assert mended.status is StepStatus.CHANGED
    assert mended.changes == forecast.changes
    assert mended.changes["lab-web"] == {"old": "1.1", "new": "1.1", "security": "no"}
    assert set(mended.changes) == {"lab-web", "lab-ssl"}
