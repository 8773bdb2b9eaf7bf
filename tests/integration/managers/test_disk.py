"""A disk that is full or read-only is named as such, whatever the manager says; the next night is good."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(120)]

UPGRADE = Use("packages", {"action": "upgrade"})


@pytest.mark.parametrize("flavour", ["zypper", "pacman"])
def test_a_full_disk_and_a_read_only_one_are_named(lab_hosts: LabHosts, flavour: FlavourName) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl", "web"), flavour=flavour))
    with host.faults.disk_full():
        full = run_one(host, UPGRADE)
    with host.faults.root_read_only():
        read_only = run_one(host, UPGRADE)
    assert (full.status, read_only.status) == (StepStatus.FAILED, StepStatus.FAILED)
    assert full.reason.startswith("disk full in / (")
    assert read_only.reason.startswith("read-only file system: ")
    assert full.changes == read_only.changes == {}
    good = run_one(host, UPGRADE)
    assert (good.status, set(good.changes)) == (StepStatus.CHANGED, {"lab-ssl", "lab-web"})
