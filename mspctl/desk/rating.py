"""What a piece of work costs at list price, before anything that was paid in advance.

The order is fixed: cut at the edges of business hours; add up the raw seconds of what is counted together;
round up once, to the minimum and to a whole number of increments; price each second with the highest factor
that applies to it, and what rounding added with the normal rate. So more time never costs less, and work that
is cut in two costs what it cost in one piece. Money is rounded once, half up, at the end of the line. A call
that goes on in another month costs there what it costs in all, less what it cost before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from mspctl.desk.businesstime import Band, local_day, pieces
from mspctl.model.billing import Entry, Line, LineKind, Visit
from mspctl.model.contract import ONE, ZERO, Contract, Counting, Labour
from mspctl.model.currency import minor_digits

_HOUR = 3600
_HUNDREDTH = Decimal("0.01")
OUTSIDE = ", not in the contract"
"""Follows the words of work on hosts that the contract is not about."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What increment and minimum are applied to together."""

    call: int | None
    day: date | None
    technician: str
    start: datetime | None
    skill: str
    work: str
    outside: bool = False


def rounded(amount: Decimal | Fraction, currency: str) -> Decimal:
    """To the currency's smallest unit, half up."""
    unit = Decimal(1).scaleb(-minor_digits(currency))
    exact = Fraction(amount) / Fraction(unit)
    whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return (Decimal(whole) * unit).quantize(unit)


def hours_of(seconds: int | Fraction) -> Decimal:
    """Seconds as hours to two digits, for people to read."""
    exact = Fraction(seconds) / _HOUR
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_HUNDREDTH, ROUND_HALF_UP)


def counted_seconds(labour: Labour, worked: int) -> int:
    """What is billed for so many raw seconds; nothing for nothing."""
    if worked <= 0:
        return 0
    steps = -(-max(worked, labour.minimum) // labour.increment)
    return steps * labour.increment


def hourly(labour: Labour, skill: str, work: str) -> Decimal:
    """The rate of a skill for a type of work."""
    return labour.skills.get(skill, labour.rate) * labour.work.get(work, ONE)


def labour_lines(
    contract: Contract, entries: Iterable[Entry], earlier: Iterable[Entry] = ()
) -> tuple[Line, ...]:
    """One line for all that is counted together, by day and call.

    What is counted together with `earlier` entries costs only what it adds; their lines are elsewhere.
    """
    labour = contract.labour
    if labour is None:
        return ()
    groups, begun = _grouped(contract, labour, entries), _grouped(contract, labour, earlier)
    found = [_added(contract, labour, begun.get(key, ()), group) for key, group in groups.items()]
    lines = [line for line in found if line is not None]
    return tuple(sorted(lines, key=lambda line: (line.day, line.call or 0, line.text)))


def _grouped(contract: Contract, labour: Labour, entries: Iterable[Entry]) -> Mapping[Counted, list[Entry]]:
    groups: dict[Counted, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[_counted(contract, labour, entry)].append(entry)
    return groups


def _added(contract: Contract, labour: Labour, begun: Sequence[Entry], group: Sequence[Entry]) -> Line | None:
    """What the group adds to the cost of what was begun."""
    make = _incident if labour.incident is not None else _labour
    before, alone = make(contract, labour, begun), make(contract, labour, group)
    whole = make(contract, labour, (*begun, *group))
    if before is None or alone is None or whole is None:
        return alone
    billed = whole.billed_seconds - before.billed_seconds
    return replace(
        alone,
        text=f"{alone.text}, less what was billed before",
        quantity=ZERO if labour.incident is not None else hours_of(billed),
        amount=whole.amount - before.amount,
        billed_seconds=billed,
    )


def _counted(contract: Contract, labour: Labour, entry: Entry) -> Counted:
    outside = not contract.is_about(entry.hosts)
    if labour.incident is not None:
        return Counted(entry.call, None, "", None, "", "", outside)
    skill = entry.skill if entry.skill in labour.skills else ""
    if labour.per is Counting.DAY:
        day = local_day(contract.hours, entry.start)
        return Counted(None, day, entry.technician, None, skill, entry.work, outside)
    if labour.per is Counting.ENTRY:
        return Counted(entry.call, None, entry.technician, entry.start, skill, entry.work, outside)
    return Counted(entry.call, None, "", None, skill, entry.work, outside)


def _labour(contract: Contract, labour: Labour, group: Sequence[Entry]) -> Line | None:
    by_factor: dict[Decimal, int] = defaultdict(int)
    for entry in group:
        for piece in pieces(contract.hours, entry.start, entry.end):
            by_factor[_factor(contract, piece.band, emergency=entry.emergency)] += piece.seconds
    worked = sum(by_factor.values())
    billed = counted_seconds(labour, worked)
    if not billed:
        return None
    weighted = sum((Fraction(factor) * seconds for factor, seconds in by_factor.items()), Fraction(0))
    weighted += billed - worked
    first = min(group, key=lambda entry: (entry.start, entry.call))
    rate = hourly(labour, first.skill, first.work)
    calls = sorted({entry.call for entry in group})
    return Line(
        local_day(contract.hours, first.start),
        LineKind.LABOUR,
        _words(first, calls, by_factor, billed - worked, _outside(contract, first)),
        hours_of(billed),
        "h",
        rounded(Fraction(rate) * weighted / _HOUR, contract.currency),
        call=calls[0],
        work=first.work,
        worked_seconds=worked,
        billed_seconds=billed,
        outside=not contract.is_about(first.hosts),
    )


def _words(
    first: Entry, calls: Sequence[int], by_factor: Mapping[Decimal, int], added: int, outside: str
) -> str:
    numbers = ", ".join(map(str, calls))
    kind = " ".join(filter(None, (first.work, f"({first.skill})" if first.skill else ""))) + outside
    times = [f"{hours_of(by_factor[factor])} h{_times(factor)}" for factor in sorted(by_factor)]
    more = [f"{hours_of(added)} h rounded up"] if added else []
    return f"call {numbers}: {first.title or 'work'}, {kind}: {' + '.join([*times, *more])}"


def _incident(contract: Contract, labour: Labour, group: Sequence[Entry]) -> Line | None:
    found = [
        (piece.seconds, _factor(contract, piece.band, emergency=entry.emergency))
        for entry in group
        for piece in pieces(contract.hours, entry.start, entry.end)
    ]
    worked = sum(seconds for seconds, _ in found)
    if not worked:
        return None
    factor = max(factor for _, factor in found)
    first = min(group, key=lambda entry: entry.start)
    price = rounded((labour.incident or ZERO) * factor, contract.currency)
    text = f"call {first.call}: {first.title or 'incident'}{_outside(contract, first)}{_times(factor)}"
    day = local_day(contract.hours, first.start)
    return Line(
        day,
        LineKind.INCIDENT,
        text,
        ONE,
        "call",
        price,
        call=first.call,
        work=first.work,
        worked_seconds=worked,
        billed_seconds=0,
        outside=not contract.is_about(first.hosts),
    )


def _outside(contract: Contract, entry: Entry) -> str:
    return "" if contract.is_about(entry.hosts) else OUTSIDE


def _times(factor: Decimal) -> str:
    return f" x {factor}" if factor != 1 else ""


def _factor(contract: Contract, band: Band, *, emergency: bool) -> Decimal:
    """The highest of those that apply."""
    surcharges = contract.surcharges
    of_band = {Band.NORMAL: ONE, Band.AFTER_HOURS: surcharges.after_hours, Band.HOLIDAY: surcharges.holiday}
    return max(of_band[band], surcharges.emergency if emergency else ONE)


def travel_lines(contract: Contract, visits: Iterable[Visit]) -> tuple[Line, ...]:
    """One line per visit that costs something."""
    travel, labour = contract.travel, contract.labour
    lines = []
    for visit in visits:
        rate = labour.skills.get(visit.skill, labour.rate) if labour else ZERO
        way = Fraction(rate * travel.time) * visit.seconds / _HOUR
        amount = rounded(Fraction(travel.fee + travel.per_km * visit.km) + way, contract.currency)
        if amount:
            text = f"call {visit.call}: visit, {visit.km} km, {hours_of(visit.seconds)} h on the way"
            lines.append(Line(visit.day, LineKind.TRAVEL, text, ONE, "visit", amount, call=visit.call))
    return tuple(lines)
