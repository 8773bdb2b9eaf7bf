"""Every value on its way into shell text: quoted, or refused. POSIX.1-2017, 2.2.2 (single quotes)."""

import math
import re

from mspctl.model.fit import looks_like_secret
from mspctl.model.secret import Secret, SecretRef

RAW = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")
"""What `| raw` lets through: no character of it means anything to a shell, quoted or not."""


class UnfitValueError(Exception):
    """A value that cannot stand where the template puts it; the text says why, without a secret."""


class Bare(str):
    """Text that needs no quotes: it went through `raw` or `secret`."""

    __slots__ = ()


def quoted(text: str) -> str:
    """The text as one word of any POSIX shell.

    Raises UnfitValueError for NUL and for lone surrogates, which have no bytes.
    """
    if "\0" in text:
        raise UnfitValueError("the value holds a NUL character, which no command can take")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise UnfitValueError("the value holds a lone surrogate, which has no bytes in UTF-8")
    return "'" + text.replace("'", "'\\''") + "'"


def word(value: object) -> str:
    """The value as shell words: text in single quotes, true as 1, false and None as '', a list word by word.

    Raises UnfitValueError for maps, secrets, NaN and infinity.
    """
    if isinstance(value, Bare):
        return value
    if isinstance(value, str):
        return quoted(value)
    if value is None or value is False:
        return "''"
    if value is True:
        return "1"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, tuple | list):
        return " ".join(map(word, value))
    refuse_secret(value)
    raise UnfitValueError(f"a {type(value).__name__} cannot be put into shell text")


def command_word(value: object) -> str:
    """As `word`, for the command lines of playbooks, which no secret may enter."""
    refuse_reference(value)
    return word(value)


def plain(value: object) -> str:
    """The value as text: true and false as YAML writes them, None as nothing.

    Raises UnfitValueError for lists, maps and secrets.
    """
    if isinstance(value, str):
        refuse_reference(value)
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    refuse_secret(value)
    if isinstance(value, tuple | list):
        raise UnfitValueError("a list cannot be put into text; say how, for example with | join(' ')")
    raise UnfitValueError(f"a {type(value).__name__} cannot be put into text")


def one_word(value: object) -> object:
    """The filter put on expressions that touch other text; see mspctl.render.onewordeach."""
    if isinstance(value, tuple | list):
        raise UnfitValueError(
            "a list cannot be a part of a word; put blanks around it, or say how with | join(',')"
        )
    return value


def raw(value: object) -> Bare:
    """The filter `raw`: a value without quotes, if no character of it means anything to a shell."""
    text = value if isinstance(value, str) else word(value)
    if not RAW.fullmatch(text):
        raise UnfitValueError(
            "| raw takes only letters, digits and _@%+=:,./- ; leave it out, values are quoted"
        )
    return Bare(text)


def secret(value: object) -> Bare:
    """The filter `secret`: the name of the shell function that prints the secret on its stdout."""
    function = getattr(value, "function", None)
    if not isinstance(function, str):
        raise UnfitValueError("| secret takes only parameters of type secret")
    return Bare(function)


def refuse_secret(value: object) -> None:
    """Raises UnfitValueError if the value is a secret, a reference to one, or a secret's slot."""
    if isinstance(value, Secret | SecretRef) or hasattr(value, "function"):
        raise UnfitValueError(
            "secrets only by stdin: use it as {{ name | secret }} in a module, in front of a |"
        )


def refuse_reference(value: object) -> None:
    """Raises UnfitValueError for text that is a reference to a secret: it would arrive as mere letters."""
    refuse_secret(value)
    if isinstance(value, str) and looks_like_secret(value):
        raise UnfitValueError(
            "secrets only by stdin: a reference to a secret works only in a parameter of type secret"
        )


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise UnfitValueError(f"{value} is not a number that a host can use")
    return str(int(value)) if value == int(value) else str(value)
