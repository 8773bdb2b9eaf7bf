"""Takes a host's byte stream apart into framed statements and plain output, in constant memory.

A frame is RS nonce US verb {US field} LF. The nonce (128 bits, one per host and bundle) is what makes a frame
a frame: output that merely looks like one stays output. The sender escapes fields (`%25 %0A %0D %1E %1F`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_FRAME = 64 * 1024
_ESCAPES = (("%0A", "\n"), ("%0D", "\r"), ("%1E", "\x1e"), ("%1F", "\x1f"), ("%25", "%"))


@dataclass(frozen=True, slots=True)
class Frame:
    """One statement; `size` is the number of bytes it took in the stream."""

    verb: str
    fields: tuple[str, ...]
    size: int

    def field(self, index: int) -> str:
        """The field at `index`, empty if the sender left it out."""
        return self.fields[index] if index < len(self.fields) else ""


class FrameReader:
    """Feed it chunks as they come; it yields frames, and output as bytes, in order."""

    def __init__(self, nonce: str) -> None:
        self._mark = b"\x1e" + nonce.encode("ascii") + b"\x1f"
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[Frame | bytes]:
        """The frames and output that are complete with this chunk."""
        buffer = self._rest + chunk
        while buffer:
            start = buffer.find(self._mark)
            if start < 0:
                keep = self._held_back(buffer)
                if len(buffer) > keep:
                    yield buffer[: len(buffer) - keep]
                self._rest = buffer[len(buffer) - keep :]
                return
            if start:
                yield buffer[:start]
                buffer = buffer[start:]
            end = buffer.find(b"\n")
            if end < 0 and len(buffer) <= MAX_FRAME:
                self._rest = buffer
                return
            if end < 0 or end > MAX_FRAME:
                yield buffer[: len(self._mark)]
                buffer = buffer[len(self._mark) :]
                continue
            yield _parse(buffer[len(self._mark) : end], end + 1)
            buffer = buffer[end + 1 :]
        self._rest = b""

    def close(self) -> bytes:
        """What is left at the end of the stream: output, or a frame that was cut off."""
        rest, self._rest = self._rest, b""
        return rest

    def _held_back(self, buffer: bytes) -> int:
        """How many bytes at the end of `buffer` could be the beginning of a frame."""
        start = buffer.rfind(b"\x1e", max(0, len(buffer) - len(self._mark) + 1))
        if start < 0 or not self._mark.startswith(buffer[start:]):
            return 0
        return len(buffer) - start


def _parse(content: bytes, size: int) -> Frame:
    verb, *fields = content.decode("utf-8", errors="replace").split("\x1f")
    return Frame(verb, tuple(map(_unescape, fields)), size)


def _unescape(field: str) -> str:
    if "%" not in field:
        return field
    for escaped, plain in _ESCAPES:
        field = field.replace(escaped, plain)
    return field
