"""What to set aside by quarter, and until when machines are under warranty: from the client's roadmap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from mspctl.model.roadmap import Asset, Item, Reason, Roadmap
from mspctl.report.drawing.bars import Term, terms
from mspctl.report.drawing.timeline import place_of
from mspctl.report.facts.areas import Light
from mspctl.report.wording.roadmapwords import RoadmapWords
from mspctl.report.wording.speech import Speech

QUARTERS = 4
MOST = 10
"""So many machines have a stretch of the timeline; those whose warranty ends first."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """An item; `cells` has an amount in words for each quarter and for later, empty where there is none."""

    what: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WarrantyRow:
    """Machines and their stretch of warranty."""

    what: str
    drawn: Markup
    words: str


class BudgetPage:
    """The coming four quarters of one client; `hosts` are the computers of the inventory."""

    def __init__(
        self, roadmap: Roadmap | None, assets: Sequence[Asset], hosts: frozenset[str], speech: Speech
    ) -> None:
        self.speech = speech
        self._roadmap = roadmap
        self._assets = assets
        self._hosts = hosts
        items = () if roadmap is None else roadmap.items
        self._dated = [item for item in items if item.due is not None]
        self._priced = [item for item in self._dated if item.price is not None]

    def _column(self, item: Item) -> int:
        """What is overdue is needed at once; what is far away is later."""
        due = item.due or self._today
        return min(max(_quarter(due) - self._first, 0), QUARTERS)

    @property
    def _today(self) -> date:
        return date.min if self._roadmap is None else self._roadmap.made

    @property
    def _first(self) -> int:
        """The quarter of the day after the report's period, counted from the year 0."""
        return _quarter(self._today + timedelta(days=1))

    @property
    def _later(self) -> bool:
        return any(self._column(each) == QUARTERS for each in self._priced)

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of the columns."""
        say = self.speech.say
        quarters = (divmod(self._first + step, 4) for step in range(QUARTERS))
        names = tuple(say("Q{number} {year}", number=part + 1, year=year) for year, part in quarters)
        return (*names, say("Later")) if self._later else names

    @property
    def rows(self) -> tuple[BudgetRow, ...]:
        """What has a price, the first to pay first."""
        return tuple(self._row(each) for each in self._priced)

    def _row(self, item: Item) -> BudgetRow:
        column, told = self._column(item), self._money(item.price or _ZERO)
        return BudgetRow(self._what(item), tuple(told if place == column else "" for place in self._places()))

    def _what(self, item: Item) -> str:
        assert self._roadmap is not None  # noqa: S101 - an item comes from one
        if item.reason is Reason.WARRANTY:
            return self.speech.say("Replace {host}, or extend its warranty", host=item.subject)
        return RoadmapWords(self._roadmap, self.speech).words(item)[0]

    def _places(self) -> range:
        return range(QUARTERS + self._later)

    @property
    def totals(self) -> tuple[str, ...]:
        """Each column's sum."""
        sums = (
            sum((each.price or _ZERO for each in self._priced if self._column(each) == place), _ZERO)
            for place in self._places()
        )
        return tuple(self._money(each) if each else "" for each in sums)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What has a day and no price yet."""
        return tuple(self._what(each) for each in self._dated if each.price is None)

    def _money(self, amount: Decimal) -> str:
        assert self._roadmap is not None  # noqa: S101 - as above
        return self.speech.money(amount, self._roadmap.currency)

    @property
    def warranties(self) -> tuple[WarrantyRow, ...]:
        """What ends first stands first; machines with the same day share a line."""
        found: dict[date, list[str]] = {}
        for each in self._assets:
            if each.warranty_until is not None:
                found.setdefault(each.warranty_until, []).append(each.host)
        rows = sorted(found.items())[:MOST]
        return tuple(self._warranty(tuple(sorted(hosts)), until) for until, hosts in rows)

    def _warranty(self, hosts: tuple[str, ...], until: date) -> WarrantyRow:
        say, what = self.speech.say, self.speech.listed(hosts, 4)
        day = self.speech.plain_day(until)
        words = say("under warranty until {day}", day=day)
        if until < self._today:
            words = say("warranty ended on {day}", day=day)
        drawn = terms(list(self._terms(until)), f"{what}: {words}")
        return WarrantyRow(what, drawn, words)

    def _terms(self, until: date) -> Iterator[Term]:
        say, start = self.speech.say, self._today.replace(day=1)
        place = place_of(until + timedelta(days=1), start)
        if place > 0:
            yield Term(0, place, Light.GREEN, say("Warranty until {day}", day=self.speech.plain_day(until)))
        if place < 1:
            after = self.speech.plain_day(until + timedelta(days=1))
            yield Term(place, 1, Light.RED, say("No warranty from {day}", day=after))

    @property
    def covered(self) -> tuple[int, int]:
        """Of how many computers of the inventory the warranty is on record, of how many."""
        known = frozenset(each.host for each in self._assets if each.warranty_until is not None)
        return len(known & self._hosts), len(self._hosts)


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3
