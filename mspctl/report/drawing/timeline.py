"""The next three years of support: systems with the same end share a line."""

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from mspctl.model.support import Support, SupportState
from mspctl.report.drawing.bars import Term, term_heads, terms
from mspctl.report.facts.areas import Light
from mspctl.report.facts.summary import HostMonth
from mspctl.report.wording import supportwords
from mspctl.report.wording.speech import Speech

_DAYS = 3 * 365
_ROWS = 12
_HALF_YEAR = 6


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Computers with the same system and the same end."""

    hosts: str
    system: str
    drawn: Markup
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The first rows and how many more there are."""

    heads: Markup
    rows: tuple[TimelineRow, ...]
    more: int


def timeline(hosts: tuple[HostMonth, ...], start: date, speech: Speech) -> Timeline:
    """What ends first stands first."""
    groups = supportwords.grouped(tuple(host for host in hosts if host.os))
    rows = tuple(_row(group, start, speech) for group in groups[:_ROWS])
    heads = [(place_of(day, start), f"{speech.short_month(day)} {day:%y}") for day in _half_years(start)]
    return Timeline(term_heads(heads, speech.say("Half-years")), rows, max(0, len(groups) - _ROWS))


def _half_years(start: date) -> list[date]:
    months = [start.year * 12 + start.month - 1 + _HALF_YEAR * step for step in range(6)]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def place_of(day: date, start: date) -> float:
    """Where a day is on the three years of a timeline that begins with `start`."""
    return min(1.0, max(0.0, (day - start).days / _DAYS))


def _row(group: list[HostMonth], start: date, speech: Speech) -> TimelineRow:
    first = group[0]
    names = speech.listed(tuple(host.host for host in group), 3)
    words = supportwords.sentence(first, speech)
    return TimelineRow(
        names, first.os, terms(_terms(first.support, start, speech), f"{names}: {words}"), words
    )


def _terms(support: Support, start: date, speech: Speech) -> list[Term]:
    say, term = speech.say, support.term
    if term is None:
        return [Term(0, 1, Light.GREY, say("Not known"))]
    if support.state is SupportState.ROLLING or term.until is None:
        return [Term(0, 1, Light.GREEN, say("Rolling release"))]
    found, place = [], 0.0
    stages = [(term.until, Light.GREEN, say("Supported"))]
    if term.extended is not None:
        stages.append((term.extended, Light.AMBER, term.extended_by or say("Extended support")))
    for until, light, words in stages:
        end = place_of(until + timedelta(days=1), start)
        if end > place:
            found.append(
                Term(place, end, light, say("{what} until {day}", what=words, day=speech.plain_day(until)))
            )
            place = end
    if place < 1:
        last = stages[-1][0]
        found.append(
            Term(place, 1, Light.RED, say("No fixes from {day}", day=speech.plain_day(last + timedelta(1))))
        )
    return found
