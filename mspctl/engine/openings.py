"""When a host's windows are open: local times become instants, across changes of the clock as well.

A local time that happens twice means the first time; one that the clock leaves out counts on from before the
gap, so 02:30 is 03:30 that night (RFC 5545, 3.3.5). What then would end before it begins does not open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mspctl.model.calendar import Blackout, Calendar, Span
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome

LONGEST = timedelta(days=8)
"""No span is longer (seven days at most, and a changed clock)."""
HORIZON = timedelta(days=3 * 366)
"""How far ahead the next opening is looked for."""


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """From `begins` to `ends` (aware, UTC; the end is not included)."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """Until when a host may be started; `closes` is None if it is shut. `word` is what it is held with."""

    word: Failure
    closes: datetime | None = None

    def refuses(self, now: datetime) -> Failure | None:
        """What the host ends with if it would be started at `now`; None if it may be."""
        return self.word if self.closes is None or now >= self.closes else None


def admission(calendar: Calendar, name: str, now: datetime) -> Admission | None:
    """How the window `name` stands at `now` (aware); None if it is open and nothing will ever close it."""
    zone = zone_of(calendar)
    spans = calendar.windows.get(name)
    shade = _covering(_blackouts(calendar, zone, now), now)
    if shade is not None:
        reason = next(each.reason for each in calendar.blackouts if _covers(each, zone, now))
        return Admission(
            _held("blackout", f"{reason}, until {_shown(shade.ends, zone)}", calendar, name, shade.ends)
        )
    closes, reason = _next_blackout(calendar, zone, now), "blackout"
    if spans is not None:
        current = _covering(_openings(spans, zone, now - LONGEST), now)
        if current is None:
            return Admission(_held("window", f"the window {name} is shut", calendar, name, now))
        if closes is None or current.ends <= closes:
            closes, reason = current.ends, "window"
    if closes is None:
        return None
    what = "a blackout began" if reason == "blackout" else f"the window {name} closed"
    return Admission(_held(reason, f"{what} at {_shown(closes, zone)}", calendar, name, closes), closes)


def next_opening(calendar: Calendar, name: str, after: datetime) -> Opening | None:
    """The first time at or after `after` when the window is open, without what a blackout takes of it."""
    return next(iter(openings(calendar, name, after)), None)


def openings(calendar: Calendar, name: str, after: datetime) -> Iterator[Opening]:
    """The times from `after` on when the window `name` is open, in order, up to HORIZON ahead."""
    zone = zone_of(calendar)
    until = after + HORIZON
    spans = calendar.windows.get(name)
    whole = iter((Opening(after, until),)) if spans is None else _openings(spans, zone, after - LONGEST)
    for opening in whole:
        if opening.begins > until:
            return
        if opening.ends > after:
            yield from _without(opening, calendar, zone, after)


def is_open(calendar: Calendar, name: str, now: datetime) -> bool:
    """True if hosts may be started at `now`."""
    found = admission(calendar, name, now)
    return found is None or found.refuses(now) is None


def begins(span: Span, zone: tzinfo, since: datetime) -> Iterator[datetime]:
    """When the span begins, from the local day of `since` on, in order (UTC)."""
    return (opening.begins for opening in _times(span, zone, since))


def zone_of(calendar: Calendar) -> tzinfo:
    """The host's zone; UTC on a machine that does not know any zones."""
    return zone_named(calendar.timezone)


def zone_named(name: str) -> tzinfo:
    """The zone of that IANA name; UTC on a machine that does not know any zones."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _without(opening: Opening, calendar: Calendar, zone: tzinfo, after: datetime) -> Iterator[Opening]:
    """What blackouts leave of an opening."""
    begins = max(opening.begins, after)
    for shade in _blackouts(calendar, zone, begins):
        if shade.begins >= opening.ends:
            break
        if shade.begins > begins:
            yield Opening(begins, shade.begins)
        begins = max(begins, shade.ends)
    if begins < opening.ends:
        yield Opening(begins, opening.ends)


def _openings(spans: tuple[Span, ...], zone: tzinfo, since: datetime) -> Iterator[Opening]:
    """All times of all spans from `since` on, in order; those that touch or overlap are one."""
    current: Opening | None = None
    for each in merge(*(_times(span, zone, since) for span in spans)):
        if current is None or each.begins > current.ends:
            if current is not None:
                yield current
            current = each
        elif each.ends > current.ends:
            current = Opening(current.begins, each.ends)
    if current is not None:
        yield current


def _times(span: Span, zone: tzinfo, since: datetime) -> Iterator[Opening]:
    for day in _days(span, since.astimezone(zone).date()):
        begins = _instant(datetime.combine(day, span.start), zone)
        if span.end is None:
            ends = begins + timedelta(seconds=span.seconds)
        else:
            last = day if span.end > span.start else day + timedelta(days=1)
            ends = _instant(datetime.combine(last, span.end), zone)
        if ends > begins:
            yield Opening(begins, ends)


def _days(span: Span, since: date) -> Iterator[date]:
    """The days of the rule from `since` to the horizon."""
    from dateutil.rrule import rrule, rrulestr  # noqa: PLC0415 - only hosts with windows pay for it

    start = datetime.combine(since, time())
    rule = rrulestr(span.rule, dtstart=datetime.combine(span.since, time()) if span.since else start)
    if isinstance(rule, rrule) and "UNTIL=" not in span.rule:
        rule = rule.replace(until=start + HORIZON + 3 * LONGEST)
    for found in rule.xafter(start, inc=True):
        yield found.date()


def _instant(local: datetime, zone: tzinfo) -> datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _blackouts(calendar: Calendar, zone: tzinfo, since: datetime) -> Iterator[Opening]:
    """The times of all blackouts that end after `since`, in order of their beginning."""
    found = merge(*(_shades(each, zone, since) for each in calendar.blackouts))
    return (shade for shade in found if shade.ends > since)


def _shades(blackout: Blackout, zone: tzinfo, since: datetime) -> Iterator[Opening]:
    if blackout.span is not None:
        yield from _times(blackout.span, zone, since - LONGEST)
    elif blackout.first is not None and blackout.last is not None:
        yield Opening(_instant(blackout.first, zone), _instant(blackout.last, zone))


def _covers(blackout: Blackout, zone: tzinfo, now: datetime) -> bool:
    return _covering(_shades(blackout, zone, now), now) is not None


def _covering(found: Iterator[Opening], now: datetime) -> Opening | None:
    """The one of these that `now` lies in; where several follow without a gap, up to the end of the last."""
    covering: Opening | None = None
    for each in found:
        if each.begins > (covering.ends if covering else now):
            break
        if covering is None:
            covering = each if each.ends > now else None
        elif each.ends > covering.ends:
            covering = Opening(covering.begins, each.ends)
    return covering


def _next_blackout(calendar: Calendar, zone: tzinfo, now: datetime) -> datetime | None:
    found = next((shade.begins for shade in _blackouts(calendar, zone, now) if shade.begins > now), None)
    return found if found is not None and found <= now + HORIZON else None


def _held(reason: str, detail: str, calendar: Calendar, name: str, after: datetime) -> Failure:
    zone = zone_of(calendar)
    coming = next_opening(calendar, name, after)
    opens = f"next opening {_shown(coming.begins, zone)}" if coming else "no further opening"
    wait = "wait for the window" if coming else "give it a window that opens"
    remedy = f"{wait}, or give --now --reason TEXT"
    return Failure(Outcome.HELD, reason, f"{detail}; {opens}", remedy)


def _shown(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M} {local.tzname()}"
