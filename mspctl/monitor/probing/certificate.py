"""The certificate that a server shows: valid for its name, and how much of its lifetime is left.

By share of the lifetime, because lifetimes shrink: 30 days are a third of a certificate of 90 days.
"""

import ssl
from datetime import UTC, datetime, timedelta

from mspctl.model.monitoring import CERTIFICATE, Probe, Sample, Seen
from mspctl.monitor.probing.wire import Deadline, connected, encrypted, endpoint, reason

_HTTPS = 443
_LATE, _URGENT = 3, 6
_WEEK = timedelta(days=7)


def tls(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """TLS stands, and the certificate is valid."""
    host, port = endpoint(probe.target, _HTTPS)
    try:
        with connected(host, port, deadline) as wire, encrypted(wire, host, deadline) as channel:
            version = channel.version() or "TLS"
            return (Sample(probe.name, Seen.UP, f"port {port} speaks {version}"), certificate(probe, channel))
    except OSError as error:
        return (Sample(probe.name, Seen.DOWN, f"port {port}: {reason(error)}"),)


def certificate(probe: Probe, channel: ssl.SSLSocket) -> Sample:
    """How much of its lifetime is left; the key is the probe's, and `:certificate`."""
    key, content = f"{probe.name}:{CERTIFICATE}", channel.getpeercert(binary_form=True)
    if content is None:
        return Sample(key, Seen.UNKNOWN, "it shows no certificate")
    return read(key, content)


def read(key: str, content: bytes) -> Sample:
    """The same of a certificate in DER; OpenSSL takes some that are not as the standard wants them."""
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate  # noqa: PLC0415 - slow to import

    try:
        shown = load_der_x509_certificate(content)
        begins, ends = shown.not_valid_before_utc, shown.not_valid_after_utc
    except (ValueError, InvalidVersion):
        return Sample(key, Seen.UNKNOWN, "the certificate cannot be read")
    return lifetime(key, begins, ends, datetime.now(UTC))


def lifetime(key: str, begins: datetime, ends: datetime, now: datetime) -> Sample:
    """A third left is worth a warning; a sixth, or a week, is urgent."""
    left, whole = ends - now, ends - begins
    short = whole < 2 * _WEEK  # such are renewed every few days: a week is all they have
    if left <= timedelta(0) or left * _URGENT < whole or (left < _WEEK and not short):
        seen = Seen.DOWN
    else:
        seen = Seen.WARNING if left * _LATE < whole else Seen.UP
    detail = f"valid until {ends:%Y-%m-%d}, {left.days} of {whole.days} days left"
    return Sample(key, seen, detail, metrics=(("certificate_seconds_left", left.total_seconds()),))
