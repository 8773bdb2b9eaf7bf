"""A certificate that nobody can read is unknown, and stops no round."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import CertificateBuilder, Name, NameAttribute
from cryptography.x509.oid import NameOID

from mspctl.model.monitoring import Seen
from mspctl.monitor.probing.certificate import read


def test_what_cannot_be_read_is_unknown() -> None:
    found = read("shop:certificate", b"\x30\x03\x02\x01\xff")
    assert (found.seen, found.detail) == (Seen.UNKNOWN, "the certificate cannot be read")


def test_one_of_a_version_that_no_standard_knows_is_unknown() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = Name([NameAttribute(NameOID.COMMON_NAME, "shop")])
    begins = datetime(2026, 11, 1, tzinfo=UTC)
    builder = CertificateBuilder(name, name, key.public_key(), 7, begins, begins + timedelta(days=90))
    content = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
    second = content.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1)
    assert second != content
    assert read("shop:certificate", second).seen is Seen.UNKNOWN
