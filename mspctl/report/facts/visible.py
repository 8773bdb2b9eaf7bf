"""Text that shows what it is: nothing in it steers a display, a style or a page."""

import unicodedata

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Text without anything that steers a display: controls, bidirectional overrides, lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(character) in _UNPRINTABLE and character != "\n" else character
        for character in text
    )


def css_text(text: str) -> str:
    """Text inside a CSS string: everything but letters, digits and plain signs by its number."""
    shown = visible(text.replace("\n", " "))
    return "".join(each if each.isalnum() or each in " .,:-" else f"\\{ord(each):06x} " for each in shown)
