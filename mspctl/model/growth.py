"""When a file system will be full: a robust slope since the last clean-up, and where the windows disagree.

The median of all slopes over the last 60 days of the last segment: one fit over everything ignores the very
change that one must see, and least squares follow every spike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

LIMIT = 0.95
"""Of the size: nothing works well on a file system that is fuller."""
NEEDED = 14
"""Days measured in the main window without which nothing is said."""
_WINDOW = 60
_OTHERS = (14, 30, 90)
"""Windows in days that say how sure it is."""
_DROP = 0.05
"""A fall of so much of the size is a clean-up."""
_SMOOTH = 5
_RECENT = 7
FAR = 730
"""Days after which nobody knows."""
_AGREE = 2.0

Point = tuple[int, float]
"""A day's number, and the most that was used on it in bytes."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Days until the limit: the best guess between `soonest` and `latest`; None is no pressure.

    `measured` is how many days the guess stands on; 0: too few to say anything. `slope` is the growth
    of a day over the main window.
    """

    days: int | None = None
    soonest: int | None = None
    latest: int | None = None
    measured: int = 0
    slope: float = 0.0

    @property
    def sure(self) -> bool:
        """True if the windows agree well enough for a date to be named."""
        if self.soonest is None or self.latest is None:
            return False
        return agree(self.soonest, self.latest)

    @property
    def text(self) -> str:
        """For people."""
        if not self.measured:
            return "not enough days measured"
        if self.soonest is None:
            return "no pressure"
        if self.days is not None and self.days <= 0:
            return "full"
        if self.sure:
            return f"full in about {self.days} days"
        if self.latest is None:
            return f"full in {self.soonest} days or later, if at all"
        return f"full in between {self.soonest} and {self.latest} days"


def agree(soonest: int, latest: int) -> bool:
    """True if two guesses, in days, are close enough for a date between them to be named."""
    return latest <= _AGREE * max(soonest, 1)


def growth(points: Sequence[Point], size: float) -> Growth:
    """From one point for each day on which it was measured, oldest first, and the size today."""
    part = points[_last_cleanup([used for _, used in points], size) :]
    lately = _window(part, _WINDOW)
    if size <= 0 or len(lately) < NEEDED:
        return Growth()
    level = median(used for _, used in part[-_RECENT:])
    covered = part[-1][0] - part[0][0] + 1
    slope = median_slope(lately)
    windows = [(each, _window(part, each)) for each in _OTHERS if each <= covered]
    slopes = [median_slope(found) for each, found in windows if len(found) >= min(NEEDED, each // 2)]
    best, *others = (_days(each, level, size) for each in (slope, *slopes))
    pressing = [days for days in (best, *others) if days is not None]
    latest = max(pressing, default=None) if len(pressing) == 1 + len(others) else None
    return Growth(best, min(pressing, default=None), latest, len(part), slope)


def _window(part: Sequence[Point], days: int) -> Sequence[Point]:
    return [point for point in part if point[0] > part[-1][0] - days]


def _days(slope: float, level: float, size: float) -> int | None:
    left = LIMIT * size - level
    if left <= 0:
        return 0
    days = left / slope if slope > 0 else FAR + 1
    return None if days > FAR else int(days)


def median_slope(part: Sequence[Point]) -> float:
    """The median of the slopes between all pairs of points, per day (Theil and Sen); 0 for fewer than two."""
    slopes = [(later[1] - one[1]) / (later[0] - one[0]) for one, later in combinations(part, 2)]
    return median(slopes) if slopes else 0.0


def _last_cleanup(used: Sequence[float], size: float) -> int:
    """Where the last segment begins: the deepest day of the last fall that medians on both sides agree on."""
    falls = [
        median(used[max(0, day - _SMOOTH) : day]) - median(used[day : day + _SMOOTH])
        for day in range(1, len(used))
    ]
    last = next((day for day in range(len(falls) - 1, -1, -1) if falls[day] > _DROP * size), None)
    if last is None:
        return 0
    first = last
    while first > 0 and falls[first - 1] > _DROP * size:
        first -= 1
    steps = {day: used[day] - used[day + 1] for day in range(first, last + 1)}
    return max(steps, key=lambda day: (steps[day], day)) + 1
