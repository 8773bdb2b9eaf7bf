"""Emulated Windows hosts behind our own endpoint; clients that are not ours check the endpoint."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.testing.kerberos import KerberosRealm, missing_kerberos
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.windows import WindowsHost
from tests.integration.winrm.talking import MEMBER, SERVICE, WORD, binding, self_signed, windows


@pytest.fixture
def host() -> WindowsHost:
    return windows()


@pytest.fixture
def endpoint(host: WindowsHost) -> Iterator[WinrmEndpoint]:
    """HTTP, where only sealed messages of NTLM are taken."""
    with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
        yield served


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A self-signed certificate with its key in one file, and its fingerprint."""
    return self_signed(tmp_path_factory.mktemp("tls"), "emulated")


@pytest.fixture
def secure(host: WindowsHost, certificate: tuple[Path, str]) -> Iterator[WinrmEndpoint]:
    """HTTPS with Basic and NTLM, which must be bound to the certificate (CbtHardeningLevel=Strict)."""
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(certificate[0])
    with WinrmEndpoint(host, tls=settings, binding=binding(certificate)) as served:
        yield served


@pytest.fixture(scope="session")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KerberosRealm]:
    if missing := missing_kerberos():
        assert not os.environ.get("CI"), missing
        pytest.skip(f"this machine lacks {missing}")
    folder = tmp_path_factory.mktemp("realm")
    with (
        KerberosRealm(folder, {MEMBER: WORD, "other": WORD}, (SERVICE, "HTTP/other")) as served,
        pytest.MonkeyPatch.context() as here,
    ):
        for name, value in served.environment.items():
            here.setenv(name, value)
        yield served


@pytest.fixture(scope="session")
def tickets(realm: KerberosRealm) -> str:
    return realm.ticket(MEMBER, WORD)
