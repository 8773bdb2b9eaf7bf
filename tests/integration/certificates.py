"""Certificates for servers of the tests, each signed by itself."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class SelfSigned:
    """A certificate in PEM, by itself and with its key, and its fingerprint."""

    public: bytes
    whole: bytes
    fingerprint: str


def self_signed(
    place: x509.GeneralName, since: datetime, until: datetime, *, called: str = "server of the tests"
) -> SelfSigned:
    """The certificate of a server at `place`, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([place]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = made.public_bytes(pem)
    return SelfSigned(public, public + private, made.fingerprint(hashes.SHA256()).hex())
