"""The endpoint is checked by clients that we did not write."""

import subprocess
import sys
from pathlib import Path

import pytest
import winrm
from pypsrp.client import Client
from pypsrp.shell import Process, WinRS
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError

from mspctl.testing.winrm.endpoint import PASSWORD, USER, WinrmEndpoint


def session(endpoint: WinrmEndpoint, scheme: str, kind: str, password: str = PASSWORD) -> winrm.Session:
    url = f"{scheme}://127.0.0.1:{endpoint.port}/wsman"
    return winrm.Session(url, (USER, password), transport=kind, server_cert_validation="ignore")


@pytest.mark.parametrize(("scheme", "kind"), [("http", "ntlm"), ("https", "ntlm"), ("https", "basic")])
def test_pywinrm_runs_commands(
    endpoint: WinrmEndpoint, secure: WinrmEndpoint, scheme: str, kind: str
) -> None:
    server = endpoint if scheme == "http" else secure
    asked = session(server, scheme, kind)
    assert asked.run_cmd("whoami").std_out == b"emulated\\vagrant\r\n"
    said = asked.run_ps("exit 17")
    assert (said.status_code, said.std_err.strip()) == (17, "grüße <1>".encode())
    assert len(asked.run_cmd("three megabytes").std_out) == 3_000_000
    assert server.shells.open == 0


def test_pywinrm_is_refused(endpoint: WinrmEndpoint) -> None:
    with pytest.raises(InvalidCredentialsError):
        session(endpoint, "http", "ntlm", "wrong").run_cmd("whoami")
    with pytest.raises((InvalidCredentialsError, WinRMTransportError)):
        session(endpoint, "http", "basic").run_cmd("whoami")


@pytest.mark.parametrize(("scheme", "kind"), [("http", "negotiate"), ("https", "basic")])
def test_pypsrp_runs_commands(
    endpoint: WinrmEndpoint, secure: WinrmEndpoint, certificate: tuple[Path, str], scheme: str, kind: str
) -> None:
    server = endpoint if scheme == "http" else secure
    settings = {"username": USER, "password": PASSWORD, "auth": kind, "port": server.port}
    trust = str(certificate[0]) if scheme == "https" else False
    with Client("localhost", ssl=scheme == "https", cert_validation=trust, **settings) as client:
        assert client.execute_cmd("whoami") == ("emulated\\vagrant\r\n", "", 0)
        with WinRS(client.wsman) as shell:
            several = [Process(shell, line) for line in ("whoami", "exit 17", "three megabytes")]
            for process in several:
                process.invoke()
    assert [process.rc for process in several] == [0, 17, 0]
    assert len(several[2].stdout) == 3_000_000
    assert server.shells.open == 0


INVENTORY = """\
[all:vars]
ansible_connection=winrm
ansible_winrm_server_cert_validation=ignore
[windows]
sealed ansible_port={http} ansible_winrm_scheme=http ansible_winrm_transport=ntlm
tls ansible_port={https} ansible_winrm_transport=ntlm
basic ansible_port={https} ansible_winrm_transport=basic
wrong ansible_port={https} ansible_winrm_transport=basic ansible_password=wrong
[windows:vars]
ansible_host=127.0.0.1
"""


def test_ansible_runs_a_command(endpoint: WinrmEndpoint, secure: WinrmEndpoint, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    users = f"ansible_user={USER}\nansible_password={PASSWORD}\n"
    inventory.write_text(INVENTORY.format(http=endpoint.port, https=secure.port) + users)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible")),
            "all",
            "-i",
            str(inventory),
            "-m",
            "raw",
            "-a",
            "whoami",
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    said = done.stdout + done.stderr
    for name in ("sealed", "tls", "basic"):
        assert f"{name} | CHANGED | rc=0 >>\nemulated\\vagrant" in said, said
    assert "wrong | UNREACHABLE!" in said
    assert (endpoint.shells.open, secure.shells.open) == (0, 0)
