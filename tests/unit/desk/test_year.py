"""A simulated year under each type of contract, against a calculation of its own, month by month."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from mspctl.desk.billing import bill
from mspctl.desk.calls import folded, work_of
from mspctl.desk.comparing import History, compared, drawn_range
from mspctl.model.billing import Entry, Work
from mspctl.model.comparison import BlockOffer, BreakEven, Comparison, DowntimeRate, Offer, Plans, Verdict
from mspctl.model.contract import (
    BlockPurchase,
    BusinessHours,
    Contract,
    Counting,
    Holiday,
    Included,
    Labour,
    Opening,
    Plan,
    PriceTier,
    Retainer,
    Subscription,
    Surcharges,
    Travel,
)
from tests.unit.desk import reckoning as own
from tests.unit.desk.simulated import UNITS, USERS, year_of_calls

RECORDS = year_of_calls()
WORK = work_of(folded(RECORDS), "Europe/Berlin")
MONTHS = tuple(date(2026, month, 1) for month in range(1, 13))
HOURS = BusinessHours(
    "Europe/Berlin",
    tuple(Opening(day, 480, 1050) for day in range(5)),
    (
        *(Holiday(None, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))),
        *(Holiday(easter=days) for days in (-2, 1, 39, 50)),
    ),
)
HOURLY = Contract(
    Plan.BREAK_FIX,
    date(2026, 1, 1),
    "EUR",
    Labour(Decimal(95), {"senior": Decimal(120)}, {"project": Decimal("1.25")}, 900, 1800),
    Surcharges(Decimal("1.5"), Decimal(2), Decimal("1.75")),
    Travel(Decimal(25), Decimal("0.5"), Decimal("0.5")),
    HOURS,
)
assert HOURLY.labour is not None
INCIDENT = replace(HOURLY, labour=replace(HOURLY.labour, incident=Decimal(150)))
BOUGHT = (date(2026, 1, 1), date(2026, 3, 9), date(2026, 3, 20), date(2026, 9, 14))
BLOCKS = replace(
    HOURLY,
    plan=Plan.BLOCK_HOURS,
    blocks=tuple(BlockPurchase(day, Decimal(40), Decimal(3400), 6) for day in BOUGHT),
)
RETAINER = replace(HOURLY, plan=Plan.RETAINER, retainer=Retainer(Decimal(1200), 1))
FEE = Subscription(
    Decimal(50),
    {
        "server": (PriceTier(0, Decimal(85)), PriceTier(5, Decimal(70))),
        "workstation": (PriceTier(0, Decimal(28)),),
        "user": (PriceTier(0, Decimal("4.50")),),
    },
    USERS,
    Decimal(2400),
    Decimal(1800),
)
MANAGED = replace(HOURLY, plan=Plan.MANAGED, subscription=FEE, excludes=frozenset({"project"}))
HYBRID = replace(MANAGED, plan=Plan.HYBRID, included=Included(Decimal(6), 1))
FEE_CENTS = 100 * (50 + 5 * 85 + 4 * 70 + 40 * 28) + 45 * 450
SETUP_CENTS = 180_000


def billed(*contracts: Contract) -> list[int]:
    """The totals of the year's months in cents."""
    totals = []
    for month in MONTHS:
        (found,) = bill(contracts, WORK, UNITS, month)
        assert found.total == sum(line.net for line in found.lines)
        totals.append(int(found.total * 100))
    return totals


def added(*parts: Sequence[int]) -> list[int]:
    return [sum(month) for month in zip(*parts, strict=True)]


def hourly() -> list[int]:
    return added(own.by_month((each.day, each.cents) for each in own.items(RECORDS)), ways())


def ways() -> list[int]:
    return own.by_month(own.ways(RECORDS))


def incident() -> list[int]:
    return added(own.by_month((each.day, each.cents) for each in own.items(RECORDS, incident=15_000)), ways())


def blocks() -> list[int]:
    ends = (date(2026, 7, 1), date(2026, 9, 9), date(2026, 9, 20), date(2027, 3, 14))
    purses = [own.Purse(day, end, 380_000) for day, end in zip(BOUGHT, ends, strict=True)]
    paid = own.by_month(own.left_to_pay(own.items(RECORDS), purses, excluded=False))
    return added(paid, ways(), own.by_month((day, 340_000) for day in BOUGHT))


def retainer() -> list[int]:
    paid = own.left_to_pay(own.items(RECORDS), own.monthly(120_000, 1), excluded=False)
    return added(own.by_month(paid), ways(), [120_000] * 12)


def managed() -> list[int]:
    fees = [max(FEE_CENTS, 240_000) + SETUP_CENTS, *[max(FEE_CENTS, 240_000)] * 11]
    projects = own.by_month((each.day, each.cents) for each in own.items(RECORDS) if each.project)
    return added(fees, projects, ways())


def hybrid() -> list[int]:
    fees = [max(FEE_CENTS, 240_000) + SETUP_CENTS, *[max(FEE_CENTS, 240_000)] * 11]
    paid = own.left_to_pay(own.items(RECORDS), own.monthly(57_000, 1), excluded=True)
    return added(fees, own.by_month(paid), ways())


@pytest.mark.parametrize(
    ("contract", "reckoned"),
    [
        (HOURLY, hourly),
        (INCIDENT, incident),
        (BLOCKS, blocks),
        (RETAINER, retainer),
        (MANAGED, managed),
        (HYBRID, hybrid),
    ],
    ids=["hourly", "incident", "blocks", "retainer", "managed", "hybrid"],
)
def test_a_year_is_what_another_calculation_gives(
    contract: Contract, reckoned: Callable[[], list[int]]
) -> None:
    assert billed(contract) == reckoned()


@pytest.mark.parametrize(
    ("per", "step", "least"), [(Counting.DAY, 6, 0), (Counting.DAY, 15, 60), (Counting.ENTRY, 30, 45)]
)
def test_a_year_counted_by_days_or_by_stretches_is_what_another_calculation_gives(
    per: Counting, step: int, least: int
) -> None:
    assert HOURLY.labour is not None
    labour = replace(HOURLY.labour, per=per, increment=step * 60, minimum=least * 60)
    items = own.items_by(per.value, RECORDS, step, least)
    assert billed(replace(HOURLY, labour=labour)) == added(
        own.by_month((each.day, each.cents) for each in items), ways()
    )


@pytest.mark.parametrize("months", [0, 2])
def test_what_is_left_of_a_month_is_kept_as_long_as_another_calculation_says(months: int) -> None:
    kept = replace(HOURLY, plan=Plan.RETAINER, retainer=Retainer(Decimal(2600), months))
    paid = own.left_to_pay(own.items(RECORDS), own.monthly(260_000, months), excluded=False)
    assert billed(kept) == added(own.by_month(paid), ways(), [260_000] * 12)


def test_a_year_whose_contract_changes_in_the_middle_of_a_month() -> None:
    """Break/fix until 15 April, managed from the 16th: half of April's fee, and each call by its day."""
    change = date(2026, 4, 16)
    before = [item for item in own.items(RECORDS) if item.day < change]
    projects = [item for item in own.items(RECORDS) if item.day >= change and item.project]
    spread = [call for call in own.calls(RECORDS).values() if len(call.starts) > 1]
    assert not any(call.starts[0][0] < change <= call.starts[-1][0] for call in spread), "would be two items"
    fee = max(FEE_CENTS, 240_000)
    parts = [own.half_up(Fraction(cents, 2)) for cents in (5000, 70_500, 112_000, 20_250, 32_250)]
    assert sum(parts) * 2 == fee, "the last one fills up to the minimum"
    fees = [0, 0, 0, sum(parts) + SETUP_CENTS, *[fee] * 8]
    work = own.by_month((each.day, each.cents) for each in (*before, *projects))
    managed_ = replace(MANAGED, since=change)
    assert billed(replace(HOURLY, until=change), managed_) == added(fees, work, ways())


def test_the_year_is_always_the_same_and_has_everything_in_it() -> None:
    assert year_of_calls() == RECORDS
    entries = WORK.entries
    assert 150 < len({entry.call for entry in entries}) < 260
    assert any(
        entry.start.astimezone(own.BERLIN).date() != entry.end.astimezone(own.BERLIN).date()
        for entry in entries
    )
    days = {(each.month, each.day) for each in (entry.start.astimezone(own.BERLIN) for entry in entries)}
    assert days & own.HOLIDAYS
    assert {entry.skill for entry in entries} == {"", "senior"}
    assert {entry.work for entry in entries} == {"support", "project"}
    assert any(entry.emergency for entry in entries)


def history(months: Sequence[date] = MONTHS) -> History:
    zeros = tuple(0 for _ in months)
    return History("acme", tuple(months), WORK, UNITS, (20,) * len(months), (72_000,) * len(months), zeros)


def plans(*offers: Offer) -> Plans:
    return Plans(offers, 12, DowntimeRate(Decimal(120), date(2026, 1, 5), "the owner"))


def test_the_comparison_bills_the_same_year_under_each_plan() -> None:
    block = BlockOffer(Decimal(40), Decimal(3400), 6)
    blocks_ = Offer("blocks", replace(HOURLY, plan=Plan.BLOCK_HOURS), block)
    found = compared(history(), plans(Offer("as now", HOURLY), Offer("care", MANAGED), blocks_))
    assert [int(each * 100) for each in found.first.months] == hourly()
    care, prepaid = found.rivals
    without_setup = [managed()[0] - SETUP_CENTS, *managed()[1:]]
    assert [int(each * 100) for each in care.cost.months] == [cents + 15_000 for cents in without_setup]
    assert care.cost.setup_part == 150
    assert care.saving == found.first.total - care.cost.total
    assert care.dearer == tuple(
        place for place in range(12) if care.cost.months[place] > found.first.months[place]
    )
    assert care.range is not None
    assert care.range.low < care.saving < care.range.high
    # the blocks pay for all work, and no block is bought while another is left
    bought = prepaid.cost.total - Decimal(sum(ways())) / 100
    assert bought % 3400 == 0
    assert 0 <= 3800 * (bought // 3400) - Decimal(sum(hourly()) - sum(ways())) / 100 < 3 * 3800
    assert found.first.usual in found.first.months
    assert (found.first.worst, found.first.spread is not None) == (9, True)


@pytest.mark.parametrize("months", [MONTHS, MONTHS[6:9]])
def test_where_the_costs_cross(months: Sequence[date]) -> None:
    """A flat fee of 2,000 against 100 a call: twenty calls a month, whatever was before these months."""
    per_call = replace(
        INCIDENT, surcharges=Surcharges(), travel=Travel(), labour=Labour(Decimal(1), incident=Decimal(100))
    )
    flat = replace(per_call, plan=Plan.MANAGED, labour=None, subscription=Subscription(Decimal(2000)))
    (care,) = compared(history(months), plans(Offer("calls", per_call), Offer("care", flat))).rivals
    assert care.break_even is not None
    assert care.break_even.up_to is None
    assert care.break_even.since is not None
    assert abs(care.break_even.since.calls - 20) <= Decimal("0.5")
    dear = replace(flat, subscription=Subscription(Decimal(99_999)))
    (care,) = compared(history(months), plans(Offer("calls", per_call), Offer("care", dear))).rivals
    assert care.break_even == BreakEven(None, None, ever=False)


def test_the_parts_of_a_setup_fee_are_the_fee_to_the_cent() -> None:
    flat = Contract(Plan.MANAGED, date(2026, 1, 1), "EUR", subscription=Subscription(Decimal(500)))
    care = replace(flat, subscription=Subscription(Decimal(500), setup_fee=Decimal(1000)))
    cost = compared(history(), plans(Offer("flat", flat), Offer("care", care))).rivals[0].cost
    assert cost.total == 12 * 500 + 1000
    assert {str(month) for month in cost.months} == {"583.33", "583.34"}


def test_blocks_lapse_and_the_next_one_is_bought_when_it_is_needed() -> None:
    """One hour in January, one in March, blocks of ten hours that are good for a month: two blocks."""
    plain = replace(HOURLY, surcharges=Surcharges(), travel=Travel(), hours=BusinessHours())
    at = (datetime(2026, month, 20, 10, tzinfo=UTC) for month in (1, 3))
    entries = tuple(Entry(n, "ann", each, each + timedelta(hours=1)) for n, each in enumerate(at, 1))
    year = replace(history(MONTHS[:3]), work=Work(entries))
    for valid, bought in ((1, [900, 0, 900]), (None, [900, 0, 0])):
        block = BlockOffer(Decimal(10), Decimal(900), valid)
        offer = Offer("blocks", replace(plain, plan=Plan.BLOCK_HOURS), block)
        found = compared(year, plans(Offer("now", plain), offer))
        assert list(found.rivals[0].cost.months) == bought


@pytest.mark.parametrize(
    ("fee", "months", "verdict", "best"),
    [
        (9000, 12, Verdict.STAY, "as now"),
        (300, 12, Verdict.CHANGE, "care"),
        (300, 11, Verdict.TOO_LITTLE, "care"),
    ],
)
def test_the_answer_may_be_to_stay(fee: int, months: int, verdict: Verdict, best: str) -> None:
    care = replace(MANAGED, subscription=Subscription(Decimal(fee)))
    offers = (Offer("as now", HOURLY), Offer("care", care))
    found: Comparison = compared(history(MONTHS[:months]), plans(*offers))
    assert (found.verdict, found.best) == (verdict, best)
    assert (found.first.usual is None) is (months < 12)
    assert (found.rivals[0].range is None) is (months < 12)


def test_what_hangs_on_one_bad_month_is_not_sure() -> None:
    """One month saves 5,000, each other costs 300 more: 1,700 in all, but a drawing may miss that month."""
    savings = [Decimal(5000), *[Decimal(-300)] * 11]
    drawn = drawn_range(savings)
    assert drawn.low < 0 < drawn.high
    assert drawn_range(savings) == drawn
    assert drawn_range([Decimal(10)] * 12).low == drawn_range([Decimal(10)] * 12).high == 120
