"""Programs with privileges where rpm says what a package gave."""

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

USE = Use("security-files", {"fail_on": "never"})


def test_privileges_that_came_after_the_package_are_found(lab_hosts: LabHosts) -> None:
    host = lab_hosts(HostSpec("web1", packages=("web",), flavour="dnf"))
    find = (
        "for path in $(rpm -ql lab-web); do [ ! -f $path ] || { echo $path; chmod 4755 $path; break; }; done"
    )
    program = host.run_inside(["sh", "-c", find]).stdout.strip()
    told = run_one(host, USE)
    evidence = told.findings["check:file-suid"]["evidence"]
    assert f"{program} has a package that is not known to give it privileges" in evidence
