"""Emulated Windows hosts behind our own endpoint; clients that are not ours check the endpoint."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.windows import WindowsHost
from tests.integration.winrm.talking import windows


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
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulated")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + private)
    return path, made.fingerprint(hashes.SHA256()).hex()


@pytest.fixture
def secure(host: WindowsHost, certificate: tuple[Path, str]) -> Iterator[WinrmEndpoint]:
    """HTTPS with Basic and NTLM."""
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(certificate[0])
    with WinrmEndpoint(host, tls=settings) as served:
        yield served
