"""Hosts of other distributions: they look like one to a bundle, and their tools are real."""

import pytest

from mspctl.testing.lab import RPM_PACKAGES, HostSpec, LabError, Rpm
from mspctl.testing.lab.login import ssh
from mspctl.testing.pytest_lab import LabHosts

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours]


def test_a_dnf_host_has_dnf_and_no_trace_of_apt(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("rocky", packages=RPM_PACKAGES, flavour="dnf"))

    tools = ssh(host, "for t in apt-get dpkg-query zypper pacman dnf rpm; do command -v $t; done").stdout

    assert tools.split() == ["/usr/bin/dnf", "/usr/bin/rpm"]
    assert 'ID="rocky"' in ssh(host, "cat /etc/os-release").stdout
    installed = ssh(host, "rpm -qa --qf '%{NAME}=%{VERSION}\\n' 'lab-*'").stdout.split()
    assert set(installed) == {f"{name}=1.0" for name in (*RPM_PACKAGES, "lab-release")}


def test_what_is_published_is_seen_by_the_next_refresh(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("rocky", packages=("web",), flavour="dnf"))

    # A new name: the other tests' hosts share the repository.
    lab_host.lab.publish_rpms([Rpm("lab-fresh", "1.2")])

    assert "lab-fresh-0:1.2-1.noarch" in ssh(host, "sudo dnf -q --refresh repoquery lab-fresh").stdout


def test_a_package_that_the_flavour_does_not_have_is_refused(lab_host: LabHosts) -> None:
    with pytest.raises(LabError, match="no such lab package: lab-phased"):
        lab_host(HostSpec("rocky", packages=("phased",), flavour="dnf"))
