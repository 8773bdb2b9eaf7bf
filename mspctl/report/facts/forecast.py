"""When disks will be full, as the report says it: days of the calendar, from what hosts told of themselves.

How it is found, mspctl.model.growth says. Shares of the size are carried on, for sizes change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from types import MappingProxyType

from mspctl.model.growth import FAR, LIMIT, agree, growth
from mspctl.model.sample import Sample

PREFIXES = ("disk.used:", "disk.size:")
DAYS_READ = 120
"""So many days before the end of a month are looked at."""
FULL = 100 * LIMIT
"""Percent at which a disk counts as full."""
_WHOLE = 100.0
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
        return agree((self.first - today).days, (self.last - today).days)


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
    """The forecast from a daily maximum in percent, the oldest day first."""
    told = tuple(days)
    found = growth([(day.toordinal(), share) for day, share in told], _WHOLE)
    weekly = 7 * found.slope
    if found.days is None or found.soonest is None:
        return Forecast(told, known=bool(found.measured), weekly=weekly)
    today = told[-1][0]
    full, first, last = (
        today + timedelta(days=FAR if days is None else days)
        for days in (found.days, found.soonest, found.latest)
    )
    return Forecast(told, known=True, weekly=weekly, full=full, first=first, last=last)
