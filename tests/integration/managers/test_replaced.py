"""A package that comes new and takes the place of another is asked about as any update, and told of."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.model.value import Value
from mspctl.testing import lab
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.managers.night import REFRESH
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

_RPM = "rpm --quiet -U /srv/lab-repo-*/lab-prev-1.0-1.noarch.rpm"
_INSTALL = {
    "dnf": _RPM,
    "zypper": _RPM,
    "pacman": "pacman -U --noconfirm /srv/lab-repo-pacman/lab-prev-1.0-1-any.pkg.tar",
}


def _host(hosts: LabHosts, flavour: FlavourName) -> lab.Host:
    """lab-next, which it has not, obsoletes lab-prev."""
    if flavour == "pacman":
        fields = (("replaces", "lab-prev"), ("conflict", "lab-prev"))
        hosts.lab.publish_pacs([lab.Pac("lab-prev", "1.0-1"), lab.Pac("lab-next", "1.0-1", fields)])
    else:
        tags = (("Obsoletes", "lab-prev < 2"), ("Provides", "lab-prev = 2"))
        hosts.lab.publish_rpms([lab.Rpm("lab-prev", "1.0"), lab.Rpm("lab-next", "1.0", tags)])
    host = hosts(lab.HostSpec("patient", ("ssl", "web", "conf"), flavour=flavour))
    host.run_inside(["sh", "-c", _INSTALL[flavour]])
    return host


def _upgrade(*rules: str, approval: str = "none", leave: bool = True) -> Use:
    values: dict[str, Value] = {
        "action": "upgrade",
        "rules": rules,
        "approval": approval,
        "allow_removals": leave,
    }
    return Use("packages", values)


def _kept(result: Result) -> tuple[str, str]:
    held = result.held["lab-prev"]
    assert (held["old"], held["new"]) == ("1.0-1", "1.0-1")
    return held["reason"], held["detail"]


@pytest.mark.parametrize("flavour", ["dnf", "zypper", "pacman"])
def test_what_takes_the_place_of_another_is_asked_about_and_told_of(
    lab_hosts: LabHosts, flavour: FlavourName
) -> None:
    host = _host(lab_hosts, flavour)
    assert run_one(host, REFRESH).status is StepStatus.OK
    refused = run_one(host, _upgrade(leave=False), check=True)
    assert set(refused.changes) == {"lab-ssl", "lab-web", "lab-conf"}
    assert "removal:lab-prev" in refused.findings
    if flavour != "zypper":
        assert _kept(refused) == ("kept-back", "lab-next would take its place, which is not allowed")
    place = "lab-next would take its place"
    assert _kept(run_one(host, _upgrade(approval="all"), check=True)) == ("approval", place)
    rejected = run_one(host, _upgrade("reject|lab-next|*|bad build"), check=True)
    assert _kept(rejected) == ("rejected", f"{place}: bad build")
    only = _upgrade("include|lab-ssl||")
    forecast, real = run_one(host, only, check=True), run_one(host, only)
    assert _kept(forecast) == _kept(real) == ("not-included", place)
    assert real.changes == forecast.changes
    assert set(real.changes) == {"lab-ssl"}
    other = _upgrade("hold|lab-web|*|not now")
    forecast, real = run_one(host, other, check=True), run_one(host, other)
    assert real.status is StepStatus.CHANGED
    assert real.changes == forecast.changes
    assert set(real.changes) == {"lab-conf", "lab-next", "lab-prev"}
    assert real.changes["lab-prev"]["state"] == "removed"
