"""With how many calls of the same kind one offer is not dearer than another.

Costs need not rise evenly: a block of hours is bought whole, tiers and included hours bend the line. So no
crossing is searched for; the numbers are tried one by one, or in steps of a fiftieth of the calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from mspctl.desk.offers import Volume
from mspctl.model.comparison import BreakEven, CallVolume

_MOST = 4
"""Up to so many times the calls that there were are tried."""
_STEPS = 50
"""With twice as many calls or more, not each number is."""
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Tried:
    """An offer's costs at each number of calls that is tried, from none on, in equal steps."""

    volume: Volume
    step: int
    costs: tuple[Decimal, ...]


def tried(volume: Volume) -> Tried:
    """The costs from no call to four times the calls."""
    calls = len(volume.calls)
    step = max(1, calls // _STEPS)
    return Tried(volume, step, tuple(volume.cost(count) for count in range(0, _MOST * calls + 1, step)))


def break_even(first: Tried, other: Tried, months: int) -> BreakEven | None:
    """Where the other one is not dearer than the first; None if there were no calls to go by."""
    if not first.volume.calls:
        return None
    fits = [ours >= theirs for ours, theirs in zip(first.costs, other.costs, strict=True)]
    up_to = since = None
    if fits[0]:
        up_to = _volume(first.volume, _last(first, other, fits), months, ROUND_FLOOR)
    if fits[-1]:
        since = _volume(first.volume, _first(first, other, fits), months, ROUND_CEILING)
    return BreakEven(up_to, since, any(fits))


def _last(first: Tried, other: Tried, fits: Sequence[bool]) -> int:
    """The number up to which all fit, looked for call by call in the step in which they cease to."""
    if all(fits):
        return (len(fits) - 1) * first.step
    ceased = fits.index(False) * first.step
    return next(count for count in range(ceased - first.step, ceased) if not _fits(first, other, count + 1))


def _first(first: Tried, other: Tried, fits: Sequence[bool]) -> int:
    """The number from which on all fit."""
    if all(fits):
        return 0
    begins = (len(fits) - fits[::-1].index(False)) * first.step
    return next(count for count in range(begins, 0, -1) if not _fits(first, other, count - 1))


def _fits(first: Tried, other: Tried, count: int) -> bool:
    return first.volume.cost(count) >= other.volume.cost(count)


def _volume(volume: Volume, count: int, months: int, rounding: str) -> CallVolume:
    """A month's share, rounded so that what is said of it stays true."""
    hours = Fraction(volume.seconds * count, 3600 * len(volume.calls) * months)
    return CallVolume(*(_tenth(each, rounding) for each in (Fraction(count, months), hours)))


def _tenth(amount: Fraction, rounding: str) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(_TENTH, rounding)
