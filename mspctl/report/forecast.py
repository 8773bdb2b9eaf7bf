"""When disks will be full: the growth since the last clean-up, carried on; no date where the past gives none.

The daily maximum of each file system is cut at its last drop, because a robust slope over a clean-up would
hide the very growth that matters. The slope is Theil and Sen's (the median of all slopes between two days)
over the last 60 days. How sure that is, the slopes over other windows say.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from itertools import combinations
from statistics import median
from types import MappingProxyType

from mspctl.model.sample import Sample

PREFIXES = ("disk.used:", "disk.size:")
WINDOW = 60
WINDOWS = (14, 30, 60, 90)
DAYS_READ = 120
"""So many days before the end of a month are looked at."""
ENOUGH_DAYS = 14
"""Fewer days with a reading give no forecast."""
LIMIT = 95.0
"""Percent at which a disk counts as full: many programs stop before it is."""
_DROP = 5.0
"""Percent points by which a clean-up shows."""
_AROUND = 5
_FAR = 730
"""Days after which nobody knows."""
_AGREE = 2.0
"""Slowest and fastest of the windows may differ by this factor for a single date."""
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Forecast:
    """One file system: its days (percent), its growth a week in points, and when it is full.

    `full` is the day by the main window, `first` and `last` those by the fastest and slowest. All None: no
    pressure, or (with `known` False) too few days to say.
    """

    days: tuple[tuple[date, float], ...]
    known: bool = False
    weekly: float = 0.0
    full: date | None = None
    first: date | None = None
    last: date | None = None

    @property
    def sure(self) -> bool:
        """True if the windows agree well enough for a single date."""
        if self.full is None or self.first is None or self.last is None:
            return False
        today = self.days[-1][0]
        return (self.last - today).days <= _AGREE * max(1, (self.first - today).days)


Place = tuple[str, str]
"""Host (client/name) and file system."""


def no_forecasts() -> Mapping[Place, Forecast]:
    """An empty, immutable map."""
    return MappingProxyType({})


def forecasts(samples: Iterable[Sample], zone: tzinfo | None) -> Mapping[Place, Forecast]:
    """The forecast of each file system that was read at least once."""
    return {place: forecast(days) for place, days in _daily(samples, zone).items()}


def _daily(samples: Iterable[Sample], zone: tzinfo | None) -> Mapping[Place, Sequence[tuple[date, float]]]:
    sizes: dict[Place, int] = {}
    used: dict[Place, dict[date, float]] = defaultdict(dict)
    for each in sorted(samples, key=lambda sample: (sample.at, sample.name)):  # the size comes before `used`
        name, _, mount = each.name.partition(":")
        plain = each.value.isascii() and each.value.isdigit() and len(each.value) <= _MAX_DIGITS
        value = int(each.value) if plain else 0
        if name == "disk.size":
            sizes[each.host, mount] = value
        elif plain and 0 < value <= sizes.get((each.host, mount), 0):
            day = each.at.astimezone(zone).date()
            share = 100 * value / sizes[each.host, mount]
            of_disk = used[each.host, mount]
            of_disk[day] = max(share, of_disk.get(day, 0.0))
    return {place: sorted(days.items()) for place, days in used.items()}


def forecast(days: Sequence[tuple[date, float]]) -> Forecast:
    """The forecast from a daily maximum, the oldest day first."""
    told = tuple(days)
    segment = told[_last_drop([share for _, share in told]) :]
    slope = _slope(segment, WINDOW)
    if slope is None:
        return Forecast(told)
    today, level = segment[-1][0], median(share for _, share in segment[-7:])
    others = [found for window in WINDOWS if (found := _slope(segment, window)) is not None]
    slopes = [each for each in (*others, slope) if each > 0]
    if slope <= 0:
        return Forecast(told, known=True, weekly=7 * slope)
    full = _reached(today, level, slope)
    if full is None:
        return Forecast(told, known=True, weekly=7 * slope)
    first, last = _reached(today, level, max(slopes)), _reached(today, level, min(slopes))
    return Forecast(told, True, 7 * slope, full, first, last or today + timedelta(days=_FAR))  # noqa: FBT003


def _last_drop(shares: Sequence[float]) -> int:
    """Where the last clean-up ends: medians on both sides, so that one odd day is none."""
    for place in range(len(shares) - 1, 0, -1):
        before = median(shares[max(0, place - _AROUND) : place])
        after = median(shares[place : place + _AROUND])
        if before - after > _DROP:
            return place
    return 0


def _slope(days: Sequence[tuple[date, float]], window: int) -> float | None:
    """Percent points a day over the last `window` days; None if there are too few readings in them."""
    if not days:
        return None
    since = days[-1][0] - timedelta(days=window)
    chosen = [(day.toordinal(), share) for day, share in days if day >= since]
    spread = chosen[-1][0] - chosen[0][0]
    if len(chosen) < min(ENOUGH_DAYS, window // 2) or spread < ENOUGH_DAYS - 1:
        return None
    return median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(chosen, 2))


def _reached(today: date, level: float, slope: float) -> date | None:
    days = max(0.0, LIMIT - level) / slope
    return None if days > _FAR else today + timedelta(days=round(days))
