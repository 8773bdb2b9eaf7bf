"""Properties and methods of values."""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from tests.unit.powershell.engine.values import (
    NOTHING,
    ArrayList,
    Code,
    Hash,
    PsError,
    Thing,
    TypeName,
    Val,
    collected,
    is_null,
    refusal,
    thing,
    to_text,
    to_whole,
)

_EPOCH = datetime(1601, 1, 1)  # noqa: DTZ001 - the host's time has no zone here


class Properties(list[Val]):
    """What `PSObject.Properties` gives: a list that takes a name for an index."""

    def named(self, name: str) -> Val:
        """The property, None if the object has none of this name."""
        return next((each for each in self if to_text(each.get("Name")).lower() == name.lower()), None)


class Members(Properties):
    """What `PSObject.Members` gives of an object, by name alone."""

    def __init__(self, of: Val) -> None:
        super().__init__()
        self._of = of

    def named(self, name: str) -> Val:
        if not isinstance(self._of, Thing):
            return None
        if self._of.has(f"{name}()"):
            return thing({"Name": name, "MemberType": "Method"})
        return thing({"Name": name, "MemberType": "Property"}) if self._of.has(name) else None


def _members(value: Val) -> list[str]:
    return list(value.members) if isinstance(value, Thing) else []


def member(value: Val, name: str) -> Val:
    """The property. Raises PsError where strict mode does."""
    if isinstance(value, Thing) and value.has(name):
        return value.get(name)
    if isinstance(value, Hash) and name in value:
        return value[name]
    word = name.lower()
    if word == "psobject":
        members = [thing({"Name": each, "Value": value.get(each)}) for each in _members(value)]
        return thing({"Properties": Properties(members), "Members": Members(value)})
    if isinstance(value, list) and word not in ("count", "length"):
        return collected([member(item, name) for item in value])
    table = next((found for kind, found in _PROPERTIES if isinstance(value, kind)), {})
    if word not in table:
        problem = f"The property '{name}' cannot be found on this object: {to_text(value)!r}"
        raise PsError(problem, "PropertyNotFoundStrict")
    return table[word](value)


def put_member(value: Val, name: str, new: Val) -> None:
    if isinstance(value, Hash):
        value[name] = new
    elif isinstance(value, Thing):
        if not value.has(name):
            raise PsError(f"The property '{name}' cannot be found on this object", "PropertyNotFoundStrict")
        value.put(name, new)
    else:
        raise PsError(f"The property '{name}' cannot be set")


def call(value: Val, name: str, given: list[Val]) -> Val:
    """The method's answer; NOTHING if it has none."""
    if is_null(value):
        raise PsError("You cannot call a method on a null-valued expression.", "InvokeMethodOnNull")
    if isinstance(value, Thing):
        return _recorded_call(value, name, given)
    table = next((methods for kind, methods in _METHODS if isinstance(value, kind)), {})
    method = table.get(name.lower())
    if method is None:
        if name.lower() == "tostring":
            return value.node.text.decode() if isinstance(value, Code) else to_text(value)
        raise PsError(f"{type(value).__name__} has no method {name} here", "MethodNotFound")
    return method(value, *given)


def _recorded_call(value: Thing, name: str, given: list[Val]) -> Val:
    if not value.has(f"{name}()"):
        raise PsError(f"the recording has no method {name} of {value.kind}", "MethodNotFound")
    answer = value.get(f"{name}()")
    if callable(answer):
        answer = answer(*given)
    if isinstance(answer, Thing) and answer.has("by"):
        answer = answer.get("by").get(to_text(given[0]))
    error = refusal(answer)
    if error is not None:
        raise error
    return NOTHING if answer is None else answer


def _stripped(how: Callable[[str, str | None], str]) -> Callable[..., str]:
    def strip(text: str, *chars: Val) -> str:
        flat = [c for each in chars for c in (each if isinstance(each, list) else [each])]
        return how(text, "".join(map(to_text, flat)) or None)

    return strip


def _substring(text: str, start: Val, length: Val = None) -> str:
    begin = to_whole(start)
    end = len(text) if length is None else begin + to_whole(length)
    if begin < 0 or end < begin or end > len(text):
        raise PsError("startIndex or length is beyond the text", kind="System.ArgumentOutOfRangeException")
    return text[begin:end]


def _add(items: ArrayList, value: Val) -> int:
    items.append(value)
    return len(items) - 1


def _number_text(value: Val, how: str = "", *_culture: Val) -> str:
    if how.upper().startswith("F"):
        return f"{float(value):.{int(how[1:] or 2)}f}"
    return to_text(value)


_DATE_FORMATS: Mapping[str, str] = {
    "o": "%Y-%m-%dT%H:%M:%S",
    "yyyy-MM-ddTHH:mm:ss": "%Y-%m-%dT%H:%M:%S",
    "yyyy-MM-dd": "%Y-%m-%d",
}
_Table = dict[str, Callable[..., Val]]
_PROPERTIES: tuple[tuple[type, _Table], ...] = (
    (list, {"count": len, "length": len}),
    (str, {"length": len}),
    (bytes, {"length": len}),
    (
        Hash,
        {
            "count": lambda of: len(of.items),
            "keys": list,
            "values": lambda of: [value for _, value in of.items.values()],
        },
    ),
    (
        datetime,
        {
            "kind": lambda _of: "Unspecified",
            **{name: operator.attrgetter(name) for name in ("year", "month", "day", "hour")},
        },
    ),
    (
        timedelta,
        {
            "totalseconds": timedelta.total_seconds,
            "totalminutes": lambda of: of.total_seconds() / 60,
            "totalhours": lambda of: of.total_seconds() / 3600,
            "totaldays": lambda of: of.total_seconds() / 86400,
            "days": operator.attrgetter("days"),
        },
    ),
)
_TEXT: _Table = {
    "trim": _stripped(str.strip),
    "trimstart": _stripped(str.lstrip),
    "trimend": _stripped(str.rstrip),
    "replace": lambda text, old, new: text.replace(to_text(old), to_text(new)),
    "contains": lambda text, part: to_text(part) in text,
    "startswith": lambda text, part, *_how: text.startswith(to_text(part)),
    "endswith": lambda text, part, *_how: text.endswith(to_text(part)),
    "indexof": lambda text, part, *_how: text.find(to_text(part)),
    "lastindexof": lambda text, part: text.rfind(to_text(part)),
    "substring": _substring,
    "padleft": lambda text, width, sign=" ": text.rjust(to_whole(width), to_text(sign)),
    "tolowerinvariant": str.lower,
    "toupperinvariant": str.upper,
    "split": lambda text, sign: text.split(to_text(sign)),
}
_METHODS: tuple[tuple[type, _Table], ...] = (
    (str, _TEXT),
    (ArrayList, {"add": _add, "toarray": list, "contains": lambda items, one: one in items}),
    (Hash, {"containskey": lambda items, key: key in items}),
    (
        datetime,
        {
            "tofiletime": lambda at: int((at - _EPOCH).total_seconds()) * 10_000_000,
            "addseconds": lambda at, number: at + timedelta(seconds=float(number)),
            "addhours": lambda at, number: at + timedelta(hours=float(number)),
            "adddays": lambda at, number: at + timedelta(days=float(number)),
            "tostring": lambda at, how="o", *_culture: at.strftime(_DATE_FORMATS[how]),
            "touniversaltime": lambda at: at,
        },
    ),
    (int, {"tostring": _number_text}),
    (float, {"tostring": _number_text}),
    (TypeName, {}),
)
