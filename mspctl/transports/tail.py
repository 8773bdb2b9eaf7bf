"""The last 64 KiB of a stream."""

LIMIT = 64 * 1024
NOISE = 1024 * 1024
"""Bytes of stderr after which one call returns, so that its caller can count them."""


class Tail:
    """Keeps the end of what is added; `total` counts all of it (bytes)."""

    __slots__ = ("_kept", "total")

    def __init__(self) -> None:
        self._kept = bytearray()
        self.total = 0

    def add(self, content: bytes) -> None:
        """Add the next bytes."""
        self.total += len(content)
        self._kept += content[-LIMIT:]
        if len(self._kept) > 2 * LIMIT:
            del self._kept[:-LIMIT]

    def kept(self) -> bytes:
        """At most the last 64 KiB."""
        return bytes(self._kept[-LIMIT:])

    def clear(self) -> None:
        """Forget what was kept."""
        self._kept.clear()
