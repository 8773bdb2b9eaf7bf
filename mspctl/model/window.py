"""The bounded memory of a stream of bytes: its head, its tail, and how much lay between."""

from typing import Protocol

from mspctl.model.run import Output

HEAD = 64 * 1024
TAIL = 64 * 1024
SLACK = 1024
"""Kept beyond each edge of the gap, so that a secret cut by the edge is seen whole when it is redacted."""


class Redactor(Protocol):
    """Takes known secrets out of texts and bytes; must be idempotent."""

    def text(self, text: str, /) -> str: ...
    def blob(self, content: bytes, /) -> bytes: ...


class NoSecrets:
    """The redactor where nothing is secret."""

    def text(self, text: str, /) -> str:
        return text

    def blob(self, content: bytes, /) -> bytes:
        return content


class Window:
    """Head and tail of a stream of any length in constant memory (under 400 KiB)."""

    __slots__ = ("_edge", "_head", "_tail", "total")

    def __init__(self) -> None:
        self._head = bytearray()
        self._edge = bytearray()
        """The first bytes after the head; they are in the tail too, until it moves on."""
        self._tail = bytearray()
        self.total = 0

    @classmethod
    def holding(cls, output: Output) -> "Window":
        """A window that goes on where `output` (read back from the log) stopped."""
        window = cls()
        window.add(output.head)
        window.add(output.tail)
        window.total += output.dropped
        return window

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        room = max(0, HEAD - self.total)
        self.total += len(chunk)
        if room:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if len(self._edge) < SLACK:
            self._edge += chunk[: SLACK - len(self._edge)]
        self._tail += chunk[-(TAIL + SLACK) :]
        if len(self._tail) > 2 * (TAIL + SLACK):
            del self._tail[: -(TAIL + SLACK)]

    def output(self, redactor: Redactor) -> Output:
        """What is kept, without secrets; head and tail are redacted as one text while nothing is missing."""
        dropped = max(0, self.total - HEAD - TAIL)
        if not dropped:
            whole = redactor.blob(bytes(self._head + self._tail))
            return Output(whole[:HEAD], whole[HEAD:])
        head = redactor.blob(bytes(self._head + self._edge))
        near = self._head[-SLACK:] if dropped < SLACK else b""
        tail = redactor.blob(bytes(near + self._tail[-(TAIL + SLACK) :]))
        return Output(head[:HEAD], tail[-TAIL:], dropped)
