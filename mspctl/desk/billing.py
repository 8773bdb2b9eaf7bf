"""A client's month under its contracts: fees, what was bought in advance, and all work, line by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mspctl.desk.businesstime import local_day
from mspctl.desk.headcount import Headcount
from mspctl.desk.prepaid import Ledger, Lot, drawn, later, months_from
from mspctl.desk.rating import labour_lines, rounded, travel_lines
from mspctl.model.billing import Balance, Bill, Entry, Line, LineKind, Work
from mspctl.model.contract import ONE, ZERO, Contract, PriceTier, Retainer, Subscription

Units = Mapping[str, int] | Headcount
"""How many hosts of each kind there always are, or which there were when."""


def counted(contract: Contract | None, units: Units, month: date) -> Mapping[str, int]:
    """Kind of host → how many the contract is about, on any day of the month on which it holds."""
    if isinstance(units, Mapping):
        return units
    first, after = month, later(month, 1)
    if contract is not None:
        first, after = max(first, contract.since), min(after, contract.until or after)
    return units.kinds(first, after, contract)


def bill(contracts: Sequence[Contract], work: Work, units: Units, month: date) -> tuple[Bill, ...]:
    """The month that begins on `month`: one bill per currency, none if no contract held in it.

    `work` has to hold all work since the first contract, or hours bought in advance would seem unused.
    """
    held = [contract for contract in contracts if month_share(contract, month)]
    found = [(contract, *_under(contract, work, units, month)) for contract in held]
    bills = []
    for currency in dict.fromkeys(contract.currency for contract in held):
        mine = [each for each in found if each[0].currency == currency]
        lines = tuple(line for _, lines, _ in mine for line in lines)
        balances = tuple(balance for _, _, balances in mine for balance in balances)
        bills.append(Bill(month, currency, lines, balances))
    return tuple(bills)


@dataclass(frozen=True, slots=True)
class _Prepaid:
    """The lots of a contract, and what they are called."""

    name: str
    lots: tuple[Lot, ...]


def _under(
    contract: Contract, work: Work, units: Units, month: date
) -> tuple[tuple[Line, ...], tuple[Balance, ...]]:
    after = later(month, 1)
    lines = labour_lines_of(contract, work.entries, after)
    covered = covered_lines(contract, lines, after)
    visits = [visit for visit in work.visits if contract.holds_on(visit.day) and month <= visit.day < after]
    bought = _fees(contract, units, month)
    shown = [line for line in covered.lines if month <= line.day < after]
    return (*bought, *shown, *travel_lines(contract, visits)), covered.balances


@dataclass(frozen=True, slots=True)
class Covered:
    """Labour with what is paid already, and what is left then."""

    lines: tuple[Line, ...]
    balances: tuple[Balance, ...]


def labour_lines_of(contract: Contract, entries: Iterable[Entry], until: date) -> tuple[Line, ...]:
    """The contract's labour at list price from its first day on, before the day `until`, month by month."""
    by_month: dict[date, list[Entry]] = {}
    for entry in entries:
        day = local_day(contract.hours, entry.start)
        if contract.holds_on(day) and day < until:
            by_month.setdefault(day.replace(day=1), []).append(entry)
    found: list[Line] = []
    earlier: list[Entry] = []
    for month in sorted(by_month):
        calls = {entry.call for entry in by_month[month]}
        found += labour_lines(contract, by_month[month], (each for each in earlier if each.call in calls))
        earlier += by_month[month]
    return tuple(found)


def covered_lines(contract: Contract, lines: tuple[Line, ...], after: date) -> Covered:
    """The fee pays for what is not always billed, wholly or as far as its hours go."""
    always = tuple(line for line in lines if always_billed(contract, line))
    rest = tuple(line for line in lines if not always_billed(contract, line))
    if contract.subscription is not None and contract.included is None:
        paid = tuple(_paid(line) for line in rest)
        return Covered(_sorted((*always, *paid)), ())
    prepaid = _prepaid(contract, after)
    if prepaid is None:
        return Covered(lines, ())
    ledger = drawn(prepaid.lots, rest)
    balance = _balance(contract, prepaid.name, ledger, after - date.resolution)
    return Covered(_sorted((*always, *ledger.lines)), (balance,))


def always_billed(contract: Contract, line: Line) -> bool:
    """True for excluded types of work, and for work on hosts that the contract is not about."""
    return line.outside or line.work in contract.excludes


def prepaid_ledger(contract: Contract, entries: Iterable[Entry], day: date) -> tuple[Balance, Ledger] | None:
    """What was paid in advance, line by line, at the end of a day; None if the contract has nothing such."""
    after = day + date.resolution
    prepaid = _prepaid(contract, after)
    if prepaid is None:
        return None
    lines = labour_lines_of(contract, entries, after)
    ledger = drawn(prepaid.lots, (line for line in lines if not always_billed(contract, line)))
    return _balance(contract, prepaid.name, ledger, day), ledger


def _balance(contract: Contract, name: str, ledger: Ledger, day: date) -> Balance:
    granted, used, lapsed, left = (rounded(each, contract.currency) for each in ledger.balance(day))
    rate = contract.labour.rate if contract.labour else ZERO
    hours = (left / rate).quantize(Decimal("0.01")) if rate else ZERO
    return Balance(
        name, granted, used, lapsed, left, hours, bool(contract.blocks) and hours < contract.low_hours
    )


def _sorted(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.day, line.call or 0, line.text)))


def _paid(line: Line) -> Line:
    return replace(line, covered=line.amount)


def _prepaid(contract: Contract, after: date) -> _Prepaid | None:
    labour, currency = contract.labour, contract.currency
    if labour is None:
        return None
    if contract.blocks:
        lots = tuple(
            Lot(
                each.bought,
                rounded(Fraction(each.hours * labour.rate), currency),
                _ended(contract, later(each.bought, each.months) if each.months else None),
            )
            for each in contract.blocks
        )
        return _Prepaid("block hours", lots)
    if contract.retainer is not None:
        retainer = contract.retainer
        return _Prepaid("retainer", tuple(_monthly(contract, retainer.fee, retainer.rollover_months, after)))
    if contract.included is not None:
        included = contract.included
        amount = included.hours * labour.rate
        return _Prepaid("included hours", tuple(_monthly(contract, amount, included.rollover_months, after)))
    return None


def _monthly(contract: Contract, amount: Decimal, rollover: int, after: date) -> Iterator[Lot]:
    for month in months_from(contract.since, after):
        share = month_share(contract, month)
        if share:
            opened = max(month, contract.since)
            money = rounded(Fraction(amount) * share, contract.currency)
            yield Lot(opened, money, _ended(contract, later(month, rollover + 1)))


def _ended(contract: Contract, lapses: date | None) -> date | None:
    """Nothing that was paid in advance outlives its contract."""
    days = [day for day in (lapses, contract.until) if day is not None]
    return min(days) if days else None


def _fees(contract: Contract, units: Units, month: date) -> Iterator[Line]:
    after, currency = later(month, 1), contract.currency
    day = max(month, contract.since)
    if contract.subscription is not None:
        yield from _subscription(contract, contract.subscription, units, month)
    if contract.retainer is not None:
        yield _retainer(contract, contract.retainer, month, day)
    for block in contract.blocks:
        if month <= block.bought < after:
            price = rounded(block.price, currency)
            yield Line(block.bought, LineKind.BLOCK, "block of hours", block.hours, "h", price)


def _retainer(contract: Contract, retainer: Retainer, month: date, day: date) -> Line:
    share = month_share(contract, month)
    fee = rounded(Fraction(retainer.fee) * share, contract.currency)
    return Line(day, LineKind.RETAINER, f"retainer{_part(share)}", ONE, "month", fee)


def _subscription(
    contract: Contract, subscription: Subscription, units: Units, month: date
) -> Iterator[Line]:
    share, currency = month_share(contract, month), contract.currency
    day = max(month, contract.since)
    counts = {**counted(contract, units, month), "user": subscription.users}
    fees = [("monthly fee", ONE, subscription.flat)] if subscription.flat else []
    for kind, tiers in subscription.per.items():
        count = counts.get(kind, 0)
        price = _tiered(tiers, count)
        if count:
            fees.append((f"monthly fee, {kind}", Decimal(count), price))
    total = sum((price for _, _, price in fees), ZERO)
    if total < subscription.minimum:
        fees.append(("up to the minimum", ONE, subscription.minimum - total))
    for text, quantity, price in fees:
        amount = rounded(Fraction(price) * share, currency)
        yield Line(day, LineKind.SUBSCRIPTION, text + _part(share), quantity, "month", amount)
    if subscription.setup_fee and month <= contract.since < later(month, 1):
        setup = rounded(subscription.setup_fee, currency)
        yield Line(contract.since, LineKind.SETUP, "setup", ONE, "once", setup)


def _tiered(tiers: Sequence[PriceTier], count: int) -> Decimal:
    """Each unit costs what its place in the count says."""
    bounds = (*(tier.above for tier in tiers[1:]), count)
    costs = (
        tier.price * max(0, min(count, bound) - tier.above) for tier, bound in zip(tiers, bounds, strict=True)
    )
    return sum(costs, ZERO)


def _part(share: Fraction) -> str:
    return "" if share == 1 else f", {share.numerator}/{share.denominator} of the month"


def month_share(contract: Contract, month: date) -> Fraction:
    """How much of the month the contract holds for, by days."""
    after = later(month, 1)
    first, last = max(month, contract.since), min(after, contract.until or after)
    return Fraction(max(0, (last - first).days), (after - month).days)
