"""PowerShell's operators on the values of `values`."""

import fnmatch
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.unit.powershell.engine.values import (
    Hash,
    PsError,
    TypeName,
    Val,
    is_null,
    to_number,
    to_text,
    truth,
)


def add(left: Val, right: Val) -> Val:
    if isinstance(left, list):
        return [*left, *(right if isinstance(right, list) else [right])]
    if isinstance(left, str):
        return left + to_text(right)
    if isinstance(left, datetime | timedelta):
        return left + right
    if is_null(left):
        return right
    if isinstance(left, Hash):
        raise PsError("a hashtable was added")
    return to_number(left) + to_number(right)


def arithmetic(sign: str, left: Val, right: Val) -> Val:
    """All but `+`."""
    if sign == "*" and isinstance(left, str):
        return left * int(to_number(right))
    if sign == "-" and isinstance(left, datetime):
        return left - right
    first, second = to_number(left), to_number(right)
    if sign == "-":
        return first - second
    if sign == "*":
        return first * second
    if second == 0:
        raise PsError("Attempted to divide by zero.", kind="System.DivideByZeroException")
    if sign == "%":
        return first % second
    made = first / second
    return int(made) if made == int(made) else made


def compare(name: str, left: Val, right: Val, matches: Callable[[Hash], None]) -> Val:
    """An operator such as `-eq`; `matches` takes what `-match` found."""
    word = name.lower().removeprefix("-")
    exact = word.startswith("c") and word != "contains"
    word = word.removeprefix("c") if exact else word
    if word in _SHAPES:
        return _SHAPES[word](left, right, exact)
    test = _PAIRS.get(word)
    if test is None:
        raise PsError(f"the operator {name} is not known here")
    if isinstance(left, list):
        return [item for item in left if test(item, right, exact)]
    if word == "match":
        found = _search(left, right, exact)
        if found:
            matches(Hash([(0, found[0]), *enumerate(found.groups(), 1)]))
        return found is not None
    return test(left, right, exact)


def equal(left: Val, right: Val, exact: bool) -> bool:  # noqa: FBT001 - the shape of all tests
    if is_null(left) or is_null(right):
        return is_null(left) and is_null(right)
    if isinstance(left, bool):
        return left == truth(right)
    if isinstance(left, str):
        text = to_text(right)
        return left == text if exact else left.lower() == text.lower()
    if isinstance(left, int | float):
        try:
            return left == to_number(right)
        except PsError:
            return False
    return bool(left == right)


def _less(left: Val, right: Val, exact: bool) -> bool:  # noqa: FBT001 - as above
    if isinstance(left, datetime | timedelta):
        return bool(left < right)
    if isinstance(left, str):
        text = to_text(right)
        return left < text if exact else left.lower() < text.lower()
    return to_number(left) < to_number(right)


def like(left: Val, right: Val, exact: bool) -> bool:  # noqa: FBT001 - as above
    text, pattern = to_text(left), to_text(right)
    if not exact:
        text, pattern = text.lower(), pattern.lower()
    return fnmatch.fnmatchcase(text, pattern)


def _search(left: Val, right: Val, exact: bool) -> "re.Match[str] | None":  # noqa: FBT001 - as above
    try:
        return re.search(to_text(right), to_text(left), 0 if exact else re.IGNORECASE)
    except re.error as error:
        raise PsError(f"parsing {to_text(right)!r} - {error}", kind="System.ArgumentException") from None


def _matches(left: Val, right: Val, exact: bool) -> bool:  # noqa: FBT001 - as above
    return _search(left, right, exact) is not None


def _contains(left: Val, right: Val, exact: bool) -> bool:  # noqa: FBT001 - as above
    return any(equal(item, right, exact) for item in (left if isinstance(left, list) else [left]))


def _replace(left: Val, right: Val, exact: bool) -> Val:  # noqa: FBT001 - as above
    pattern, new = right if isinstance(right, list) else (right, "")
    flags = 0 if exact else re.IGNORECASE
    plain = re.sub(r"\$(\d)", r"\\\1", to_text(new).replace("\\", r"\\"))
    return re.sub(to_text(pattern), plain, to_text(left), flags=flags)


def _split(left: Val, right: Val, _exact: bool) -> Val:  # noqa: FBT001 - as above
    pattern, most = (right[0], int(right[1])) if isinstance(right, list) else (right, 0)
    return re.split(to_text(pattern), to_text(left), maxsplit=most - 1 if most else 0)


def _join(left: Val, right: Val, _exact: bool) -> Val:  # noqa: FBT001 - as above
    return to_text(right).join(map(to_text, left if isinstance(left, list) else [left]))


def _is(left: Val, right: Val, _exact: bool) -> bool:  # noqa: FBT001 - as above
    name = right.name.lower() if isinstance(right, TypeName) else to_text(right).lower()
    if "registrykey" in name:
        return getattr(left, "kind", "") == "Microsoft.Win32.RegistryKey"
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "int": int,
        "bool": bool,
        "valuetype": (int, float, datetime),
        "datetime": datetime,
        "array": list,
        "type": TypeName,
        "hashtable": Hash,
        "byte[]": bytes,
    }
    return isinstance(left, kinds.get(name.removeprefix("system."), ()))


_Test = Callable[[Val, Val, bool], bool]
_PAIRS: dict[str, _Test] = {
    "eq": equal,
    "ne": lambda left, right, exact: not equal(left, right, exact),
    "lt": _less,
    "ge": lambda left, right, exact: not _less(left, right, exact),
    "gt": lambda left, right, exact: _less(right, left, exact),
    "le": lambda left, right, exact: not _less(right, left, exact),
    "like": like,
    "notlike": lambda left, right, exact: not like(left, right, exact),
    "match": _matches,
    "notmatch": lambda left, right, exact: not _matches(left, right, exact),
}
_SHAPES: dict[str, Callable[[Val, Val, bool], Val]] = {
    "contains": _contains,
    "notcontains": lambda left, right, exact: not _contains(left, right, exact),
    "in": lambda left, right, exact: _contains(right, left, exact),
    "notin": lambda left, right, exact: not _contains(right, left, exact),
    "replace": _replace,
    "split": _split,
    "join": _join,
    "is": _is,
    "isnot": lambda left, right, exact: not _is(left, right, exact),
    "band": lambda left, right, _exact: int(to_number(left)) & int(to_number(right)),
    "bor": lambda left, right, _exact: int(to_number(left)) | int(to_number(right)),
}


def formatted(pattern: str, values: list[Val]) -> str:
    """The operator -f."""

    def one(found: re.Match[str]) -> str:
        value, how = values[int(found[1])], (found[2] or "").upper()
        if how.startswith("X"):
            digits = int(how[1:] or 0)
            return f"{int(to_number(value)) & 0xFFFFFFFF:0{digits}X}"
        if how.startswith(("N", "F")):
            return f"{float(to_number(value)):.{int(how[1:] or 2)}f}"
        return to_text(value)

    return re.sub(r"\{(\d+)(?::([^}]*))?\}", one, pattern)
