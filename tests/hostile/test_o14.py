"""O14: nologin, /bin/false, an expired password: `unreachable:login-refused`, never ok, whatever is said."""

from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import Host as LabHost
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from mspctl.transports.ssh.link import SshLink
from tests.hostile.ssh_rows import beginning, client_host, transport_to


@pytest.mark.parametrize(
    "harm",
    [
        "usermod -s /usr/sbin/nologin ops",
        "usermod -s /bin/false ops",
        "printf '#!/bin/sh\\necho all fine\\n' >/bin/fine; chmod 755 /bin/fine; usermod -s /bin/fine ops",
        "chage -d 0 ops",
        "chage -E 0 ops",
        "touch /run/nologin; chmod 644 /run/nologin",
    ],
    ids=["nologin", "false", "says-fine", "forced-change", "account-expired", "nologin-file"],
)
def test_no_login_is_never_ok(tmp_path: Path, lab_hosts: LabHosts, harm: str) -> None:
    lab_host = lab_hosts(HostSpec("o14"))
    lab_host.run_inside(["sh", "-c", harm])
    failure = attempt(tmp_path, lab_host)
    assert isinstance(failure, Failure), failure
    if "fine" in harm:
        assert (failure.outcome, failure.reason) == (Outcome.FAILED, "forced-command")
    else:
        assert failure.outcome is Outcome.UNREACHABLE
        assert failure.reason == "login-refused", failure
    assert failure.remedy


def attempt(folder: Path, lab_host: LabHost) -> bytes | Failure:
    link = transport_to(folder, [lab_host.known_hosts_line]).connect(client_host(lab_host))
    if not isinstance(link, SshLink):
        return link
    try:
        return beginning(link)
    finally:
        link.close()
