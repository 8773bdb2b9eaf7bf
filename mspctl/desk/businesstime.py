"""Business time: which part of a stretch of work lay inside the opening hours, outside, on a holiday.

Everything is measured between instants, so a night in which the clocks change has as many seconds as it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from mspctl.model.contract import BusinessHours, Holiday

_DAY = timedelta(days=1)


class Band(StrEnum):
    """What kind of time it is."""

    NORMAL = "normal"
    AFTER_HOURS = "after_hours"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Piece:
    """[start, end) in UTC, all of one band."""

    band: Band
    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """Real seconds."""
        return int((self.end - self.start).total_seconds())


def pieces(hours: BusinessHours, start: datetime, end: datetime) -> Iterator[Piece]:
    """The stretch in order, cut where the band changes. Empty for a stretch without length."""
    zone = ZoneInfo(hours.timezone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day = start.astimezone(zone).date()
    while start < end and _midnight(day, zone) < end:
        for piece in _day(hours, day, zone):
            first, last = max(piece.start, start), min(piece.end, end)
            if first < last:
                yield Piece(piece.band, first, last)
        day += _DAY


def _day(hours: BusinessHours, day: date, zone: ZoneInfo) -> Iterator[Piece]:
    first, last = _midnight(day, zone), _midnight(day + _DAY, zone)
    if is_holiday(hours, day):
        yield Piece(Band.HOLIDAY, first, last)
        return
    if not hours.openings:
        yield Piece(Band.NORMAL, first, last)
        return
    spans = [
        (_instant(day, opening.start, zone), _instant(day, opening.end, zone))
        for opening in hours.openings
        if opening.weekday == day.weekday()
    ]
    edges = sorted({first, last, *(edge for span in spans for edge in span)})
    for start, end in pairwise(edges):
        inside = any(opens <= start and end <= closes for opens, closes in spans)
        yield Piece(Band.NORMAL if inside else Band.AFTER_HOURS, start, end)


def is_holiday(hours: BusinessHours, day: date) -> bool:
    """True on a day that is no working day whatever its hours."""
    if any(_falls_on(holiday, day) for holiday in hours.holidays):
        return True
    return bool(hours.region) and day in public_holidays(hours.region, day.year)


@lru_cache(maxsize=256)
def public_holidays(region: str, year: int) -> frozenset[date]:
    """Of a country or, behind a hyphen, a part of one."""
    from holidays import country_holidays  # noqa: PLC0415 - slow to import, and few contracts name a region

    country, _, part = region.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year))


def _falls_on(holiday: Holiday, day: date) -> bool:
    if holiday.easter is not None:
        from dateutil.easter import easter  # noqa: PLC0415 - only calendars with Easter need it

        return day == easter(day.year) + timedelta(days=holiday.easter)
    return holiday.year in {None, day.year} and (holiday.month, holiday.day) == (day.month, day.day)


def business_seconds(hours: BusinessHours, start: datetime, end: datetime) -> int:
    """How much of the stretch lay inside the business hours."""
    return sum(piece.seconds for piece in pieces(hours, start, end) if piece.band is Band.NORMAL)


def local_day(hours: BusinessHours, at: datetime) -> date:
    """The client's calendar day of a moment."""
    return at.astimezone(ZoneInfo(hours.timezone)).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The wall clock's minute of the day; 24:00 is the next day's midnight."""
    if minutes == 24 * 60:
        return _midnight(day + _DAY, zone)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)
