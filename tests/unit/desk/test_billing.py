"""What work costs: laws that hold for all work, and a count minute by minute that knows none of the code."""

import calendar
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mspctl.desk.billing import bill
from mspctl.desk.businesstime import is_holiday
from mspctl.desk.rating import labour_lines, rounded, travel_lines
from mspctl.model.billing import Entry, LineKind, Visit, Work
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

ZONE = ZoneInfo("Europe/Berlin")
HOURS = BusinessHours(
    "Europe/Berlin",
    (*(Opening(day, 480, 1050) for day in range(5)), Opening(5, 540, 720)),
    (Holiday(None, 12, 25), Holiday(easter=1), Holiday(2026, 7, 1)),
)
LABOUR = Labour(Decimal(95), increment=900, minimum=1800)
SURCHARGES = Surcharges(Decimal("1.5"), Decimal(2), Decimal("1.75"))
BREAK_FIX = Contract(Plan.BREAK_FIX, date(2026, 1, 1), "EUR", LABOUR, SURCHARGES, hours=HOURS)
PLAIN = replace(BREAK_FIX, surcharges=Surcharges(), labour=Labour(Decimal(100)), hours=BusinessHours())
USERS = (PriceTier(0, Decimal(6)), PriceTier(10, Decimal(5)))
TWO_HOURS = replace(BREAK_FIX, labour=replace(LABOUR, minimum=7200))
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
# Both nights on which the clocks change, Easter Monday, a midnight, a closing time, and any other time.
starts = st.one_of(
    st.sampled_from([
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
        datetime(2026, 4, 5, 21, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 21, 59, tzinfo=UTC),
        datetime(2026, 5, 4, 15, 20, tzinfo=UTC),
    ]),
    st.integers(0, 365 * 1440).map(lambda minutes: YEAR + timedelta(minutes=minutes)),
)  # fmt: skip
lengths = st.integers(0, 2000)
countings = st.sampled_from(list(Counting))
contracts = st.builds(
    lambda increment, minimum, per: replace(
        BREAK_FIX, labour=replace(LABOUR, increment=increment * 60, minimum=minimum * 60, per=per)
    ),
    st.sampled_from([1, 6, 15, 60]),
    st.sampled_from([0, 10, 30, 120]),
    countings,
)


def entry(start: datetime, minutes: int, call: int = 1, *, emergency: bool = False) -> Entry:
    return Entry(call, "ann", start, start + timedelta(minutes=minutes), emergency=emergency)


def total(contract: Contract, *entries: Entry) -> Decimal:
    return sum((line.amount for line in labour_lines(contract, entries)), Decimal(0))


def easter_monday(day: date) -> bool:
    return day == date(2026, 4, 6)


def counted_by_minutes(contract: Contract, start: datetime, minutes: int) -> Decimal:
    """The same law, told again without any of the code: each minute asked by itself."""
    assert contract.labour is not None
    factors = []
    for number in range(minutes):
        local = (start + timedelta(minutes=number)).astimezone(ZONE)
        clock = local.hour * 60 + local.minute
        closes = (480, 1050) if local.weekday() < 5 else (540, 720) if local.weekday() == 5 else (0, 0)
        holiday = (local.month, local.day) in {(12, 25), (7, 1)} or easter_monday(local.date())
        usual = Decimal(1) if closes[0] <= clock < closes[1] else Decimal("1.5")
        factors.append(Decimal(2) if holiday else usual)
    if not factors:
        return Decimal(0)
    step = contract.labour.increment // 60
    billed = math.ceil(max(minutes, contract.labour.minimum // 60) / step) * step
    money = (sum(factors, Decimal(0)) + billed - minutes) * contract.labour.rate / 60
    return Decimal(math.floor(Fraction(money) * 100 + Fraction(1, 2))) / 100


@given(contracts, starts, lengths)
@settings(max_examples=60, deadline=None)
def test_it_is_what_a_count_minute_by_minute_gives(contract: Contract, start: datetime, minutes: int) -> None:
    if start.year == 2026 and (start + timedelta(minutes=minutes)).year == 2026:
        assert total(contract, entry(start, minutes)) == counted_by_minutes(contract, start, minutes)


@given(contracts, starts, lengths, st.integers(1, 600), st.booleans())
@settings(max_examples=60, deadline=None)
@example(TWO_HOURS, datetime(2026, 5, 4, 4, 30, tzinfo=UTC), 89, 2, False)  # noqa: FBT003 - across opening time
def test_more_time_never_costs_less(
    contract: Contract, start: datetime, minutes: int, more: int, emergency: bool  # noqa: FBT001 - hypothesis gives it
) -> None:  # fmt: skip
    less = total(contract, entry(start, minutes, emergency=emergency))
    assert total(contract, entry(start, minutes + more, emergency=emergency)) >= less


@given(contracts, starts, lengths, st.integers(0, 2000))
@settings(max_examples=60, deadline=None)
def test_work_cut_in_two_costs_the_same(contract: Contract, start: datetime, one: int, two: int) -> None:
    assert contract.labour is not None
    by_call = replace(contract, labour=replace(contract.labour, per=Counting.CALL))
    halves = (entry(start, one), entry(start + timedelta(minutes=one), two))
    assert total(by_call, *halves) == total(by_call, entry(start, one + two))


@given(contracts, starts)
def test_no_time_costs_nothing(contract: Contract, start: datetime) -> None:
    assert total(contract, entry(start, 0)) == 0


@given(starts, lengths, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_writing_down_is_nothing(start: datetime, minutes: int, random: Random) -> None:
    entries = [entry(start + timedelta(hours=n), minutes % 90, call=n % 3) for n in range(6)]
    shuffled = random.sample(entries, len(entries))
    blocks = (BlockPurchase(date(2026, 1, 1), Decimal(3), Decimal(270)),)
    contract = replace(BREAK_FIX, plan=Plan.BLOCK_HOURS, blocks=blocks)
    month = start.astimezone(ZONE).date().replace(day=1)
    one, other = (bill((contract,), Work(tuple(each)), {}, month) for each in (entries, shuffled))
    assert one == other


def at(day: int, clock: str, month: int = 5) -> datetime:
    hour, _, minute = clock.partition(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=ZONE)


KNOWN = [
    ("seven minutes cost the minimum", at(4, "10:00"), 7, "47.50"),
    ("rounded up to the quarter", at(4, "10:00"), 46, "95.00"),
    ("across closing time", at(4, "17:00"), 60, "118.75"),
    ("after hours, the rest of the minimum is not", at(4, "20:00"), 10, "55.42"),
    ("a Sunday hour", at(3, "10:00"), 60, "142.50"),
    ("the night that lacks an hour", at(29, "01:00", 3), 60, "142.50"),
    ("a holiday wins over the evening", at(1, "20:00", 7), 60, "190.00"),
]


@pytest.mark.parametrize(("_why", "start", "minutes", "amount"), KNOWN, ids=[row[0] for row in KNOWN])
def test_known_amounts(_why: str, start: datetime, minutes: int, amount: str) -> None:
    assert total(BREAK_FIX, entry(start, minutes)) == Decimal(amount)


@pytest.mark.parametrize(
    ("region", "free", "working"),
    [
        ("DE-BY", date(2026, 1, 6), date(2026, 3, 8)),  # Epiphany in Munich,
        ("DE-BE", date(2026, 5, 25), date(2026, 1, 6)),  # not in Berlin
        ("DE-HH", date(2026, 10, 31), date(2026, 11, 1)),
        ("AT", date(2026, 10, 26), date(2026, 10, 3)),
    ],
)
def test_a_region_has_its_own_holidays(region: str, free: date, working: date) -> None:
    hours = replace(HOURS, holidays=(), region=region)
    assert is_holiday(hours, free)
    assert not is_holiday(hours, working)
    assert is_holiday(replace(hours, holidays=(Holiday(None, 12, 24),)), date(2026, 12, 24))


def test_what_is_counted_together() -> None:
    two = (entry(at(4, "10:00"), 10), entry(at(4, "11:00"), 10, call=2))
    other = replace(entry(at(4, "10:05"), 10), technician="bob")
    for per, lines in ((Counting.ENTRY, 3), (Counting.CALL, 2), (Counting.DAY, 2)):
        contract = replace(BREAK_FIX, labour=replace(LABOUR, per=per))
        assert len(labour_lines(contract, (*two, other))) == lines
    overlapping = (entry(at(4, "10:00"), 60), entry(at(4, "10:30"), 60, call=2))
    assert total(BREAK_FIX, *overlapping) == 190  # whoever works on two at once is paid twice


def test_per_incident_and_travel() -> None:
    contract = replace(
        BREAK_FIX,
        labour=replace(LABOUR, incident=Decimal(150)),
        travel=Travel(Decimal(0), Decimal("0.42"), Decimal("0.5")),
    )
    day_and_night = (entry(at(4, "17:00"), 20), entry(at(4, "18:00"), 20))
    assert total(contract, day_and_night[0]) == 150
    assert total(contract, *day_and_night) == 225
    (way,) = travel_lines(contract, [Visit(1, date(2026, 5, 4), Decimal(30), 2400)])
    assert way.amount == Decimal("44.27")


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "0.13"), ("JPY", "0"), ("KWD", "0.125")])
def test_half_a_unit_is_rounded_up(currency: str, amount: str) -> None:
    assert str(rounded(Fraction(1, 8), currency)) == amount


def test_blocks_are_used_by_the_day_of_the_work_and_lapse() -> None:
    blocks = (
        BlockPurchase(date(2026, 1, 10), Decimal(2), Decimal(180), 3),
        BlockPurchase(date(2026, 4, 20), Decimal(1), Decimal(95)),
    )
    contract = replace(PLAIN, plan=Plan.BLOCK_HOURS, blocks=blocks, low_hours=Decimal(1))
    late = entry(at(20, "10:00", 3), 90, call=1)
    may = entry(at(4, "10:00"), 90, call=2)
    (march,) = bill((contract,), Work((may, late)), {}, date(2026, 3, 1))
    assert march.total == 0
    assert (march.balances[0].hours_left, march.balances[0].low) == (Decimal("0.50"), True)
    (april,) = bill((contract,), Work((may, late)), {}, date(2026, 4, 1))
    assert [line.kind for line in april.lines] == [LineKind.BLOCK]
    assert [april.balances[0].lapsed, april.balances[0].left] == [Decimal(50), Decimal(100)]
    (found,) = bill((contract,), Work((may, late)), {}, date(2026, 5, 1))
    assert [(line.amount, line.covered) for line in found.lines] == [(Decimal(150), Decimal(100))]
    # written down later, it takes from the April block what May had used
    before = entry(at(25, "10:00", 4), 60, call=3)
    (again,) = bill((contract,), Work((may, late, before)), {}, date(2026, 5, 1))
    assert again.total == 150


def test_a_contract_that_changes_in_the_middle_of_a_month() -> None:
    first = replace(PLAIN, until=date(2026, 4, 16))
    managed = replace(
        PLAIN,
        plan=Plan.MANAGED,
        since=date(2026, 4, 16),
        subscription=Subscription(
            Decimal(10),
            {
                "server": (PriceTier(0, Decimal(80)),),
                "user": USERS,
            },
            users=12,
            setup_fee=Decimal(900),
        ),
        excludes=frozenset({"project"}),
    )
    work = (
        entry(at(15, "23:00", 4), 120, call=1),  # begun under the first one
        entry(at(16, "10:00", 4), 60, call=2),
        replace(entry(at(17, "10:00", 4), 60, call=3), work="project"),
    )
    (found,) = bill((first, managed), Work(work), {"server": 3, "printer": 9}, date(2026, 4, 1))
    # until midnight UTC is the plain contract's day; fees by halves: 5 + 120 + 35
    fees = {line.text.partition(",")[0]: line.net for line in found.lines if line.call is None}
    assert fees == {"monthly fee": Decimal(35), "setup": Decimal(900)}
    assert {line.call: line.net for line in found.lines if line.call} == {1: 200, 2: 0, 3: 100}
    assert found.total == sum(line.net for line in found.lines) == 5 + 120 + 35 + 900 + 300


def test_included_hours_roll_over_and_a_retainer_is_worked_off() -> None:
    hybrid = replace(
        PLAIN, plan=Plan.HYBRID, included=Included(Decimal(2), 1), subscription=Subscription(Decimal(50))
    )
    work = Work((entry(at(4, "10:00", 3), 300),))
    (march,) = bill((hybrid,), work, {}, date(2026, 3, 1))
    assert march.total == 50 + 100  # two hours of March, two of February; January's have lapsed
    retainer = replace(PLAIN, plan=Plan.RETAINER, retainer=Retainer(Decimal(300)))
    (march,) = bill((retainer,), work, {}, date(2026, 3, 1))
    assert march.total == 300 + 200
    (april,) = bill((retainer,), work, {}, date(2026, 4, 1))
    assert april.total == april.balances[0].left == 300
    assert april.balances[0].lapsed == 600


@pytest.mark.parametrize("month", range(1, 13))
def test_a_year_of_work_is_billed_once(month: int) -> None:
    """The months together are the year: nothing twice, nothing left out; the sum by an own calculation."""
    random = Random(7)  # noqa: S311 - work, not secrets
    starts = [YEAR + timedelta(minutes=random.randrange(365 * 1440 - 400)) for _ in range(120)]
    lengths = [random.randrange(1, 300) for _ in starts]
    work = Work(tuple(entry(s, m, call=n) for n, (s, m) in enumerate(zip(starts, lengths, strict=True))))
    expected = sum(
        counted_by_minutes(BREAK_FIX, start, minutes)
        for start, minutes in zip(starts, lengths, strict=True)
        if start.astimezone(ZONE).date().replace(day=1) == date(2026, month, 1)
    )
    (found,) = bill((BREAK_FIX,), work, {}, date(2026, month, 1))
    assert found.total == expected
    assert calendar.monthrange(2026, month)[1] >= max((line.day.day for line in found.lines), default=1)


@given(contracts, st.integers(1, 200), st.integers(0, 200), st.sampled_from([None, Decimal(150)]))
@settings(deadline=None)
def test_a_call_over_the_end_of_a_month_costs_what_it_costs_in_one(
    contract: Contract, one: int, two: int, incident: Decimal | None
) -> None:
    labour = replace(contract.labour or LABOUR, per=Counting.CALL, incident=incident)
    agreed = replace(contract, labour=labour)
    march = entry(datetime(2026, 3, 31, 15, tzinfo=UTC), one)
    april = entry(datetime(2026, 4, 1, 7, tzinfo=UTC), two, emergency=True)
    work = Work((april, march))
    bills = [each for month in (3, 4) for each in bill((agreed,), work, {}, date(2026, month, 1))]
    assert sum((each.total for each in bills), Decimal(0)) == total(agreed, march, april)
    assert min(line.net for each in bills for line in each.lines) >= 0
    assert sum(each.worked_seconds for each in bills) == (one + two) * 60


def test_what_is_left_of_a_block_lapses_with_its_contract_and_is_told() -> None:
    block = BlockPurchase(date(2026, 3, 1), Decimal(40), Decimal(3400))
    before = replace(PLAIN, plan=Plan.BLOCK_HOURS, blocks=(block,), until=date(2026, 6, 16))
    after = replace(PLAIN, since=date(2026, 6, 16))
    work = Work(
        (entry(datetime(2026, 6, 1, 8, tzinfo=UTC), 60), entry(datetime(2026, 6, 20, 8, tzinfo=UTC), 60))
    )
    (may,) = bill((before, after), work, {}, date(2026, 5, 1))
    assert may.balances[0].left == 4000
    (june,) = bill((before, after), work, {}, date(2026, 6, 1))
    assert [june.balances[0].left, june.balances[0].lapsed, june.total] == [0, 3900, 100]


SOME = frozenset({"web1", "db1"})
FEE = Subscription(Decimal(100))
QUARTERS = {  # each pays for support in its own way
    "fee": replace(PLAIN, plan=Plan.MANAGED, subscription=FEE, hosts=SOME),
    "hours": replace(PLAIN, plan=Plan.HYBRID, subscription=FEE, included=Included(Decimal(9)), hosts=SOME),
    "retainer": replace(PLAIN, plan=Plan.RETAINER, retainer=Retainer(Decimal(900)), hosts=SOME),
    "block": replace(
        PLAIN,
        plan=Plan.BLOCK_HOURS,
        blocks=(BlockPurchase(date(2026, 1, 1), Decimal(9), Decimal(900)),),
        hosts=SOME,
    ),
}


@pytest.mark.parametrize("contract", QUARTERS.values(), ids=QUARTERS)
@pytest.mark.parametrize(
    ("hosts", "net"),
    [("", "0.00"), ("web1", "0.00"), ("old1", "100.00"), ("old1 old2", "100.00"), ("old1 db1", "0.00")],
)
def test_nothing_that_is_paid_pays_for_other_hosts(contract: Contract, hosts: str, net: str) -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    work = replace(entry(noon, 60, 7), hosts=frozenset(hosts.split()))
    (found,) = bill((contract,), Work((work,)), {}, date(2026, 3, 1))
    (line,) = (line for line in found.lines if line.kind is LineKind.LABOUR)
    assert (str(line.net), line.outside) == (net, net != "0.00")
    assert ("not in the contract" in line.text) == line.outside
    used = sum((balance.used for balance in found.balances), Decimal(0))
    assert used == (0 if line.outside or not found.balances else 100)


@pytest.mark.parametrize("incident", [None, Decimal(150)])
def test_what_is_excluded_is_billed_by_the_hour_and_by_the_incident(incident: Decimal | None) -> None:
    labour = replace(LABOUR, incident=incident)
    contract = replace(QUARTERS["fee"], labour=labour, excludes=frozenset({"project"}))
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    support, project = entry(noon, 60, 1), replace(entry(noon, 60, 2), work="project")
    (found,) = bill((contract,), Work((support, project)), {}, date(2026, 3, 1))
    costs = [line.net > 0 for line in found.lines if line.kind is not LineKind.SUBSCRIPTION]
    assert costs == [False, True]


def test_what_is_counted_by_the_day_is_counted_apart_for_other_hosts() -> None:
    labour = replace(LABOUR, per=Counting.DAY, minimum=0)
    contract = replace(QUARTERS["fee"], labour=labour)
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    ours, theirs = (
        entry(noon, 10),
        replace(entry(noon + timedelta(minutes=20), 10, 2), hosts=frozenset({"x"})),
    )
    (found,) = bill((contract,), Work((ours, theirs)), {}, date(2026, 3, 1))
    assert [str(line.net) for line in found.lines if line.kind is LineKind.LABOUR] == ["0.00", "23.75"]
