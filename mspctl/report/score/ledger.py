"""The ledger of lost points as it is shown: tenths of a point that add up to what is missing from 100."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mspctl.report.facts.areas import CHECKS, Area
from mspctl.report.facts.measured import CapFound, Measured
from mspctl.report.score.formula import Score
from mspctl.report.score.tenths import apportioned, areas_in_tenths, average_in_tenths, total_in_tenths

SHOWN = 6
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


def ledger(score: Score, most: int = SHOWN) -> tuple[LedgerLine, ...]:
    """The largest losses, then the rest as one line, then a cap. Empty if there is no total.

    The tenths of all lines and those of the total are 1000 together, whatever was rounded; no line has more
    than what its area has lost.
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
    left = 0
    lines = []
    for area, (earned, available) in areas_in_tenths(score).items():
        own = [each for each in told if _area(each) is area]
        smaller = sum((points for points, group in rest if _area((points, group)) is area), Fraction(0))
        *tenths, few = _shared([*(points for points, _ in own), smaller], available - earned)
        lines += [LedgerLine(count, group) for count, (_, group) in zip(tenths, own, strict=True)]
        left += few
    order = {id(group): place for place, (_, group) in enumerate(told)}
    lines.sort(key=lambda line: (-line.tenths, order[id(line.found)]))
    if rest:
        lines.append(LedgerLine(left, rest=sum(len(group) for _, group in rest)))
    if score.cap is not None:
        lines.append(LedgerLine(average_in_tenths(score) - total_in_tenths(score), cap=score.cap))
    return tuple(lines)


def _area(group: tuple[Fraction, tuple[Measured, ...]]) -> Area:
    return CHECKS[group[1][0].check].area


def _shared(points: Sequence[Fraction], tenths: int) -> list[int]:
    """The tenths that an area has lost, over what cost them."""
    whole = sum(points, Fraction(0))
    return apportioned([each * tenths / whole for each in points], tenths) if whole else [0] * len(points)


def _sum(group: Sequence[tuple[Fraction, Measured]]) -> Fraction:
    return sum((points for points, _ in group), Fraction(0))


def _most_first(group: tuple[Fraction, tuple[Measured, ...]]) -> tuple[Fraction, str, str]:
    return (-group[0], group[1][0].check, group[1][0].group)
