"""The simulated year once more, by other means: no code of the desk, but minutes, cents, a table of holidays.

It knows only the records of the calls and the terms as numbers. Each minute is asked what it costs by itself;
what was paid in advance is taken line by line from purses. If it and the desk agree on each month, both would
have to be wrong in the same way.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from mspctl.model.call import CallRecord

BERLIN = ZoneInfo("Europe/Berlin")
# Nine holidays that Berlin and Brandenburg share, of 2026, from a wall calendar.
HOLIDAYS = frozenset({(1, 1), (4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (10, 3), (12, 25), (12, 26)})
RATE, SENIOR = 9500, 12000
PROJECT = Fraction(5, 4)
STEP, LEAST = 15, 30


@dataclass(frozen=True, slots=True)
class Item:
    """What a month adds to the cost of a call: cents at list price."""

    day: date
    call: int
    cents: int
    project: bool


@dataclass(slots=True)
class Purse:
    """Money for work from a day on until another."""

    opened: date
    until: date
    cents: int


@dataclass(slots=True)
class Stretches:
    """A call, as the reckoning sees it."""

    fields: dict[str, str] = field(default_factory=dict)
    minutes: list[datetime] = field(default_factory=list)
    """The start of each minute of work, local."""
    starts: list[tuple[date, int]] = field(default_factory=list)
    """The day of each stretch and how many minutes it has."""
    ways: list[tuple[date, int, int]] = field(default_factory=list)
    """The day of the stretch that was a visit, kilometres, seconds."""


def calls(records: Iterable[CallRecord]) -> Mapping[int, Stretches]:
    found: dict[int, Stretches] = {}
    began: dict[int, datetime] = {}
    for record in records:
        call = found.setdefault(record.call, Stretches())
        call.fields |= dict(record.fields)
        if record.word in {"started", "resumed"}:
            began[record.call] = record.at
        else:
            count = round((record.at - began[record.call]).total_seconds() / 60)
            first = began[record.call].astimezone(BERLIN)
            call.starts.append((first.date(), count))
            if "km" in record.fields:
                way = int(record.fields["km"]), int(record.fields["travel_seconds"])
                call.ways.append((first.date(), *way))
            call.minutes += [
                (began[record.call] + timedelta(minutes=number)).astimezone(BERLIN) for number in range(count)
            ]
    return found


def factor(minute: datetime, *, emergency: bool) -> Fraction:
    clock = minute.hour * 60 + minute.minute
    open_ = minute.weekday() < 5 and 480 <= clock < 1050
    usual = Fraction(1) if open_ else Fraction(3, 2)
    if (minute.month, minute.day) in HOLIDAYS:
        usual = Fraction(2)
    return max(usual, Fraction(7, 4) if emergency else Fraction(1))


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def items(records: Iterable[CallRecord], *, incident: int | None = None) -> Sequence[Item]:
    """By month and call, in the order of their days."""
    found = []
    for number, call in calls(records).items():
        if call.fields.get("billable") == "no":
            continue
        rest = list(call.minutes)
        by_month: dict[tuple[int, int], tuple[date, list[datetime]]] = {}
        for day, count in call.starts:
            _, minutes = by_month.setdefault((day.year, day.month), (day, []))
            minutes += rest[:count]
            rest = rest[count:]
        project = call.fields.get("work") == "project"
        paid = 0
        until_now: list[Fraction] = []
        for day, minutes in by_month.values():
            until_now += [factor(each, emergency="emergency" in call.fields) for each in minutes]
            if incident is not None:
                cents = half_up(incident * max(until_now))
            else:
                billed = math.ceil(max(len(until_now), LEAST) / STEP) * STEP
                rate = (SENIOR if call.fields.get("skill") == "senior" else RATE) * (
                    PROJECT if project else 1
                )
                cents = half_up(Fraction(rate) * (sum(until_now) + billed - len(until_now)) / 60)
            found.append(Item(day, number, cents - paid, project))
            paid = cents
    return sorted(found, key=lambda item: (item.day, item.call))


def items_by(per: str, records: Iterable[CallRecord], step: int, least: int) -> Sequence[Item]:
    """As `items`, but rounded up for each stretch by itself, or for all stretches of a day, skill and work.

    A stretch belongs to the day on which it began; nothing counts together with another month.
    """
    together: dict[tuple[date, int, int, str, str], list[Fraction]] = {}
    for number, call in calls(records).items():
        if call.fields.get("billable") == "no":
            continue
        rest = list(call.minutes)
        for place, (day, count) in enumerate(call.starts):
            minutes, rest = rest[:count], rest[count:]
            kinds = (call.fields.get("skill", ""), call.fields.get("work", ""))
            key = (day, number, place, *kinds) if per == "entry" else (day, 0, 0, *kinds)
            together.setdefault(key, []).extend(
                factor(each, emergency="emergency" in call.fields) for each in minutes
            )
    found = []
    for (day, number, _, skill, work), factors in together.items():
        billed = math.ceil(max(len(factors), least) / step) * step
        rate = (SENIOR if skill == "senior" else RATE) * (PROJECT if work == "project" else 1)
        cents = half_up(Fraction(rate) * (sum(factors) + billed - len(factors)) / 60)
        found.append(Item(day, number, cents, work == "project"))
    return sorted(found, key=lambda item: (item.day, item.call))


def ways(records: Iterable[CallRecord]) -> Iterator[tuple[date, int]]:
    """25 for a visit, half a unit a kilometre, half the rate on the way."""
    for call in calls(records).values():
        if call.fields.get("billable") != "no":
            rate = SENIOR if call.fields.get("skill") == "senior" else RATE
            for day, km, seconds in call.ways:
                yield day, half_up(2500 + 50 * km + Fraction(rate) * seconds / 7200)


def by_month(amounts: Iterable[tuple[date, int]]) -> list[int]:
    months = [0] * 12
    for day, cents in amounts:
        if day.year == 2026:
            months[day.month - 1] += cents
    return months


def left_to_pay(
    found: Sequence[Item], purses: Sequence[Purse], *, excluded: bool
) -> Iterator[tuple[date, int]]:
    """What the purses do not pay; project work is never paid by them if it is `excluded`."""
    for item in found:
        cents = item.cents
        if not (excluded and item.project):
            for purse in sorted(purses, key=lambda each: (each.until, each.opened)):
                if purse.opened <= item.day < purse.until:
                    taken = min(cents, purse.cents)
                    purse.cents -= taken
                    cents -= taken
        yield item.day, cents


def monthly(cents: int, rollover: int) -> list[Purse]:
    """One for each month, good for as many more."""

    def first(month: int) -> date:
        return date(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 1)

    return [Purse(first(month), first(month + 1 + rollover), cents) for month in range(1, 13)]
