"""What PowerShell's values are in Python, and how one becomes another."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Val: TypeAlias = Any
"""A value of PowerShell: only the running program knows more."""


class PsError(Exception):
    """An error of PowerShell; `kind` is the type of its exception, `id` its FullyQualifiedErrorId."""

    HRESULT = -2146233088

    def __init__(
        self, message: str, error_id: str = "", kind: str = "System.Exception", hresult: int = HRESULT
    ) -> None:
        super().__init__(message)
        self.message, self.id, self.kind, self.hresult = message, error_id, kind, hresult


class _Nothing:
    """No output at all; kept in a variable it is still none, and beside `$null` it is equal."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


class ArrayList(list[Val]):
    """System.Collections.ArrayList: changes in place, unlike an array."""


class Hash:
    """A hashtable: keys that are text differ in more than case."""

    def __init__(self, items: Iterable[tuple[Val, Val]] = ()) -> None:
        self.items: dict[Val, tuple[Val, Val]] = {}
        for key, value in items:
            self[key] = value

    def __getitem__(self, key: Val) -> Val:
        return self.items.get(_folded(key), (key, None))[1]

    def __setitem__(self, key: Val, value: Val) -> None:
        old = self.items.get(_folded(key))
        self.items[_folded(key)] = (old[0] if old else key, value)

    def __contains__(self, key: Val) -> bool:
        return _folded(key) in self.items

    def __iter__(self) -> Iterator[Val]:
        return iter([key for key, _ in self.items.values()])


@dataclass(eq=False)
class Thing:
    """An object of which the recording knows properties and answers of methods (`Name()`)."""

    members: dict[str, Val] = field(default_factory=dict)
    kind: str = "System.Object"

    def has(self, name: str) -> bool:
        return name.lower() in self.members

    def get(self, name: str) -> Val:
        return self.members[name.lower()]

    def put(self, name: str, value: Val) -> None:
        self.members[name.lower()] = value


@dataclass(frozen=True)
class Code:
    """A script block: its node of the syntax tree."""

    node: Val


@dataclass(frozen=True)
class TypeName:
    """A type, as between brackets."""

    name: str


@dataclass(frozen=True)
class Bare:
    """A parameter's name on a command line; `glued` if a colon ties its value to it."""

    name: str
    glued: bool = False


def thing(source: Mapping[str, Val], kind: str = "System.Object") -> Thing:
    return Thing({name.lower(): value for name, value in source.items()}, kind)


def recorded(value: Val) -> Val:
    """A value of an example file as PowerShell has it; `{text: …}` is text that looks like a time."""
    if isinstance(value, Mapping) and set(value) == {"text"}:
        return value["text"]
    if isinstance(value, Mapping):
        return thing({str(name): recorded(item) for name, item in value.items()})
    if isinstance(value, tuple | list):
        return [recorded(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value):
        return datetime.fromisoformat(value)
    return value


def refusal(answer: Val) -> PsError | None:
    """The error that a recording gives as an answer; None if it gives none."""
    if not isinstance(answer, Thing) or not answer.has("error"):
        return None
    said = {name: answer.get(name) for name in ("id", "kind", "hresult") if answer.has(name)}
    words = (to_text(said.get("id", "")), to_text(said.get("kind", "System.Exception")))
    return PsError(to_text(answer.get("error")), *words, int(said.get("hresult", PsError.HRESULT)))


def is_null(value: Val) -> bool:
    return value is None or value is NOTHING


def is_list(value: Val) -> bool:
    return isinstance(value, list)


def unrolled(value: Val) -> list[Val]:
    """What a value is once it goes down a pipeline."""
    if value is NOTHING:
        return []
    return list(value) if isinstance(value, list) else [value]


def collected(found: list[Val]) -> Val:
    """What a variable gets of what a pipeline gave."""
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else found


def truth(value: Val) -> bool:
    if is_null(value):
        return False
    if isinstance(value, list):
        return truth(value[0]) if len(value) == 1 else bool(value)
    if isinstance(value, bool | int | float | str):
        return bool(value)
    return True


def to_text(value: Val) -> str:
    """As the cast to string."""
    if is_null(value):
        return ""
    return next((shown(value) for kind, shown in _SHOWN if isinstance(value, kind)), str(value))


def _object_text(value: Thing) -> str:
    return to_text(value.get("ToString()")) if value.has("ToString()") else value.kind


_SHOWN: tuple[tuple[type, Callable[[Val], str]], ...] = (
    (list, lambda of: " ".join(map(to_text, of))),
    (float, lambda of: str(int(of)) if of.is_integer() else repr(of)),
    (datetime, lambda of: f"{of:%m/%d/%Y %H:%M:%S}"),
    (Thing, _object_text),
    (TypeName, lambda of: str(of.name)),
)


def to_number(value: Val) -> int | float:
    """A number of whatever may be one. Raises PsError."""
    if is_null(value):
        return 0
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        return value
    text = to_text(value).strip()
    try:
        return int(text, 16) if text.lower().startswith("0x") else int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise PsError(f'Cannot convert value "{text}" to a number') from None


def to_whole(value: Val) -> int:
    """[int]: half goes to the even number."""
    return round(to_number(value))


def _folded(key: Val) -> Val:
    return key.lower() if isinstance(key, str) else key
