"""Offers held against one another: usual and worst months, what chance may do, and where the costs cross.

The same raw time is billed under each. Nothing is estimated: downtime is handed through to stand beside the
costs, and where there are too few months nothing is said about usual ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

from mspctl.desk.billing import Units, counted
from mspctl.desk.breakeven import Tried, break_even, tried
from mspctl.desk.offers import Priced, priced, volume
from mspctl.desk.rating import rounded
from mspctl.desk.statistics import ranked
from mspctl.model.billing import Work
from mspctl.model.comparison import (
    ENOUGH_MONTHS,
    Comparison,
    PlanCost,
    Plans,
    Rival,
    Span,
    Verdict,
)
from mspctl.model.contract import ZERO
from mspctl.model.servicevalue import HourlyRate

_DRAWINGS = 2000
_BLOCK = 3
"""Months are drawn in rows of three, because bad ones come together."""
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class History:
    """A client's months: which, the calls and raw seconds in each, and the downtime where anybody watched.

    `work` is what can be billed; calls and seconds are all of them.
    """

    client: str
    months: tuple[date, ...]
    work: Work
    units: Units
    calls: tuple[int, ...]
    seconds: tuple[int, ...]
    down: tuple[int | None, ...]


def compared(history: History, plans: Plans) -> Comparison:
    """All offers of one currency over the history; the first one is what the others are held against."""
    found = [priced(each, history.work, history.units, history.months) for each in plans.offers]
    costs = [_cost(each, plans.onboarding_months, sum(history.seconds)) for each in found]
    volumes = [
        tried(volume(each, history.work, history.months, sum(_parts(each, plans.onboarding_months), ZERO)))
        for each in found
    ]
    first = costs[0]
    rivals = tuple(
        _rival(first, cost, (volumes[0], other)) for cost, other in zip(costs[1:], volumes[1:], strict=True)
    )
    return Comparison(
        history.client,
        plans.offers[0].contract.currency,
        history.months,
        history.calls,
        history.seconds,
        history.down,
        first,
        rivals,
        _verdict(rivals, enough=len(history.months) >= ENOUGH_MONTHS),
        min(costs, key=lambda cost: cost.total).name,
        plans.onboarding_months,
        sum(counted(None, history.units, history.months[-1]).values()),
        plans.downtime,
    )


def _cost(found: Priced, onboarding: int, seconds: int) -> PlanCost:
    currency, count = found.contract.currency, len(found.months)
    part = rounded(Fraction(found.setup) / onboarding, currency)
    months = tuple(month + each for month, each in zip(found.months, _parts(found, onboarding), strict=True))
    thirds = found.contract.third_parties
    cost, retail = (
        sum(each, ZERO) * count for each in ([t.cost for t in thirds], [t.retail for t in thirds])
    )
    rate = HourlyRate(currency, sum(months, ZERO), cost, retail, seconds)
    made = PlanCost(found.offer, months, found.setup, part, rate)
    if count < ENOUGH_MONTHS:
        return made
    return replace(made, usual=ranked(months, 50), dear=ranked(months, 90), spread=_spread(months))


def _parts(found: Priced, onboarding: int) -> Sequence[Decimal]:
    """Each month's part of the setup fee; all parts together are the fee to the cent."""
    so_far = [
        rounded(Fraction(found.setup) * min(place, onboarding) / onboarding, found.contract.currency)
        for place in range(len(found.months) + 1)
    ]
    return [after - before for before, after in pairwise(so_far)]


def _spread(months: Sequence[Decimal]) -> Decimal | None:
    mean = sum(months, ZERO) / len(months)
    if not mean:
        return None
    square = sum(((month - mean) ** 2 for month in months), ZERO) / len(months)
    return (square.sqrt() / mean).quantize(_HUNDREDTH, ROUND_HALF_UP)


def _rival(first: PlanCost, cost: PlanCost, volumes: tuple[Tried, Tried]) -> Rival:
    savings = [ours - theirs for ours, theirs in zip(first.months, cost.months, strict=True)]
    return Rival(
        cost,
        sum(savings, ZERO),
        tuple(place for place, saving in enumerate(savings) if saving < 0),
        drawn_range(savings) if len(savings) >= ENOUGH_MONTHS else None,
        break_even(*volumes, len(savings)),
    )


def drawn_range(savings: Sequence[Decimal], drawings: int = _DRAWINGS) -> Span:
    """What as many months would save, if they were drawn from these in rows; the same for the same months."""
    random = Random(0)  # noqa: S311 - drawings, not secrets; the same ones for everybody who checks it
    count = len(savings)
    rows = [sum((savings[(start + step) % count] for step in range(_BLOCK)), ZERO) for start in range(count)]
    rest = count % _BLOCK
    sums = []
    for _ in range(drawings):
        drawn = sum((rows[random.randrange(count)] for _ in range(count // _BLOCK)), ZERO)
        start = random.randrange(count)
        sums.append(drawn + sum((savings[(start + step) % count] for step in range(rest)), ZERO))
    low, middle, high = (ranked(sums, percent) or ZERO for percent in (5, 50, 95))
    return Span(low, middle, high)


def _verdict(rivals: Sequence[Rival], *, enough: bool) -> Verdict:
    """A change is told only if hardly any drawing of months would have made it dearer."""
    if not enough:
        return Verdict.TOO_LITTLE
    best = max(rivals, key=lambda rival: rival.saving)
    if best.saving <= 0:
        return Verdict.STAY
    return Verdict.CHANGE if best.range and best.range.low > 0 else Verdict.UNCLEAR
