"""The way back: versions from before, once, or a reason why not."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

UPGRADE = Use("packages", {"action": "upgrade"})
ROLLBACK = Use("packages", {"action": "rollback"})


@pytest.mark.lab_flavours
@pytest.mark.parametrize(("flavour", "release"), [("apt", ""), ("dnf", "-1")])
def test_what_was_upgraded_goes_back_and_stays_there(
    lab_hosts: LabHosts, flavour: FlavourName, release: str
) -> None:
    old, new = f"1.0{release}", f"1.1{release}"
    host = lab_hosts(lab.HostSpec("patient", ("web", "ssl", "newdep"), flavour=flavour))
    if flavour == "apt":
        host.run_inside(["apt-mark", "auto", "lab-orphan"])
    there = host.run_inside(["date", "+%F %T"]).stdout.strip()
    upgrade = run_one(host, UPGRADE)
    assert set(upgrade.changes) == {"lab-web", "lab-ssl", "lab-newdep", "lab-extra"}
    forecast = run_one(host, ROLLBACK, check=True)
    back = run_one(host, ROLLBACK)
    assert (back.status, back.changes) == (StepStatus.CHANGED, forecast.changes)
    assert back.changes["lab-ssl"] == {"old": new, "new": old, "security": "no"}
    assert back.changes["lab-extra"] == {"old": new, "new": "", "security": "no", "state": "removed"}
    again = run_one(host, ROLLBACK)
    assert (again.status, again.changes) == (StepStatus.OK, {})
    run_one(host, UPGRADE)
    run_one(host, Use("packages", {"action": "autoremove"}))
    since = run_one(host, Use("packages", {"action": "rollback", "since": there}))
    assert set(since.changes) == {"lab-web", "lab-ssl", "lab-newdep", "lab-extra", "lab-orphan"}
    assert since.changes["lab-orphan"]["new"] == old
    later = run_one(host, Use("packages", {"action": "rollback", "since": "2099-01-01 00:00"}))
    assert later.reason == f"{flavour}'s history tells of no transaction since 2099-01-01 00:00"


def test_after_a_night_that_finished_nothing_and_a_roll_back_that_failed_it_goes_back_all_the_same(
    lab_hosts: LabHosts,
) -> None:
    """The second night changed no version: it is no transaction to go back before."""
    host = lab_hosts(lab.HostSpec("patient", ("broken", "ssl")))
    assert [run_one(host, UPGRADE).status for _ in range(2)] == [StepStatus.FAILED] * 2
    with host.faults.disk_full():
        assert run_one(host, ROLLBACK).status is StepStatus.FAILED
    back = run_one(host, ROLLBACK)
    assert (back.status, set(back.changes)) == (StepStatus.CHANGED, {"lab-broken", "lab-ssl"})
    again = run_one(host, ROLLBACK)
    assert (again.status, again.changes) == (StepStatus.OK, {})


_STAYS = "/etc/lab-back-stays"
_REFUSES = lab.Rpm("lab-back", "1.0", pre=f"[ ! -e {_STAYS} ]\n"), lab.Rpm("lab-back", "1.1")


@pytest.mark.lab_flavours
def test_dnf_goes_back_before_a_night_that_finished_nothing_and_never_a_second_time_after_it_failed(
    lab_hosts: LabHosts,
) -> None:
    """`dnf history rollback` after one that failed half-way would remove packages that were only upgraded."""
    host = lab_hosts(lab.HostSpec("patient", ("broken", "ssl"), flavour="dnf"))
    lab_hosts.lab.publish_rpms(_REFUSES)
    host.run_inside(["dnf", "-q", "-y", "--refresh", "install", "lab-back-1.0"])
    assert [run_one(host, UPGRADE).status for _ in range(2)] == [StepStatus.FAILED] * 2
    back = run_one(host, ROLLBACK)
    assert (back.status, set(back.changes)) == (StepStatus.CHANGED, {"lab-back", "lab-broken", "lab-ssl"})
    run_one(host, UPGRADE)
    host.write_file(_STAYS, "")
    assert run_one(host, ROLLBACK).status is StepStatus.FAILED
    host.run_inside(["rm", _STAYS])
    again = run_one(host, ROLLBACK)
    assert (again.status, again.changes) == (StepStatus.FAILED, {})
    assert again.reason.startswith("cannot be rolled back: an earlier roll back failed half-way")


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
