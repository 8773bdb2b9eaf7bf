"""Signed JSON to another system, and the proof that something came from one."""

import hashlib
import hmac
import http.client
import ssl
from urllib.parse import urlsplit

from mspctl.model.secret import Secret

HEADER = "X-Mspctl-Signature"
_PATIENCE = 15.0
_GOOD = range(200, 300)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def signature(secret: Secret, content: bytes) -> str:
    """`sha256=` and the HMAC of the content."""
    return "sha256=" + hmac.new(secret.reveal_text().strip().encode(), content, hashlib.sha256).hexdigest()


def genuine(secret: Secret, content: bytes, told: str) -> bool:
    """True if whoever signed it knows the secret."""
    return hmac.compare_digest(signature(secret, content).encode(), told.encode(errors="replace"))


def send(url: Secret, secret: Secret, content: bytes, identity: str) -> str:
    """POST it; empty if the other side took it, otherwise why not. Redirects are not followed.

    The way is HTTPS with a certificate that is checked; plain HTTP only on this machine. The URL is a secret
    and is not in the reason.
    """
    try:
        parts = urlsplit(url.reveal_text().strip())
    except ValueError:
        return "it is no URL"
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        return "the URL is not https"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "mspctl",
        HEADER: signature(secret, content),
        "Idempotency-Key": identity,
    }
    try:
        link = _link(parts.scheme, host, parts.port)
        try:
            link.request(
                "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), content, headers
            )
            answer = link.getresponse()
            answer.read(1024)
        finally:
            link.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {getattr(error, 'strerror', None) or 'no answer of HTTP'}"
    return "" if answer.status in _GOOD else f"status {answer.status}"


def _link(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        trust = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=trust)
    return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
