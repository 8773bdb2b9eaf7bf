"""A certificate that nobody can read is unknown, and stops no round."""

from mspctl.model.monitoring import Seen
from mspctl.monitor.probing.certificate import read


def test_what_cannot_be_read_is_unknown() -> None:
    found = read("shop:certificate", b"\x30\x03\x02\x01\xff")
    assert (found.seen, found.detail) == (Seen.UNKNOWN, "the certificate cannot be read")
