"""Text as a PowerShell expression: ASCII without control characters, whatever the text holds.

PowerShell takes four typographic quotes for apostrophes, and what a console makes of bytes beyond ASCII
depends on its code page: such characters travel as numbers, `[char]0x2019`, never as themselves.
"""

import re
from itertools import groupby

_PLAIN = re.compile(r"[ -~]*")


def powershell_string(text: str) -> str:
    """The text as one expression: a string in apostrophes, or several joined."""
    if _PLAIN.fullmatch(text):
        return _single(text)
    parts = (
        _single("".join(run)) if plain else ", ".join(map(_numbered, run))
        for plain, run in groupby(text, lambda char: " " <= char <= "~")
    )
    return f"(-join @({', '.join(parts)}))"


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _numbered(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return ", ".join(f"[char]0x{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))
