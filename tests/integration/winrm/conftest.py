"""Emulated Windows hosts behind our own endpoint; clients that are not ours check the endpoint."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.windows import WindowsHost
from tests.integration.winrm.talking import binding, self_signed, windows


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
