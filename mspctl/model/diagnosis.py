"""What may be wrong with a host: signs to look for, causes that leave them, and what was found of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class SignKind(StrEnum):
    """Where a sign is seen."""

    FINDING = "finding"
    METRIC = "metric"
    NOTE = "note"
    STEP = "step"
    """A step that failed, by its module."""
    OUTCOME = "outcome"
    """What became of the host as a whole."""
    OPEN = "open"
    """What is on record about the host already: an incident, a run that failed, a missed window."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that a cause leaves. `name` and the values of `where` are globs.

    In a sign beside the first, `{}` stands for what the star of that one stood for.
    """

    kind: SignKind
    name: str
    where: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason why a host is not well, and the playbook that mends it. `{}` as in Sign.

    It is likely if one of `signs` is seen; `also` makes it likelier; `explains` names causes that it brings
    about. With `rest` only that counts which no cause before it has made use of.
    """

    name: str
    title: str
    points: int
    signs: tuple[Sign, ...]
    also: tuple[Sign, ...] = ()
    explains: tuple[str, ...] = ()
    fix: str = ""
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    advice: str = ""
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that was seen; `text` is for people, `step` the step that saw it."""

    kind: SignKind
    name: str
    text: str
    step: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Likely:
    """A cause that was seen, with all that speaks for it. `because` names the cause that explains it."""

    cause: Cause
    subject: str
    points: int
    evidence: tuple[Evidence, ...]
    because: str = ""

    @property
    def title(self) -> str:
        """With what it is about."""
        return self.cause.title.replace("{}", self.subject)

    @property
    def params(self) -> Mapping[str, str]:
        """What the playbook that mends it is to be told."""
        return {name: value.replace("{}", self.subject) for name, value in self.cause.params.items()}
