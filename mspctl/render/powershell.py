"""Values on their way into PowerShell text, and where they may stand."""

import re
from collections.abc import Iterable

from mspctl.model.powershell import powershell_string
from mspctl.render.quoting import Bare, UnfitValueError, refuse_reference, refuse_secret, secret, word
from mspctl.render.shellplace import Misplaced

_BEFORE = re.compile(r"(^|[\s(,=\[])$")
_FREE = frozenset({"raw"})


def quoted(text: str) -> str:
    """The text as one PowerShell expression.

    Raises UnfitValueError for NUL and for lone surrogates, which have no bytes.
    """
    if "\0" in text:
        raise UnfitValueError("the value holds a NUL character, which no command can take")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise UnfitValueError("the value holds a lone surrogate, which has no bytes in UTF-8")
    return powershell_string(text)


def literal(value: object) -> str:
    """The value as a PowerShell expression: text in quotes, `$true`, `$null`, a list as `@(…)`.

    Raises UnfitValueError for maps, secrets, NaN and infinity.
    """
    if isinstance(value, Bare):
        return value
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, tuple | list):
        return f"@({', '.join(map(literal, value))})"
    refuse_secret(value)
    return word(value)


def command_literal(value: object) -> str:
    """As `literal`, for the command lines of playbooks, which no secret may enter."""
    refuse_reference(value)
    return literal(value)


def secret_call(value: object) -> Bare:
    """The filter `secret`: the call that gives the secret as text."""
    return Bare(f"({secret(value)})")


def misplaced_value(tokens: Iterable[tuple[int, str, str]]) -> Misplaced | None:
    """The first expression, of Jinja2's tokens, that stands inside quotes, a comment or a word."""
    line, expression, number = "", list[str](), 0
    for at, kind, text in tokens:
        if kind == "data":
            if "@'" in text or '@"' in text:
                return Misplaced(
                    at, "a template cannot hold a here-string", "put the lines together with -join"
                )
            line = (line + text).rpartition("\n")[2]
        elif kind == "variable_begin":
            expression, number = [], at
        elif kind == "variable_end":
            free = expression[-2:-1] == ["|"] and expression[-1] in _FREE
            if not free and not _stands_alone(line):
                hint = "values bring their own quotes; assign them: $name = {{ name }}"
                return Misplaced(number, "a value cannot stand inside quotes, a comment or a word", hint)
            line += "1"
        elif kind != "whitespace":
            expression.append(text)
    return None


def _stands_alone(line: str) -> bool:
    if line.count("'") % 2 or line.count('"') % 2 or "#" in line or "`" in line:
        return False
    return _BEFORE.search(line) is not None
