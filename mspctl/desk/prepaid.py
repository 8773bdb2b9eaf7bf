"""What was paid in advance and what is left of it: hours and money, by the day of the work.

The ledger is computed anew from all work each time, so an entry that is written down late draws from what
held on its day. What lapses first is used first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mspctl.model.billing import Line
from mspctl.model.contract import ZERO

Order = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Lot:
    """So much money is there from `opened` on, until `lapses` (not included; None: for ever)."""

    opened: date
    amount: Decimal
    lapses: date | None = None

    @property
    def order(self) -> Order:
        """What lapses first is used first."""
        return (self.lapses or date.max, self.opened)

    def open_on(self, day: date) -> bool:
        """True if work of that day may use it."""
        return self.opened <= day and (self.lapses is None or day < self.lapses)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The lines with what was covered of each, and what each lot has left."""

    lines: tuple[Line, ...]
    left: tuple[tuple[Lot, Decimal], ...]

    def balance(self, day: date) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Granted, used, lapsed and left at the end of a day, if no work comes after it."""
        begun = [(lot, rest) for lot, rest in self.left if lot.opened <= day]
        granted = sum((lot.amount for lot, _ in begun), ZERO)
        lapsed = sum((rest for lot, rest in begun if lot.lapses is not None and lot.lapses <= day), ZERO)
        left = sum((rest for lot, rest in begun if lot.lapses is None or lot.lapses > day), ZERO)
        return granted, granted - lapsed - left, lapsed, left


def drawn(lots: Sequence[Lot], lines: Iterable[Line]) -> Ledger:
    """The lines, in order of their days, each covered as far as the lots go."""
    rest = {index: lot.amount for index, lot in enumerate(lots)}
    order = sorted(rest, key=lambda index: lots[index].order)
    covered = []
    for line in lines:
        wanted = line.net
        for index in order:
            if wanted > 0 and rest[index] > 0 and lots[index].open_on(line.day):
                taken = min(wanted, rest[index])
                rest[index] -= taken
                wanted -= taken
        covered.append(replace(line, covered=line.amount - wanted))
    return Ledger(tuple(covered), tuple((lot, rest[index]) for index, lot in enumerate(lots)))


def months_from(first: date, until: date) -> Iterator[date]:
    """The first day of each month from that of `first` to the one before `until` (not included)."""
    month = first.replace(day=1)
    while month < until:
        yield month
        month = later(month, 1)


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - date.resolution).day
    return date(year, month, min(day.day, last))
