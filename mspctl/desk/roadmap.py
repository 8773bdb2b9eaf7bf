"""A plan from facts: what ends, fills up and comes again, what a person added, and a budget by quarter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from mspctl.desk.billing import bill
from mspctl.desk.calls import Call
from mspctl.desk.prepaid import later
from mspctl.model.billing import LineKind, Work
from mspctl.model.contract import ZERO, Contract, contract_on
from mspctl.model.roadmap import (
    Asset,
    Fact,
    Filling,
    Item,
    More,
    Quarter,
    Reason,
    Recurring,
    Roadmap,
    Wishes,
)

AHEAD_MONTHS = 24
"""What ends later than this is no part of the plan yet."""
QUARTERS = 8
OFTEN = 2
"""What came at least so many times in a year comes again."""
OURS = "provider"
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a roadmap is made of."""

    client: str
    today: date
    facts: tuple[Fact, ...]
    assets: tuple[Asset, ...]
    filling: tuple[Filling, ...]
    recurring: tuple[Recurring, ...]
    wishes: Wishes


def roadmap(known: Known, more: More | None = None) -> Roadmap:
    """The plan: items by date, those without one last, the most frequent first."""
    items = sorted(_items(known), key=lambda item: (item.due or date.max, item.subject if item.due else ""))
    assets = {asset.host for asset in known.assets if asset.warranty_until is not None}
    hosts = {fact.host for fact in known.facts}
    return Roadmap(
        known.client,
        known.today,
        known.wishes.currency,
        tuple(items),
        tuple(_quarters(items, known.today)),
        tuple(sorted(each.host for each in known.facts if not each.rolling and each.supported_until is None)),
        tuple(sorted(hosts - assets)),
        more,
    )


def _items(known: Known) -> Iterator[Item]:
    horizon = later(known.today, AHEAD_MONTHS)
    kinds = {fact.host: fact.kind for fact in known.facts}
    yield from (_support(fact, known) for fact in known.facts if _ends(fact, horizon))
    for asset in known.assets:
        if asset.warranty_until is not None and asset.warranty_until <= horizon:
            price = asset.price if asset.price is not None else known.wishes.price(kinds.get(asset.host, ""))
            told = (asset.model, asset.serial)
            yield Item(Reason.WARRANTY, asset.host, asset.warranty_until, OURS, price, told)
    for each in known.filling:
        if each.soonest <= horizon:
            sure = "" if each.sure else "unsure"
            yield Item(Reason.CAPACITY, each.host, each.soonest, OURS, None, (each.mount, sure))
    for found in known.recurring:
        counted = (str(found.times), str(found.seconds), "call" if found.from_calls else "incident")
        yield Item(Reason.RECURRING, found.cause, None, OURS, None, counted)
    for risk in known.wishes.risks:
        yield Item(Reason.RISK, risk.what, risk.by, risk.owner, risk.price, (risk.why,))


def _ends(fact: Fact, horizon: date) -> bool:
    return fact.supported_until is not None and fact.supported_until <= horizon


def _support(fact: Fact, known: Known) -> Item:
    """Due is the last day of ordinary support; if that is over, the last day of what can be bought."""
    due = fact.supported_until
    if due is not None and due < known.today and fact.extended_until is not None:
        due = fact.extended_until
    extended = "" if fact.extended_until is None else fact.extended_until.isoformat()
    return Item(Reason.SUPPORT, fact.host, due, OURS, known.wishes.price("upgrade"), (fact.system, extended))


def quarter_of(day: date) -> date:
    """The first day of the quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _quarters(items: Sequence[Item], today: date) -> Iterator[Quarter]:
    """This quarter and those that follow; what is overdue belongs to this one."""
    first = quarter_of(today)
    for number in range(QUARTERS):
        start = later(first, 3 * number)
        ours = [each for each in items if each.due and quarter_of(max(each.due, today)) == start]
        priced = [each.price for each in ours if each.price is not None]
        yield Quarter(start, sum(priced, ZERO), len(ours), len(ours) - len(priced))


def recurring_causes(calls: Iterable[Call], timezone: str, since: date, now_day: date) -> Iterator[Recurring]:
    """Causes that calls of the time have in common. A call without a cause says nothing."""
    zone = ZoneInfo(timezone)
    groups: dict[str, list[Call]] = {}
    for call in calls:
        if call.cause and since <= call.started.astimezone(zone).date() <= now_day:
            groups.setdefault(call.cause, []).append(call)
    for cause, ours in sorted(groups.items(), key=lambda each: (-len(each[1]), each[0])):
        if len(ours) >= OFTEN:
            days = sorted(call.started.astimezone(zone).date() for call in ours)
            lengths = (
                stretch.end - stretch.start for call in ours for stretch in call.stretches if stretch.end
            )
            yield Recurring(
                cause, len(ours), int(sum(length.total_seconds() for length in lengths)), days[0], days[-1]
            )


def more_hosts(
    contracts: tuple[Contract, ...],
    units: Mapping[str, int],
    kind: str,
    count: int,
    today: date,
    months: Sequence[int],
) -> More:
    """The fee of this month's contract with so many hosts more, and the hours that hosts took so far.

    `months` are the seconds of work in each of the last whole months.
    """
    month, contract = today.replace(day=1), contract_on(contracts, today)
    fee = None
    if contract is not None and contract.subscription is not None:
        now, then = (
            _fee(contract, each, month) for each in (units, {**units, kind: units.get(kind, 0) + count})
        )
        fee = then - now
    hosts = sum(units.values())
    hours = None
    if months and hosts:
        each = Decimal(sum(months)) / 3600 / len(months) / hosts
        hours = (each * count).quantize(_TENTH, ROUND_HALF_UP)
    return More(count, kind, fee, contract.currency if contract else "", hours, len(months))


def _fee(contract: Contract, units: Mapping[str, int], month: date) -> Decimal:
    """Of a whole month."""
    whole = replace(contract, since=month, until=None)
    lines = (line for each in bill((whole,), Work(), units, month) for line in each.lines)
    return sum((line.net for line in lines if line.kind is LineKind.SUBSCRIPTION), ZERO)
