"""The last net under all sinks: secrets that got into text after all are blotted out.

Found are the secret itself and its base64, URL, shell and JSON forms, in base64 also where it begins at
another byte of a longer text. Secrets of fewer than six bytes are not looked for: a redactor for `123` would
blot out every port number, and tell that way what the secret is. Blotting out too much can be undone by
looking at the host; a leak can not.
"""

import base64
import json
import re
import shlex
import urllib.parse
from collections.abc import Iterable, Iterator

from mspctl.model.secret import Secret

MINIMUM = 6
BLOTS = tuple(text.encode() for text in ("******", "██████", "●●●●●●", "······", "######", "<<<<<<"))
"""What is shown instead: the first that shares no byte with a secret, so that twice is the same as once."""


class Redactor:
    """Blots out `secrets`. Immutable; safe to share between threads."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal()) if len(form) >= MINIMUM}
        # The longest first: a form that contains another one is replaced whole.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile(b"|".join(re.escape(form) for form in ordered)) if ordered else None
        self._longest = max((len(form) for form in forms), default=0)
        used = set(b"".join(forms))
        self._blot = next((blot for blot in BLOTS if used.isdisjoint(blot)), BLOTS[0])

    def __repr__(self) -> str:
        return "Redactor(…)"

    def blob(self, content: bytes) -> bytes:
        """`content` without the secrets."""
        return content if self._pattern is None else self._pattern.sub(lambda _: self._blot, content)

    def text(self, content: str) -> str:
        """`content` without the secrets; lone surrogates stay as they are."""
        if self._pattern is None:
            return content
        return self.blob(content.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def stream(self) -> "RedactedStream":
        """A fresh filter for one stream that comes in chunks."""
        return RedactedStream(self)

    def split(self, content: bytes) -> tuple[bytes, bytes]:
        """What can be given away of a stream's buffer, redacted, and what must wait for the next chunk."""
        if self._pattern is None:
            return content, b""
        # A secret that begins before `keep_from` is whole within the buffer, so its match cannot change.
        keep_from = max(0, len(content) - self._longest + 1)
        done, end = bytearray(), 0
        for match in self._pattern.finditer(content):
            if match.start() >= keep_from:
                break
            done += content[end : match.start()] + self._blot
            end = match.end()
        keep_from = max(keep_from, end)
        return bytes(done + content[end:keep_from]), content[keep_from:]


class RedactedStream:
    """Redacts over the edges of chunks: gives out what is safe, keeps back less than the longest secret."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._kept = b""

    def add(self, chunk: bytes) -> bytes:
        """The part of the stream that is safe now; may be empty."""
        done, self._kept = self._redactor.split(self._kept + chunk)
        return done

    def end(self) -> bytes:
        """The rest, at the end of the stream."""
        rest, self._kept = self._redactor.blob(self._kept), b""
        return rest


def _forms(secret: bytes) -> Iterator[bytes]:
    if len(secret) < MINIMUM:
        return
    yield secret
    yield from _base64_forms(secret)
    quoted = urllib.parse.quote_from_bytes(secret, safe="").encode()
    yield quoted
    yield re.sub(rb"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
    yield urllib.parse.quote_plus(secret).encode()
    yield urllib.parse.quote_from_bytes(secret).encode()
    text = secret.decode("utf-8", "surrogateescape")
    yield shlex.quote(text)[1:-1].encode("utf-8", "surrogateescape") if "'" in text else secret
    for ascii_only in (True, False):
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogateescape")
    yield repr(text)[1:-1].encode("utf-8", "surrogateescape")
    yield repr(secret)[2:-1].encode()
    if b"\n" in secret:
        yield from (line.strip() for line in secret.splitlines() if not line.startswith(b"-----"))


def _base64_forms(secret: bytes) -> Iterator[bytes]:
    """In base64, three bytes are four letters: the letters in the middle tell at each of three offsets."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret)
        first = (0, 2, 3)[shift]
        # The letters that also hold bits of what comes after the secret are left out.
        last = (shift + len(secret)) * 8 // 6
        inner = encoded[first:last]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")
