"""Work by whether somebody called for it, and what an hour of it brought in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from mspctl.desk.billing import month_share
from mspctl.desk.calls import Call
from mspctl.desk.prepaid import later
from mspctl.desk.rating import rounded
from mspctl.model.billing import Bill
from mspctl.model.contract import ZERO, Contract
from mspctl.model.run import Run
from mspctl.model.servicevalue import HourlyRate, Machines, Work


def worked(calls: Iterable[Call], timezone: str, month: date, now: datetime) -> Work:
    """The work whose stretches began in the month that begins on `month`, billable or not."""
    zone, after = ZoneInfo(timezone), later(month, 1)
    seconds = {True: 0, False: 0}
    numbers: Mapping[bool, set[int]] = {True: set(), False: set()}
    unbilled = 0
    for call in calls:
        for stretch in call.stretches:
            if month <= stretch.start.astimezone(zone).date() < after:
                length = max(0, int(((stretch.end or now) - stretch.start).total_seconds()))
                seconds[call.planned] += length
                numbers[call.planned].add(call.number)
                unbilled += 0 if call.billable else length
    return Work(seconds[False], seconds[True], unbilled, len(numbers[False]), len(numbers[True]))


def machines(runs: Iterable[Run], calls: Sequence[Call]) -> Machines:
    """Runs by themselves, and runs that began while somebody was at work on a call."""
    stretches = [stretch for call in calls if not call.planned for stretch in call.raw]
    counts = {True: [0, 0], False: [0, 0]}
    for run in runs:
        called = any(
            each.start <= run.started and (each.end is None or run.started < each.end) for each in stretches
        )
        counts[called][0] += 1
        counts[called][1] += sum(run.counts.values())
    return Machines(*counts[False], *counts[True])


def hourly_rates(
    bills: Iterable[Bill], contracts: Sequence[Contract], month: date, seconds: int
) -> Iterator[HourlyRate]:
    """For each currency; what was bought in advance counts in the month in which it was billed."""
    for bill in bills:
        held = [each for each in contracts if each.currency == bill.currency]
        cost, retail = _thirds(held, month)
        yield HourlyRate(bill.currency, bill.total, cost, retail, seconds)


def _thirds(contracts: Iterable[Contract], month: date) -> tuple[Decimal, Decimal]:
    cost = retail = ZERO
    for contract in contracts:
        share = month_share(contract, month)
        for each in contract.third_parties:
            cost += rounded(share * Fraction(each.cost), contract.currency)
            retail += rounded(share * Fraction(each.retail), contract.currency)
    return cost, retail
