"""How many hosts at once, in waves of which sizes, and when to stop."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mspctl.engine.openings import Admission
from mspctl.model.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Share:
    """A number of hosts, or a percentage (0 to 100) of all hosts of the run."""

    amount: float
    percent: bool = False

    def of(self, total: int) -> int:
        """As a whole number of hosts, percentages rounded down."""
        return math.floor(total * self.amount / 100) if self.percent else int(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:g}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class MaxFail:
    """Stop when more than this many hosts ended badly: `overall` for all bad outcomes, `each` per outcome."""

    overall: Share | None = None
    each: Mapping[Outcome, Share] = field(default_factory=dict)

    def exceeded(self, counts: Mapping[Outcome, int], total: int) -> str | None:
        """Which limit was passed, in words; None if none was."""
        bad = sum(count for outcome, count in counts.items() if outcome.bad)
        if self.overall is not None and bad > self.overall.of(total):
            return f"{bad} of {total} hosts ended badly, more than the limit of {self.overall}"
        for outcome, share in self.each.items():
            if counts.get(outcome, 0) > share.of(total):
                return f"{counts[outcome]} of {total} hosts {outcome}, more than the limit of {share}"
        return None


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """`forks` hosts at once overall, `per_site` at most per (client, site), `serial` the sizes of the waves.

    The last size of `serial` repeats; no size means one wave.
    """

    forks: int = 20
    per_site: Mapping[tuple[str, str], int] = field(default_factory=dict)
    serial: tuple[Share, ...] = ()
    max_fail: MaxFail = field(default_factory=MaxFail)
    cancel_grace: float = 10.0
    admissions: Mapping[str, Admission] = field(default_factory=dict)
    """Host (client/name) → until when it may be started; hosts that are not in it may always be."""
    reboots: Mapping[str, Admission] = field(default_factory=dict)
    """Host → until when it may be told to reboot; hosts that are not in it always may be."""
    proven: frozenset[str] = frozenset()
    """Hosts that, if they are held, count as good for those that come after them: their last work was."""
