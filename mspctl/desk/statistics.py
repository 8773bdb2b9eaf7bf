"""Ranks of a few numbers, by the nearest rank: each is a number that there was."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

Number = TypeVar("Number", int, Decimal, Fraction)


def ranked(values: Sequence[Number], percent: int) -> Number | None:
    """The smallest number that at least so many percent do not exceed; None of none."""
    if not values:
        return None
    place = -(-len(values) * percent // 100)
    return sorted(values)[max(0, place - 1)]
