"""A host whose clock is slow finds certificates from the future; the question about its clock is put."""

import ipaddress
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.certificates import self_signed
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

REFRESH = Use("packages", {"action": "refresh"})
_SERVER = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
with socket.create_server(("127.0.0.1", 8443)) as server:
    print("ready", flush=True)
    while True:
        try:
            context.wrap_socket(server.accept()[0], server_side=True).close()
        except OSError:
            pass
"""
_TRUST = "mkdir -p /etc/ssl/certs && cat > /etc/ssl/certs/ca-certificates.crt"
_ASK_IT = {
    "dnf": "sed -i 's,^baseurl=.*,baseurl=https://127.0.0.1:8443/\\nsslcacert=/etc/ssl/certs/ca-certificates.crt,'"
    " /etc/yum.repos.d/lab.repo",
    "zypper": "sed -i 's,^baseurl=.*,baseurl=https://127.0.0.1:8443/,' /etc/zypp/repos.d/lab.repo",
    "pacman": "sed -i 's,^Server = .*,Server = https://127.0.0.1:8443/,' /etc/pacman.conf",
}


@contextmanager
def _mirror(host: lab.Host, certificate: Path) -> Iterator[None]:
    """A TLS server in the host's network."""
    init = host.init_process
    assert init is not None
    argv = ["nsenter", "--target", str(init.pid), "--net", sys.executable, "-c", _SERVER, str(certificate)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            server.kill()


@pytest.mark.parametrize("flavour", ["dnf", "zypper", "pacman"])
def test_a_mirror_whose_certificate_is_not_valid_yet_or_no_more(
    lab_hosts: LabHosts, tmp_path: Path, flavour: FlavourName
) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl",), flavour=flavour))
    host.run_inside(["sh", "-c", _ASK_IT[flavour]])
    for since in (2001, 2098, datetime.now(UTC).year):
        begin, end = (datetime(each, 1, 1, tzinfo=UTC) for each in (since, since + 1))
        made = self_signed(x509.IPAddress(ipaddress.ip_address("127.0.0.1")), begin, end)
        file = tmp_path / f"{since}.pem"
        file.write_bytes(made.whole)
        host.run_inside(["sh", "-c", _TRUST], stdin=made.public.decode())
        with _mirror(host, file):
            result = run_one(host, REFRESH)
        assert result.status is StepStatus.FAILED
        assert result.reason.lower().startswith("package lists not refreshed: lab: "), result.reason
        asked = " (is this host's clock right? it says 20" in result.reason
        assert asked is (since in {2001, 2098}), result.reason
        assert result.findings["source:1"]["reason"].endswith(" UTC)") is asked
