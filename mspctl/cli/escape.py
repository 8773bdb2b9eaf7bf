"""Makes text from hosts harmless on a terminal: what could steer it is shown, never sent."""

import unicodedata

# Control (C0, DEL, C1), format (bidi, zero-width, soft hyphen), surrogates, line and paragraph separators.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BYTE = 0xFF
_PLANE = 0xFFFF


def visible(text: str, *, lines: bool = False) -> str:
    r"""`text` with every steering character as `\xNN`, `\uNNNN` or `\UNNNNNNNN`.

    With `lines`, line feeds and tabs stay what they are; otherwise the result is one line.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(_shown(character) if _steers(character, kept) else character for character in text)


def _steers(character: str, kept: str) -> bool:
    return character not in kept and unicodedata.category(character) in _STEERING


def _shown(character: str) -> str:
    point = ord(character)
    if point <= _BYTE:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= _PLANE else f"\\U{point:08x}"
