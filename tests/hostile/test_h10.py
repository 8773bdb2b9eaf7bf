"""H10: no sudo, not in sudoers, a sudo that stalls: `failed:privilege`, and the time limit holds."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.inventory import BecomeMethod, Deadlines
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import Host as LabHost
from mspctl.testing.lab import HostSpec, Lab
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.ssh_rows import beginning, client_host, linked, refusal, with_password

SUDO = BecomeMethod.SUDO


@pytest.fixture
def lab_host(lab_hosts: LabHosts) -> LabHost:
    return lab_hosts(HostSpec("h10"))


def test_sudo_without_a_password(tmp_path: Path, lab_host: LabHost) -> None:
    link = linked(tmp_path, lab_host, client_host(lab_host, "ops", SUDO))
    assert b"\n0\n" in bytes(beginning(link))  # type: ignore[arg-type]
    link.close()


def test_sudo_wants_a_password_and_none_is_configured(tmp_path: Path, lab_host: LabHost) -> None:
    link = linked(tmp_path, lab_host, client_host(lab_host, "admin", SUDO))
    failure = refusal(beginning(link))
    assert (failure.outcome, failure.reason) == (Outcome.FAILED, "privilege")
    assert "password" in failure.detail
    link.close()


def test_not_in_sudoers(tmp_path: Path, lab: Lab, lab_host: LabHost) -> None:
    lab_host.run_inside(["sh", "-c", "gpasswd -d admin sudo; rm -f /etc/sudoers.d/*admin*"], check=False)
    lab_host.run_inside(["sh", "-c", "sed -i '/admin/d; /%sudo/d' /etc/sudoers"])
    host = with_password(client_host(lab_host, "admin", SUDO), tmp_path, lab.admin_password)
    link = linked(tmp_path, lab_host, host)
    failure = refusal(beginning(link))
    assert (failure.outcome, failure.reason) == (Outcome.FAILED, "privilege")
    assert "sudoers" in failure.detail or "not allowed" in failure.detail
    link.close()


def test_no_sudo_at_all(tmp_path: Path, lab_host: LabHost) -> None:
    lab_host.run_inside(["mv", "/usr/bin/sudo", "/usr/bin/sudo.gone"])
    link = linked(tmp_path, lab_host, client_host(lab_host, "ops", SUDO))
    failure = refusal(beginning(link))
    assert failure.reason == "privilege"
    link.close()


def test_a_sudo_that_stalls_is_left_at_the_limit(tmp_path: Path, lab: Lab, lab_host: LabHost) -> None:
    lab_host.run_inside(["mv", "/usr/bin/sudo", "/usr/bin/sudo.real"])
    lab_host.write_file("/usr/bin/sudo", "#!/bin/sh\nsleep 60\n")
    lab_host.run_inside(["chmod", "755", "/usr/bin/sudo"])
    host = with_password(client_host(lab_host, "admin", SUDO), tmp_path, lab.admin_password)
    host = replace(host, access=replace(host.access, deadlines=Deadlines(connect=5, banner=5, auth=2)))
    link = linked(tmp_path, lab_host, host)
    began = time.monotonic()
    failure = refusal(beginning(link))
    assert failure.reason == "privilege"
    assert "2 s" in failure.detail
    assert time.monotonic() - began < 30
    link.close()


def test_doas_is_missing(tmp_path: Path, lab_host: LabHost) -> None:
    link = linked(tmp_path, lab_host, client_host(lab_host, "ops", BecomeMethod.DOAS))
    assert refusal(beginning(link)).reason == "privilege"
    link.close()
