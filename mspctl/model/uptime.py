"""How much of the time a service was up, and how much of the time anybody looked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from mspctl.model.monitoring import Seen, Span

Measure = Callable[[datetime, datetime], int]
"""The seconds between two moments that count, such as those in business hours."""
_UP = frozenset({Seen.UP.value, Seen.WARNING.value})


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds that count: `up` and `down` were seen, of `whole` in all.

    Maintenance that was announced is no downtime; what nobody asked, or could not, is not measured.
    """

    up: int
    down: int
    maintenance: int
    whole: int

    @property
    def share(self) -> float | None:
        """Up, of what was up or down, from 0 to 1; None if nothing was measured."""
        measured = self.up + self.down
        return self.up / measured if measured else None

    @property
    def coverage(self) -> float:
        """How much of the time is accounted for, from 0 to 1."""
        return (self.up + self.down + self.maintenance) / self.whole if self.whole else 0.0


def uptime(spans: Iterable[Span], since: datetime, until: datetime, measure: Measure) -> Uptime:
    """The uptime of one key in [since, until)."""
    seconds = {"up": 0, "down": 0, "maintenance": 0}
    for span in spans:
        begins, ends = max(span.begins, since), min(span.ends, until)
        if begins < ends:
            kind = "up" if span.seen in _UP else span.seen
            if kind in seconds:
                seconds[kind] += measure(begins, ends)
    return Uptime(seconds["up"], seconds["down"], seconds["maintenance"], measure(since, until))


def all_seconds(since: datetime, until: datetime) -> int:
    """The measure in which every second counts."""
    return int((until - since).total_seconds())
