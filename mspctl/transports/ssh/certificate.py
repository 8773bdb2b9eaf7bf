"""Host certificates: a pinned authority vouches for a host key (OpenSSH, PROTOCOL.certkeys)."""

import base64
import time

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from mspctl.transports.reasons import safe
from mspctl.transports.trust import KnownHosts, fingerprint


def objection(kind: str, blob: bytes, address: str, port: int, known: KnownHosts) -> str | None:
    """Why a host's certificate (its bytes as on the wire) does not count; None if it vouches for the host."""
    try:
        certificate = load_ssh_public_identity(f"{kind} {base64.b64encode(blob).decode()}".encode())
        if not isinstance(certificate, SSHCertificate):
            return "it is no certificate"
        signer = _blob(certificate)
        certificate.verify_cert_signature()
    except InvalidSignature:
        return "its signature is wrong"
    except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm) as error:
        return f"it cannot be read: {safe(str(error), 80)}"
    authorities = known.authorities(address, port)
    if not any(pin.blob == signer for pin in authorities):
        return f"its authority {fingerprint(signer)} is not pinned for this host"
    if known.revoked(signer):
        return f"its authority {fingerprint(signer)} is revoked"
    return _content(certificate, address)


def _content(certificate: SSHCertificate, address: str) -> str | None:
    if certificate.type is not SSHCertificateType.HOST:
        return "it is a user's certificate"
    if certificate.critical_options:
        return "it has options that nobody knows"
    now = time.time()
    if not certificate.valid_after <= now < certificate.valid_before:
        return "it is not valid now"
    names = [name.decode("utf-8", "replace").lower() for name in certificate.valid_principals]
    # OpenSSH takes a certificate without names for every host; an authority then could not tell hosts apart.
    if address.lower() not in names:
        return f"it is made out to {safe(', '.join(names)) or 'nobody'}"
    return None


def _blob(certificate: SSHCertificate) -> bytes:
    text = certificate.signature_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return base64.b64decode(text.split()[1])
