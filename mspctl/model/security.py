"""What the inventory says about a host's safety: what may be open, which findings somebody answers for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from mspctl.model.place import Place


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody answers for a finding that stays: who, why, and until which day (its last)."""

    check: str
    owner: str
    reason: str
    until: date
    place: Place | None = field(default=None, compare=False)

    def holds(self, today: date) -> bool:
        """False once its last day is over."""
        return today <= self.until

    @property
    def detail(self) -> str:
        """Such as `the till needs it, Anna Berg, until 2027-03-31`."""
        return f"{self.reason}, {self.owner}, until {self.until.isoformat()}"


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """What the inventory says about one host; the defaults declare nothing and waive nothing."""

    ports: tuple[str, ...] = ()
    suid: tuple[str, ...] = ()
    superusers: tuple[str, ...] = ()
    router: bool = False
    administrators: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def waiver(self, check: str, today: date) -> Waiver | None:
        """The one that holds for this check today; None if it has none, or that is over."""
        return _last(each for each in self.waivers if each.check == check and each.holds(today))

    def ended(self, check: str, today: date) -> Waiver | None:
        """The last one of this check whose day is over."""
        return _last(each for each in self.waivers if each.check == check and not each.holds(today))

    def waived(self, today: date) -> tuple[str, ...]:
        """The checks that are waived today, each once."""
        return tuple(dict.fromkeys(each.check for each in self.waivers if each.holds(today)))


def _last(waivers: Iterable[Waiver]) -> Waiver | None:
    return max(waivers, key=lambda each: each.until, default=None)


NO_SECURITY = SecurityPolicy()
"""Shared by all hosts about which the inventory says nothing."""
