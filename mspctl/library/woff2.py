"""WOFF2 as far as it is needed: where a table stands, unpacked no further than to its end.

The tables are one stream, packed with Brotli; the package for it comes with the extra `pdf`.
"""

import struct

_LARGEST = 16 * 1024 * 1024
"""No table of a font for a report lies further in: a small file must not fill the memory."""
_HEAD = 48
_OS2, _GLYF, _LOCA, _OTHER = 6, 10, 11, 63
"""The numbers of known tables; after the last one stands a name."""
_MOST_TABLES = 200


def os2_of(content: bytes) -> bytes:
    """The table `OS/2`.

    Raises:
        ValueError: there is none, or this is no such font.
        ModuleNotFoundError: the package to unpack it is missing.
    """
    import brotli  # noqa: PLC0415 - of an extra

    (count,) = struct.unpack_from(">H", content, 12)
    begin, size, packed = _place(content, count)
    if begin + size > _LARGEST:
        raise ValueError(begin + size)
    unpacking, found = brotli.Decompressor(), b""
    (length,) = struct.unpack_from(">I", content, 20)
    rest = content[packed : packed + length]
    while len(found) < begin + size:
        try:
            part = unpacking.process(rest, output_buffer_limit=begin + size - len(found))
        except brotli.error as error:
            raise ValueError(str(error)) from error
        if not part:
            raise ValueError(len(found))
        found, rest = found + part, b""
    return found[begin : begin + size]


def _place(content: bytes, count: int) -> tuple[int, int, int]:
    """Where OS/2 begins in the stream, how long it is, and where the stream begins in the file."""
    at, stream, found = _HEAD, 0, None
    for _ in range(min(count, _MOST_TABLES)):
        flags, at = _byte(content, at), at + 1
        table, version = flags & 63, flags >> 6
        name = content[at : at + 4] if table == _OTHER else b""
        at += len(name)
        length, at = _number(content, at)
        changed = version != 3 if table in {_GLYF, _LOCA} else version != 0  # noqa: PLR2004 - by the format
        if changed:
            length, at = _number(content, at)
        if table == _OS2 or name == b"OS/2":
            found = stream, length
        stream += length
    if found is None:
        raise ValueError(count)
    return *found, at


def _byte(content: bytes, at: int) -> int:
    if at >= len(content):
        raise ValueError(at)
    return content[at]


def _number(content: bytes, at: int) -> tuple[int, int]:
    """A number in up to five bytes of seven bits, and where it ends."""
    value = 0
    for place in range(at, at + 5):
        part = _byte(content, place)
        value = value << 7 | part & 127
        if part < 128:  # noqa: PLR2004 - the last one
            return value, place + 1
    raise ValueError(at)
