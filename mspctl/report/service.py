"""What the desk did for a client in a month, as the report needs it; made by whoever knows the desk."""

from dataclasses import dataclass
from datetime import datetime


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
class Service:
    """The calls of the month, the oldest first. It is never part of the client's score."""

    calls: tuple[CallLine, ...] = ()

    @property
    def seconds(self) -> int:
        """All the time at work on them."""
        return sum(call.seconds for call in self.calls)
