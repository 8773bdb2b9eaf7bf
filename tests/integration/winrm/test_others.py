"""The endpoint is checked by clients that we did not write."""

import pytest
import winrm
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
