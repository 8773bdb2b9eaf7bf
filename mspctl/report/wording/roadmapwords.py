"""A roadmap in words, for a page and for a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mspctl.model.roadmap import Item, Quarter, Reason, Roadmap
from mspctl.report.wording.speech import Speech


@dataclass(frozen=True, slots=True)
class ItemWords:
    """A line of the plan."""

    due: str
    what: str
    why: str
    owner: str
    price: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class QuarterWords:
    """A line of the budget."""

    name: str
    amount: str
    items: str
    unpriced: str


class RoadmapWords:
    """A roadmap in one language."""

    def __init__(self, found: Roadmap, speech: Speech) -> None:
        self._found = found
        self._speech = speech

    @property
    def items(self) -> Iterator[ItemWords]:
        """The plan, by date."""
        for item in self._found.items:
            what, why = self.words(item)
            yield ItemWords(
                self._speech.plain_day(item.due) if item.due else "\u2013",
                what,
                why,
                self._speech.say("We") if item.owner == "provider" else item.owner,
                self._money(item.price),
                item.due is not None and item.due < self._found.made,
            )

    def words(self, item: Item) -> tuple[str, str]:
        """What is to be done, and why."""
        say, told = self._speech.say, item.evidence
        match item.reason:
            case Reason.SUPPORT:
                what = say("{host}: upgrade or replace {system}", host=item.subject, system=told[0])
                return what, self._support(item)
            case Reason.WARRANTY:
                return say("{host}: warranty", host=item.subject), " ".join(filter(None, told))
            case Reason.CAPACITY:
                what = say("{host}: room on {mount}", host=item.subject, mount=told[0])
                if told[1]:
                    return what, say("it fills up; the windows disagree, this is the soonest day")
                return what, say("it fills up by then")
            case Reason.RECURRING:
                what = say("Remove the cause: {cause}", cause=item.subject)
                return what, self._recurring(told)
            case Reason.RISK:
                return item.subject, told[0]

    def _support(self, item: Item) -> str:
        say, due = self._speech.say, item.due
        if due is not None and due < self._found.made:
            return say("its maker sends no more fixes")
        extended = item.evidence[1]
        if extended and due is not None and date.fromisoformat(extended) > due:
            day = self._speech.plain_day(date.fromisoformat(extended))
            return say("ordinary fixes end; others may be had until {day}", day=day)
        return say("its maker's fixes end")

    def _recurring(self, told: tuple[str, ...]) -> str:
        times, seconds, kind = int(told[0]), int(told[1]), told[2]
        many = self._speech.many
        if kind != "call":
            return many("{count} incident in twelve months", "{count} incidents in twelve months", times)
        hours = self._speech.number(Fraction(seconds, 3600), 1)
        return many(
            "{count} call in twelve months, {hours} h", "{count} calls in twelve months, {hours} h", times,
            hours=hours,
        )  # fmt: skip

    @property
    def quarters(self) -> Iterator[QuarterWords]:
        """The budget; quarters without anything are left out."""
        for each in self._found.quarters:
            if each.items:
                yield QuarterWords(
                    self._quarter(each),
                    self._money(each.amount if each.items > each.unpriced else None),
                    self._speech.number(each.items),
                    self._speech.number(each.unpriced) if each.unpriced else "",
                )

    def _quarter(self, quarter: Quarter) -> str:
        number = (quarter.start.month + 2) // 3
        return self._speech.say("Q{number} {year}", number=number, year=quarter.start.year)

    @property
    def more(self) -> str:
        """What more hosts would mean; empty if nobody asked."""
        more, say = self._found.more, self._speech.say
        if more is None:
            return ""
        parts = []
        if more.fee is None:
            parts.append(say("the agreement has no monthly fee, so nothing is told of it"))
        else:
            parts.append(say("{fee} more a month", fee=self._speech.money(more.fee, more.currency)))
        if more.hours is None:
            parts.append(say("the hours are not known"))
        else:
            hours = self._speech.number(more.hours, 1)
            parts.append(
                self._speech.many(
                    "{hours} h of work a month, as in the last month",
                    "{hours} h of work a month, as in the last {count} months",
                    more.months,
                    hours=hours,
                )
            )
        told = "; ".join(parts)
        return say("{count} more of the kind {kind}: {told}.", count=more.hosts, kind=more.kind, told=told)

    @property
    def unknown(self) -> Iterator[str]:
        """What no plan can be made for."""
        found, say, listed = self._found, self._speech.say, self._speech.listed
        if found.unknown_support:
            hosts = listed(found.unknown_support, 8)
            yield say("Not known until when it is supported: {hosts}.", hosts=hosts)
        if found.unknown_warranty:
            yield say("No warranty is known of: {hosts}.", hosts=listed(found.unknown_warranty, 8))

    def _money(self, amount: Decimal | None) -> str:
        return "\u2013" if amount is None else self._speech.money(amount, self._found.currency)
