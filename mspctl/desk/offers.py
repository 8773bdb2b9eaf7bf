"""What an offer would have cost: the work of some months, under a contract that began with the first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mspctl.desk.billing import Units, always_billed, bill, covered_lines, labour_lines_of
from mspctl.desk.businesstime import local_day
from mspctl.desk.prepaid import later
from mspctl.desk.rating import rounded, travel_lines
from mspctl.model.billing import Line, LineKind, Work
from mspctl.model.comparison import BlockOffer, Offer
from mspctl.model.contract import ZERO, BlockPurchase, Contract


@dataclass(frozen=True, slots=True)
class Priced:
    """An offer with its months: fees and work, without setup."""

    offer: Offer
    contract: Contract
    """As it would have been, with the blocks that would have been bought."""
    months: tuple[Decimal, ...]
    setup: Decimal
    fees: Decimal
    """What all months cost without any call."""


def priced(offer: Offer, work: Work, units: Units, months: Sequence[date]) -> Priced:
    """The offer over these months, which follow one another."""
    started = replace(offer.contract, since=months[0], until=None)
    inside = _inside(started, work, months)
    contract = _with_blocks(started, offer.block, labour_lines_of(started, inside.entries, _after(months)))
    costs, setup, fees = [], ZERO, ZERO
    for month in months:
        lines = [line for each in bill((contract,), inside, units, month) for line in each.lines]
        once = sum((line.net for line in lines if line.kind is LineKind.SETUP), ZERO)
        costs.append(sum((line.net for line in lines), ZERO) - once)
        setup += once
        fees += sum((line.net for line in lines if line.kind in _FEES), ZERO)
    return Priced(offer, contract, tuple(costs), setup, fees)


_FEES = frozenset({LineKind.SUBSCRIPTION, LineKind.RETAINER})


def _after(months: Sequence[date]) -> date:
    return later(months[-1], 1)


def _inside(contract: Contract, work: Work, months: Sequence[date]) -> Work:
    """Only work of these months: what was done before draws from no hours of the offer."""
    first, after = months[0], _after(months)
    return Work(
        tuple(each for each in work.entries if first <= local_day(contract.hours, each.start) < after),
        tuple(each for each in work.visits if first <= each.day < after),
    )


def _with_blocks(contract: Contract, block: BlockOffer | None, lines: Iterable[Line]) -> Contract:
    """The contract with a block from its first day on, and another on each day on which none is left."""
    if block is None:
        return contract
    days = _purchases(contract, block, lines)
    return replace(contract, blocks=tuple(_purchase(day, block) for day in days))


def _purchases(contract: Contract, block: BlockOffer, lines: Iterable[Line]) -> Iterator[date]:
    worth = rounded(block.hours * contract.labour.rate, contract.currency) if contract.labour else ZERO
    yield contract.since
    lots: list[tuple[date | None, Decimal]] = [(_lapses(contract.since, block), worth)]
    for line in lines:
        wanted = ZERO if always_billed(contract, line) or not worth else line.net
        lots = [(lapses, left) for lapses, left in lots if lapses is None or line.day < lapses]
        while wanted > 0:
            if not lots:
                yield line.day
                lots.append((_lapses(line.day, block), worth))
            lapses, left = lots.pop(0)
            taken = min(wanted, left)
            wanted -= taken
            if left > taken:
                lots.insert(0, (lapses, left - taken))


def _lapses(bought: date, block: BlockOffer) -> date | None:
    return later(bought, block.months) if block.months else None


def _purchase(day: date, block: BlockOffer) -> BlockPurchase:
    return BlockPurchase(day, block.hours, block.price, block.months)


@dataclass(frozen=True, slots=True)
class Volume:
    """An offer's cost at any number of calls of the same kind as there were."""

    priced: Priced
    labour: tuple[Line, ...]
    travel: tuple[Line, ...]
    calls: tuple[int, ...]
    setup: Decimal
    """As much of the setup fee as falls into these months."""
    after: date
    seconds: int
    """Raw time of these calls."""

    flat: Mapping[int, Decimal] | None = None
    """What each call costs; None if something was paid in advance, for then it depends on those before it."""

    def cost(self, count: int) -> Decimal:
        """With `count` calls, spread over the months as the real ones were."""
        whole = len(self.calls)
        times = {
            call: (place + 1) * count // whole - place * count // whole
            for place, call in enumerate(self.calls)
        }
        ways = sum((line.net * times.get(line.call or 0, 0) for line in self.travel), ZERO)
        fixed = self.priced.fees + self.setup + ways
        if self.flat is not None:
            return fixed + sum((cost * times.get(call, 0) for call, cost in self.flat.items()), ZERO)
        # as many calls of one day and price draw as much as one call of their sum
        labour = tuple(
            replace(line, amount=line.amount * count)
            for line in self.labour
            if (count := times.get(line.call or 0, 0))
        )
        contract = _with_blocks(replace(self.priced.contract, blocks=()), self.priced.offer.block, labour)
        net = sum((line.net for line in covered_lines(contract, labour, self.after).lines), ZERO)
        return fixed + net + sum((rounded(each.price, contract.currency) for each in contract.blocks), ZERO)


def volume(offer: Priced, work: Work, months: Sequence[date], setup: Decimal) -> Volume:
    """The offer, ready for other numbers of calls."""
    contract, inside = offer.contract, _inside(offer.contract, work, months)
    labour = labour_lines_of(contract, inside.entries, _after(months))
    calls = {each.call: each.start for each in sorted(inside.entries, key=lambda each: each.start)}
    travel = travel_lines(contract, inside.visits)
    seconds = sum(int((each.end - each.start).total_seconds()) for each in inside.entries)
    covered = covered_lines(contract, labour, _after(months))
    flat = None if covered.balances else _by_call(covered.lines)
    return Volume(offer, labour, travel, tuple(calls), setup, _after(months), seconds, flat)


def _by_call(lines: Iterable[Line]) -> Mapping[int, Decimal]:
    costs: dict[int, Decimal] = {}
    for line in lines:
        costs[line.call or 0] = costs.get(line.call or 0, ZERO) + line.net
    return costs
