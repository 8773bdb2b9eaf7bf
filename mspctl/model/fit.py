"""Makes a value fit its parameter: one meaning for text, numbers and times, wherever they come from."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mspctl.model.playbook import Parameter, ParameterType
from mspctl.model.secret import SecretRef
from mspctl.model.suggestion import did_you_mean
from mspctl.model.value import Value

Fitted = Value | SecretRef

SECRET_SCHEMES = ("env", "file", "systemd")
_SECRET = re.compile(r"(env|file|systemd):(?!//)([^\s\x00]+)")
_SECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*(s|m|h|d)?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]|\\\\[^\\/]")
_MODE = re.compile(r"[0-7]{3,4}")
_UNITS = (("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0))
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit, in words; never holds the value of a secret."""

    problem: str
    hint: str = ""


def fit(parameter: Parameter, value: Fitted) -> Fitted | Misfit:
    """The value in the parameter's own type, None where an optional one is not set (a list is empty).

    TEXT, CHOICE, PATH, MODE (four octal digits) and SHELL give str, LIST a tuple of str, SECONDS a float,
    SECRET a SecretRef. Text is read as the type asks (`"yes"` for a boolean, `90s`, `10m`, `1h`; a list
    is split at its commas), so that values from a command line and from YAML mean the same.
    """
    if value is None:
        if parameter.required:
            return Misfit("a value is required")
        return () if parameter.type is ParameterType.LIST else None
    if isinstance(value, str) and "\0" in value:
        return Misfit("the value holds a NUL character, which no command can take")
    if isinstance(value, SecretRef) and parameter.type is not ParameterType.SECRET:
        hint = "secrets go only into parameters of type secret"
        return Misfit(f"a secret cannot be used for a parameter of type {parameter.type}", hint)
    return _READERS[parameter.type](parameter, value)


def secret_reference(value: Value) -> SecretRef | Misfit:
    """A reference such as `file:keys/acme`; the misfit does not repeat what may be a password."""
    found = _SECRET.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        schemes = ", ".join(f"{scheme}:…" for scheme in SECRET_SCHEMES)
        return Misfit("a secret is given by reference only, not in plain text", f"one of {schemes}")
    return SecretRef(found[1], found[2])


def looks_like_secret(text: str) -> bool:
    """True for text that is nothing but a reference to a secret."""
    return _SECRET.fullmatch(text) is not None


def seconds(text: str) -> float | None:
    """A length of time such as `90`, `90s`, `10m`, `1.5h` or `1d` in seconds; None if it is none."""
    found = _SECONDS.fullmatch(text.strip())
    if found is None:
        return None
    return float(found[1]) * dict(_UNITS)[found[2] or "s"]


def _text(_parameter: Parameter, value: Fitted) -> str | Misfit:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Misfit(f"expected text, found {_kind(value)}", "quote it")
    return str(value)


def _integer(_parameter: Parameter, value: Fitted) -> int | Misfit:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return Misfit(f"expected a whole number, found {_kind(value)}")


def _boolean(_parameter: Parameter, value: Fitted) -> bool | Misfit:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE | _FALSE:
        return word in _TRUE
    return Misfit(f"expected true or false, found {_kind(value)}")


def _items(_parameter: Parameter, value: Fitted) -> tuple[str, ...] | Misfit:
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    if not isinstance(value, tuple):
        return Misfit(f"expected a list, found {_kind(value)}")
    items = tuple(_text(_parameter, item) for item in value)
    wrong = next((item for item in items if isinstance(item, Misfit)), None)
    if wrong is not None:
        return Misfit(f"the list holds something else than text: {wrong.problem}", wrong.hint)
    return tuple(item for item in items if isinstance(item, str))


def _choice(parameter: Parameter, value: Fitted) -> str | Misfit:
    text = str(value).lower() if isinstance(value, bool) else _text(parameter, value)
    if isinstance(text, Misfit) or text in parameter.choices:
        return text
    return Misfit(
        f"{_shown(text)} is not one of {', '.join(parameter.choices)}", did_you_mean(text, parameter.choices)
    )


def _path(_parameter: Parameter, value: Fitted) -> str | Misfit:
    text = _text(_parameter, value)
    if isinstance(text, str) and ("\n" in text or not _ABSOLUTE.match(text)):
        hint = "a path on the host starts with /, on Windows with C:\\"
        return Misfit(f"expected an absolute path, found {_shown(text)}", hint)
    return text


def _mode(_parameter: Parameter, value: Fitted) -> str | Misfit:
    text = _text(_parameter, value)
    if isinstance(text, str) and not _MODE.fullmatch(text):
        return Misfit(
            f"expected a file mode, found {_shown(text)}", "three or four octal digits, such as 0644"
        )
    return text.zfill(4) if isinstance(text, str) else text


def _command(_parameter: Parameter, value: Fitted) -> str | Misfit:
    text = _text(_parameter, value)
    return Misfit("the command is empty") if isinstance(text, str) and not text.strip() else text


def _seconds(_parameter: Parameter, value: Fitted) -> float | Misfit:
    number = None
    if isinstance(value, str):
        number = seconds(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if number is None or not math.isfinite(number) or number < 0:
        return Misfit(f"expected a length of time, found {_kind(value)}", "seconds, or 90s, 10m, 1h")
    return number


def _secret(_parameter: Parameter, value: Fitted) -> SecretRef | Misfit:
    return value if isinstance(value, SecretRef) else secret_reference(value)


def _kind(value: Fitted) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, int | float):
        return f"the number {value}"
    return "a list" if isinstance(value, tuple) else "a map"


def _shown(text: str) -> str:
    short = text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 - fits a line
    return repr(short)


_READERS: Mapping[ParameterType, Callable[[Parameter, Fitted], Fitted | Misfit]] = MappingProxyType(
    {
        ParameterType.TEXT: _text,
        ParameterType.INTEGER: _integer,
        ParameterType.BOOLEAN: _boolean,
        ParameterType.LIST: _items,
        ParameterType.CHOICE: _choice,
        ParameterType.PATH: _path,
        ParameterType.MODE: _mode,
        ParameterType.SHELL: _command,
        ParameterType.SECRET: _secret,
        ParameterType.SECONDS: _seconds,
    }
)
