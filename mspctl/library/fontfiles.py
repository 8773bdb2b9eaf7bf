"""Fonts for reports: whether a file is one, and whether its maker lets it be part of a document.

Only the table `OS/2` is read, of TrueType, OpenType, WOFF and WOFF2.
"""

import struct
import zlib
from collections.abc import Mapping

from mspctl.errors import ConfigurationError
from mspctl.library.woff2 import os2_of
from mspctl.model.place import Place

MIME: Mapping[str, str] = {
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""The kinds of files, by their ending."""
_PLAIN = (b"\x00\x01\x00\x00", b"OTTO", b"true")
_WOFF, _WOFF2 = b"wOFF", b"wOF2"
_MOST_TABLES = 200
_LONGEST = 4096
_FS_TYPE = 8
"""Where the permissions stand in OS/2: version, average width, weight and width come before."""
_RESTRICTED, _WHOLE_ONLY, _BITMAPS_ONLY = 0x0002, 0x0100, 0x0200
_MAY_BE_LESS = 0x000C
"""Printing or editing is allowed beside: then the document may hold it."""


def check_font(content: bytes, name: str, place: Place) -> None:
    """Let it pass.

    Raises:
        ConfigurationError: it is no font, or says that it must not be embedded, or not in part.
    """
    try:
        table = _os2(content)
        (permissions,) = struct.unpack_from(">H", table, _FS_TYPE)
    except ModuleNotFoundError as error:
        hint = "pip install 'mspctl[pdf]', or take the font as TTF, OTF or WOFF"
        raise ConfigurationError(
            f"to unpack {name!r} a package is missing", place=place, hint=hint
        ) from error
    except (struct.error, zlib.error, ValueError) as error:
        raise ConfigurationError(f"{name!r} is no font of its kind", place=place) from error
    if permissions & _RESTRICTED and not permissions & _MAY_BE_LESS:
        raise ConfigurationError(f"the font {name!r} says that it must not be embedded", place=place)
    if permissions & (_WHOLE_ONLY | _BITMAPS_ONLY):
        hint = "a PDF holds only the letters that are used"
        raise ConfigurationError(
            f"the font {name!r} says that no part of it may be embedded", place=place, hint=hint
        )


def _os2(content: bytes) -> bytes:
    if content[:4] in _PLAIN:
        (count,) = struct.unpack_from(">H", content, 4)
        return _plain(content, count)
    if content[:4] == _WOFF:
        (count,) = struct.unpack_from(">H", content, 12)
        return _packed(content, count)
    if content[:4] == _WOFF2:
        return os2_of(content)
    raise ValueError(content[:4])


def _plain(content: bytes, count: int) -> bytes:
    for number in range(min(count, _MOST_TABLES)):
        tag, _, start, size = struct.unpack_from(">4sIII", content, 12 + 16 * number)
        if tag == b"OS/2":
            return content[start : start + size]
    raise ValueError(count)


def _packed(content: bytes, count: int) -> bytes:
    for number in range(min(count, _MOST_TABLES)):
        tag, start, size, whole, _ = struct.unpack_from(">4sIIII", content, 44 + 20 * number)
        if tag == b"OS/2":
            table = content[start : start + size]
            return zlib.decompressobj().decompress(table, _LONGEST) if size < whole else table
    raise ValueError(count)
