"""What the desk did for a client in a month, as the report needs it; made by whoever knows the desk."""

from dataclasses import dataclass
from datetime import date, datetime

from mspctl.model.comparison import Comparison
from mspctl.model.servicelevel import ServiceLevels

MONTHS = 12


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call of the month; `seconds` is the time at work on it."""

    number: int
    at: datetime
    title: str
    priority: str
    seconds: int
    open: bool


@dataclass(frozen=True, slots=True)
class CallMonth:
    """The calls that the client made in a month, by what was promised about them."""

    month: date
    in_time: int
    late: int
    without: int
    """Nothing was promised, or nobody wrote down when the client asked."""


@dataclass(frozen=True, slots=True)
class Service:
    """The calls of the month, the oldest first. It is never part of the client's score."""

    calls: tuple[CallLine, ...] = ()
    levels: ServiceLevels | None = None
    """None: the client has no contract that could promise anything."""
    months: tuple[CallMonth | None, ...] = ()
    """Twelve, of which the last is the month itself; None where the desk was not used yet."""
    comparison: Comparison | None = None
    """None: no other plans are laid down."""

    @property
    def seconds(self) -> int:
        """All the time at work on them."""
        return sum(call.seconds for call in self.calls)


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident that monitoring opened, of a month; `host` is `client/name`, empty for what has no host."""

    number: int
    host: str
    what: str
    """The name of what was down; empty: the host could not be reached."""
    opened: datetime
    closed: datetime | None
