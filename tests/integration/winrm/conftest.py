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
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.windows import Done, WindowsHost


def well(step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
    return Done("ok", reports=(("fact", "index", str(step.index)),))


def reboot(_step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - a Module's shape
    return Done("changed", "a reboot is due", forecast="change" if check else "")


CLIXML = (
    b'#< CLIXML\r\n<Objs><Obj S="progress"><AV>Preparing modules for first use.</AV></Obj>'
    b'<S S="Error">gr\xc3\xbc\xc3\x9fe &lt;1&gt;_x000D__x000A_</S></Objs>'
)


def windows(pause: float = 0.0) -> WindowsHost:
    lines = {
        r"^whoami": lambda _script: (b"emulated\\vagrant\r\n", b"", 0),
        r"exit 17": lambda _script: (b"", CLIXML, 17),
        r"three megabytes": lambda _script: (b"x" * 3_000_000, b"", 0),
    }
    return WindowsHost({"facts": well, "reboot": reboot}, lines, pause)


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
