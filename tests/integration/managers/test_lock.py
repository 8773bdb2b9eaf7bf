"""Who hangs with the lock of the package manager is named, and not touched."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


def test_a_lock_is_trouble_only_if_it_is_held_for_long(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    with host.faults.dpkg_locked():
        young = run_one(host, Use("package-lock"))
        assert (young.status, young.findings) == (StepStatus.OK, {})
        assert young.reason.startswith("lab-apt (pid ")
        old = run_one(host, Use("package-lock", {"older": 0}))
        assert old.status is StepStatus.FAILED
        assert old.findings["package-lock"]["holder"].startswith("lab-apt (pid ")
        assert host.run_inside(["pgrep", "-x", "lab-apt"], check=False).returncode == 0
    assert run_one(host, Use("package-lock", {"older": 0})).reason == "nobody holds the lock"
