"""When what may happen on a host: windows and blackouts as written, in the host's local time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType

from mspctl.model.place import Place


@dataclass(frozen=True, slots=True)
class Span:
    """A recurring span of local time: on the days of `rule` (RFC 5545, days only) it begins at `start`.

    It ends at the wall-clock time `end` (the next day's if that is not later than `start`), or, if `end` is
    None, `seconds` after it began. `since` is the day from which `INTERVAL` counts.
    """

    rule: str
    start: time
    end: time | None = None
    seconds: int = 0
    since: date | None = None
    text: str = ""
    """As it was written."""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Blackout:
    """A time in which nothing may happen whatever the windows say.

    From `first` to `last` (naive local times, `last` not included), or each time of `span`.
    """

    reason: str
    first: datetime | None = None
    last: datetime | None = None
    span: Span | None = None
    place: Place | None = field(default=None, compare=False)


def no_windows() -> Mapping[str, tuple[Span, ...]]:
    """An empty, immutable map of windows."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Calendar:
    """A host's windows by name, its blackouts, and the IANA time zone that they are meant in.

    A name that is not in `windows` is always open, but for the blackouts.
    """

    windows: Mapping[str, tuple[Span, ...]] = field(default_factory=no_windows)
    blackouts: tuple[Blackout, ...] = ()
    timezone: str = "UTC"


ALWAYS_OPEN = Calendar()
"""Shared by all hosts without windows and blackouts in UTC."""
