"""Points in tenths, as they are shown: they add up, and as far as that can be none contradicts its score."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

from mspctl.report.facts.areas import WEIGHTS, Area
from mspctl.report.score.formula import Score

_FULL = 100
_ALL = 1000
_HALF = Fraction(1, 2)


def shown(points: Fraction) -> int:
    """A score as a whole number, halves up; but 100 is only what misses nothing."""
    return floor(points + _HALF) if points == _FULL else min(floor(points + _HALF), _FULL - 1)


def in_tenths(points: Fraction) -> int:
    """A score in tenths of a point, halves up."""
    return floor(points * 10 + _HALF)


def percent(part: Fraction | None) -> int | None:
    """A part of 1 as it is shown."""
    return None if part is None else shown(100 * part)


def apportioned(exact: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers near the exact ones, which add up to the total: the largest remainders are rounded up."""
    counts = [floor(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda place: (counts[place] - exact[place], place))
    for place in order[: total - sum(counts)]:
        counts[place] += 1
    return counts


def areas_in_tenths(score: Score) -> Mapping[Area, tuple[int, int]]:
    """Points earned and available of each measured area; the earned add up to the average as it is shown.

    An area that misses something may still have to earn all that is shown, if it misses next to nothing.
    """
    weighed = [(each.area, each.part) for each in score.areas if each.part is not None]
    if score.average is None or not weighed:
        return {}
    scale = Fraction(_ALL, score.weight)
    parts = [part for _, part in weighed]
    available = _available([WEIGHTS[area] * scale for area, _ in weighed], parts)
    exact = [WEIGHTS[area] * scale * part for area, part in weighed]
    average = score.average / _FULL
    totals = (in_tenths(score.average), floor(average * _ALL), ceil(average * _ALL))
    least = sum(most for most, part in zip(available, parts, strict=True) if part == 1)
    ways = [_earned(exact, available, parts, total) for total in dict.fromkeys(totals) if total >= least]

    def strays(way: list[int]) -> int:
        each = zip(way, available, parts, strict=True)
        return _strays(sum(way), _ALL, average) + sum(_strays(*one) for one in each)

    best = min(ways, key=strays)
    return {area: (got, most) for (area, _), got, most in zip(weighed, best, available, strict=True)}


def average_in_tenths(score: Score) -> int:
    """The total before caps as it is shown; 0 if there is none."""
    return sum(earned for earned, _ in areas_in_tenths(score).values())


def total_in_tenths(score: Score) -> int:
    """The total as it is shown; 0 if there is none."""
    return in_tenths(score.total) if score.total is not None and score.cap_loss else average_in_tenths(score)


def _available(exact: Sequence[Fraction], parts: Sequence[Fraction]) -> list[int]:
    """Tenths of the areas; those that miss nothing are rounded together: no total may be below theirs."""
    whole = [part == 1 for part in parts]
    full = [each for each, of in zip(exact, whole, strict=True) if of]
    rest = [each for each, of in zip(exact, whole, strict=True) if not of]
    most = floor(sum(full, _HALF))
    shares = {True: iter(apportioned(full, most)), False: iter(apportioned(rest, _ALL - most))}
    return [next(shares[of]) for of in whole]


def _earned(
    exact: Sequence[Fraction], available: Sequence[int], parts: Sequence[Fraction], total: int
) -> list[int]:
    """Tenths of the areas that add up to the total."""
    earned = [
        most if part == 1 else min(floor(points), most)
        for points, most, part in zip(exact, available, parts, strict=True)
    ]
    missing = total - sum(earned)
    step = 1 if missing > 0 else -1

    def cost(place: int) -> tuple[bool, int, Fraction]:
        """No more than a tenth past the exact points; then no score contradicted; then the nearest."""
        now, then = (_strays(earned[place] + by, available[place], parts[place]) for by in (0, step))
        behind = (exact[place] - earned[place]) * step
        return behind <= -1, then - now, -behind

    for _ in range(abs(missing)):
        free = (place for place, part in enumerate(parts) if part < 1)
        earned[min((each for each in free if 0 <= earned[each] + step <= available[each]), key=cost)] += step
    return earned


def _strays(earned: int, available: int, part: Fraction) -> int:
    """How far the score that a reader reckons from these tenths is from the one that is shown."""
    if not available:
        return 0
    read, score = Fraction(_FULL * earned, available), shown(_FULL * part)
    return min(abs(score - each) for each in (floor(read), shown(read)))
