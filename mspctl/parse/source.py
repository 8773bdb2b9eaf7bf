"""Reads a text file of the project without ever blocking, and refuses text that can deceive a reader."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.place import Place

MAX_BYTES = 16 * 1024 * 1024

_KINDS: Mapping[int, str] = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

# C0 but tab, LF and CR; DEL; C1 (NEL included); line and paragraph separators; bidi; zero-width marks.
DECEIVING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BARE_CR = re.compile("\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Source:
    """A file, read once: `content` are its bytes (for the digest), `text` what they say, without a BOM."""

    file: str
    content: bytes
    text: str


def read_source(path: Path, *, file: str = "", max_bytes: int = MAX_BYTES) -> Source:
    """The file's bytes and text; messages call it `file`, or its path.

    Raises:
        ConfigurationError: missing, not a regular file, over `max_bytes`, not UTF-8, or with characters that
            a reader cannot see (control, bidirectional, zero-width).
    """
    return source_of(_read(path, file or str(path), max_bytes), file or str(path))


def source_of(content: bytes, file: str) -> Source:
    """Check bytes that were read already, named `file`. Raises ConfigurationError as `read_source`."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigurationError("the file is UTF-16", place=Place(file), hint="save it as UTF-8")
    body = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text: str | None = body.decode()
        bad = 0
    except UnicodeDecodeError as error:
        text, bad = None, error.start
    if text is None:
        before = body[:bad].decode()
        place = _position(file, before, len(before))
        raise ConfigurationError(
            "this is not UTF-8 (perhaps Latin-1)", place=place, hint="save the file as UTF-8"
        )
    problems = deceptions(text, file)
    if problems:
        raise ConfigurationError.of(problems)
    return Source(file, content, text)


def deceptions(text: str, file: str) -> tuple[Problem, ...]:
    """Characters that a reader cannot see, at most ten."""
    found = list(DECEIVING.finditer(text))[:10] or list(_BARE_CR.finditer(text))[:1]
    return tuple(
        Problem(
            f"the character U+{ord(match.group()):04X} is not allowed: it cannot be seen",
            _position(file, text, match.start()),
            hint="delete it"
            + (", or save the file as UTF-8 if it is UTF-16" if match.group() == "\0" else ""),
        )
        for match in found
    )


def _position(file: str, text: str, index: int) -> Place:
    start = text.rfind("\n", 0, index) + 1
    return Place(file, text.count("\n", 0, index) + 1, index - start + 1)


def _read(path: Path, file: str, max_bytes: int) -> bytes:
    place = Place(file)
    try:
        # O_NONBLOCK: opening a FIFO without a writer returns at once instead of waiting for one.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a file name"
        raise ConfigurationError(f"the file cannot be read: {reason}", place=place) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), "not a file")
            raise ConfigurationError(f"this is {kind}, not a text file", place=place)
        return _content(descriptor, max_bytes, place)
    except OSError as error:
        raise ConfigurationError(f"the file cannot be read: {error.strerror}", place=place) from None
    finally:
        os.close(descriptor)


def _content(descriptor: int, max_bytes: int, place: Place) -> bytes:
    parts: list[bytes] = []
    room = max_bytes + 1
    while room > 0 and (part := os.read(descriptor, min(room, 1 << 20))):
        parts.append(part)
        room -= len(part)
    if room <= 0:
        hint = "split it; an inventory of 10,000 hosts takes about 1 MiB"
        raise ConfigurationError(f"the file is larger than {max_bytes // 1024} KiB", place=place, hint=hint)
    return b"".join(parts)
