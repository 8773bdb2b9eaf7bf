"""From the contracts of a client's file to the model's: each holds until the next one begins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from mspctl.errors import Problem
from mspctl.model.place import Place
from mspctl.parse.contractfiles import (
    ContractBlock,
    LabourBlock,
    ManagedBlock,
    SurchargesBlock,
    TargetBlock,
)
from mspctl.parse.coverage import Written, covered_names, covered_problems, while_held
from mspctl.parse.node import Map, node_at

if TYPE_CHECKING:
    from mspctl.model.contract import Contract, Labour, Subscription, Surcharges, Target
    from mspctl.model.inventory import FormerHost, Host
    from mspctl.parse.files import ClientFile
    from mspctl.parse.reading import Read


def contract_problems(read: "Read[ClientFile]") -> Iterator[Problem]:
    """Later contracts without a first day, or not in order."""
    before: date | None = None
    for number, block in enumerate(read.block.contract or ()):
        path = f"contract[{number}].from"
        place = Place(read.file, read.root.line, read.root.column)
        if number and block.since is None:
            yield Problem("a contract after another needs `from`", place, path, "its first day")
        elif before is not None and block.since is not None and block.since <= before:
            yield Problem("the contracts are not in the order of their first days", place, path)
        before = block.since or before


def host_problems(read: "Read[ClientFile]", hosts: Sequence["Host | FormerHost"]) -> Iterator[Problem]:
    """Hosts, tags and sites of the last contract that are not there; those of the others may have gone."""
    blocks = read.block.contract or ()
    covered = blocks[-1].hosts if blocks else None
    if covered is None:
        return
    alone = isinstance(node_at(read.root, ("contract",)), Map)
    path = ("contract", "hosts") if alone else ("contract", len(blocks) - 1, "hosts")
    yield from covered_problems(covered, hosts, Written(read.root, read.file, path))


def contracts_of(
    blocks: Sequence[ContractBlock], timezone: str, hosts: Sequence["Host | FormerHost"]
) -> tuple["Contract", ...]:
    """The contracts with prices. One without ends the one before it."""
    following = (*blocks[1:], None)[: len(blocks)]
    return tuple(
        replace(
            _contract(block, timezone, while_held(hosts, block.since, after.since if after else None)),
            until=after.since if after else None,
        )
        for block, after in zip(blocks, following, strict=True)
        if block.priced
    )


def priced_contract(block: ContractBlock, timezone: str, hosts: Sequence["Host | FormerHost"]) -> "Contract":
    """One contract that has prices, without an end."""
    return _contract(block, timezone, hosts)


def _contract(block: ContractBlock, timezone: str, hosts: Sequence["Host | FormerHost"]) -> "Contract":
    from mspctl.model import contract as model  # noqa: PLC0415 - most commands need no prices

    travel, hours = block.travel, block.hours
    retainer, included = block.retainer, block.included
    targets = {name: _target(each) for name, each in (block.sla or {}).items()}
    return model.Contract(
        plan=model.Plan(block.plan or ""),
        since=block.since or date.min,
        currency=block.currency or "",
        labour=_labour(block.labour) if block.labour else None,
        surcharges=_surcharges(block.surcharges) if block.surcharges else model.Surcharges(),
        travel=model.Travel(*(_or(value, model.ZERO) for value in (travel.fee, travel.per_km, travel.time)))
        if travel
        else model.Travel(),
        hours=model.BusinessHours(
            (hours and hours.timezone) or timezone,
            (hours and hours.business) or (),
            tuple((hours and hours.holidays) or ()),
            (hours and hours.region) or "",
        ),
        blocks=tuple(
            model.BlockPurchase(each.bought, each.hours, each.price, each.valid_months)
            for each in block.blocks or ()
        ),
        low_hours=_or(block.low_hours, model.ZERO),
        retainer=model.Retainer(retainer.fee, retainer.rollover_months or 0) if retainer else None,
        subscription=_subscription(block.managed) if block.managed else None,
        included=model.Included(included.hours, included.rollover_months or 0) if included else None,
        excludes=frozenset(block.excludes or ()),
        hosts=covered_names(block.hosts, hosts),
        targets=MappingProxyType(targets),
        third_parties=tuple(
            model.ThirdParty(each.name, each.cost, _or(each.retail, each.cost))
            for each in block.third_parties or ()
        ),
    )


def _labour(block: LabourBlock) -> "Labour":
    from mspctl.model.contract import Counting, Labour  # noqa: PLC0415 - as above

    return Labour(
        block.rate,
        _prices(block.skills),
        _prices(block.work),
        _whole(block.increment) or 60,
        _whole(block.minimum) or 0,
        block.per or Counting.CALL,
        block.per_incident,
    )


def _target(block: TargetBlock) -> "Target":
    from mspctl.model.contract import Target  # noqa: PLC0415 - as above

    found = Target(_whole(block.respond), _whole(block.resolve), block.clock == "24x7")
    return found if block.hold is None else replace(found, holds=frozenset(block.hold))


def _surcharges(block: SurchargesBlock) -> "Surcharges":
    from mspctl.model.contract import ONE, Surcharges  # noqa: PLC0415 - as above

    factors = (block.after_hours, block.holiday, block.emergency)
    return Surcharges(*(_or(factor, ONE) for factor in factors))


def _subscription(block: ManagedBlock) -> "Subscription":
    from mspctl.model.contract import ZERO, PriceTier, Subscription  # noqa: PLC0415 - as above

    per: dict[str, tuple[PriceTier, ...]] = {}
    for name, price in (block.per or {}).items():
        per[name] = (PriceTier(0, price),)
    for name, tiers in (block.tiers or {}).items():
        per[name] = tuple(PriceTier(tier.above, tier.price) for tier in tiers)
    return Subscription(
        _or(block.flat, ZERO),
        MappingProxyType(per),
        block.users or 0,
        _or(block.minimum, ZERO),
        _or(block.setup_fee, ZERO),
    )


def _prices(prices: Mapping[str, Decimal] | None) -> Mapping[str, Decimal]:
    return MappingProxyType(dict(prices or {}))


def _or(value: Decimal | None, default: Decimal) -> Decimal:
    return default if value is None else value


def _whole(length: float | None) -> int | None:
    return None if length is None else int(length)
