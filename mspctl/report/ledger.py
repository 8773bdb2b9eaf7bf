"""The ledger of lost points as it is shown: tenths of a point that add up to what is missing from 100."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from mspctl.report.areas import WEIGHTS, Area
from mspctl.report.measured import CapFound, Measured
from mspctl.report.score import Score

SHOWN = 6
_FULL = 100
_HALF = Fraction(1, 2)
_VISIBLE = Fraction(1, 20)
"""Half a tenth: what is less would stand there as nothing."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Findings of one check, on one computer or more, and their points in tenths.

    `rest` counts the smaller findings of a line that stands for them; a line of a cap has its `cap`.
    """

    tenths: int
    found: tuple[Measured, ...] = ()
    cap: CapFound | None = None
    rest: int = 0


def shown(points: Fraction) -> int:
    """A score as a whole number, halves up; but 100 is only what misses nothing."""
    return floor(points + _HALF) if points == _FULL else min(floor(points + _HALF), _FULL - 1)


def in_tenths(points: Fraction) -> int:
    """A score in tenths of a point, halves up."""
    return floor(points * 10 + _HALF)


def percent(part: Fraction | None) -> int | None:
    """A part of 1 as it is shown."""
    return None if part is None else shown(100 * part)


def ledger(score: Score, most: int = SHOWN) -> tuple[LedgerLine, ...]:
    """The largest losses, then the rest as one line, then a cap. Empty if there is no total.

    The tenths of all lines and those of the total are 1000 together, whatever was rounded.
    """
    if score.total is None:
        return ()
    groups: dict[tuple[str, str], list[tuple[Fraction, Measured]]] = {}
    for loss in score.losses:
        groups.setdefault((loss.measured.check, loss.measured.group), []).append((loss.points, loss.measured))
    sums = sorted(
        ((_sum(group), tuple(each for _, each in group)) for group in groups.values()), key=_most_first
    )
    told = [(points, group) for points, group in sums if points >= _VISIBLE][:most]
    rest = sums[len(told) :]
    lines = [(points, LedgerLine(0, group)) for points, group in told]
    if rest:
        count = sum(len(group) for _, group in rest)
        lines.append((sum((points for points, _ in rest), Fraction(0)), LedgerLine(0, rest=count)))
    if score.cap is not None:
        lines.append((score.cap_loss, LedgerLine(0, cap=score.cap)))
    tenths = _apportioned([points * 10 for points, _ in lines], 1000 - in_tenths(score.total))
    return tuple(replace(line, tenths=count) for count, (_, line) in zip(tenths, lines, strict=True))


def _sum(group: Sequence[tuple[Fraction, Measured]]) -> Fraction:
    return sum((points for points, _ in group), Fraction(0))


def _most_first(group: tuple[Fraction, tuple[Measured, ...]]) -> tuple[Fraction, str, str]:
    return (-group[0], group[1][0].check, group[1][0].group)


def _apportioned(exact: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers near the exact ones, which add up to the total: the largest remainders are rounded up."""
    counts = [floor(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda place: (counts[place] - exact[place], place))
    for place in order[: total - sum(counts)]:
        counts[place] += 1
    return counts


def areas_in_tenths(score: Score) -> dict[Area, tuple[int, int]]:
    """Points earned and available of each measured area, in tenths; the earned add up to the average."""
    weighed = [each for each in score.areas if each.part is not None]
    if score.average is None or not weighed:
        return {}
    scale = Fraction(1000, score.weight)
    parts = [(WEIGHTS[each.area] * scale, each.part or Fraction(0)) for each in weighed]
    total = in_tenths(score.average)
    earned = _apportioned([weight * part for weight, part in parts], total)
    lost = _apportioned([weight * (1 - part) for weight, part in parts], 1000 - total)
    return {each.area: (got, got + gone) for each, got, gone in zip(weighed, earned, lost, strict=True)}
