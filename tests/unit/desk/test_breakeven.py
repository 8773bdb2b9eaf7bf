"""With how many calls an offer is not dearer: each statement is held against bills of as many calls."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.desk.breakeven import break_even, tried
from mspctl.desk.offers import priced, volume
from mspctl.model.billing import Entry, Visit, Work
from mspctl.model.comparison import BlockOffer, BreakEven, CallVolume, Offer
from mspctl.model.contract import (
    ZERO,
    Contract,
    Included,
    Labour,
    Plan,
    Retainer,
    Subscription,
    Travel,
)

MONTHS = tuple(date(2026, month, 1) for month in range(1, 5))
HOURLY = Contract(
    Plan.BREAK_FIX,
    date(2026, 1, 1),
    "EUR",
    Labour(Decimal(90), increment=900, minimum=1800),
    travel=Travel(Decimal(10)),
)
CALLS = Offer("calls", replace(HOURLY, labour=Labour(Decimal(1), incident=Decimal(100)), travel=Travel()))

money = st.integers(0, 60).map(lambda tens: Decimal(10 * tens))
few_hours = st.integers(1, 12).map(Decimal)
offers = st.one_of(
    st.just(Offer("hourly", HOURLY)),
    st.builds(lambda fee: Offer("flat", replace(HOURLY, subscription=Subscription(fee))), money),
    st.builds(
        lambda fee, hours, over: Offer(
            "hours",
            replace(HOURLY, subscription=Subscription(fee, setup_fee=fee), included=Included(hours, over)),
        ),
        money,
        few_hours,
        st.integers(0, 2),
    ),
    st.builds(
        lambda fee, over: Offer("retainer", replace(HOURLY, retainer=Retainer(fee, over))),
        money,
        st.integers(0, 2),
    ),
    st.builds(
        lambda hours, rate, valid: Offer(
            "blocks", replace(HOURLY, plan=Plan.BLOCK_HOURS), BlockOffer(hours, hours * rate, valid)
        ),
        few_hours,
        st.sampled_from([Decimal(70), Decimal(85), Decimal(100)]),
        st.sampled_from([None, 1, 2]),
    ),
)
works = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 400)), min_size=1, max_size=5)


def work_of(told: list[tuple[int, int]], times: list[int]) -> Work:
    """The calls, each so many times, with a visit each."""
    entries: list[Entry] = []
    visits: list[Visit] = []
    for (day, minutes), count in zip(told, times, strict=True):
        start = datetime(2026, 1, 2, 10, tzinfo=UTC) + timedelta(days=day)
        for _ in range(count):
            number = len(entries) + 1
            entries.append(Entry(number, "ann", start, start + timedelta(minutes=minutes)))
            visits.append(Visit(number, start.date()))
    return Work(tuple(entries), tuple(visits))


def billed(offer: Offer, told: list[tuple[int, int]], count: int) -> Decimal:
    """What the months cost with `count` calls, as bills of all these calls say."""
    whole = len(told)
    times = [(place + 1) * count // whole - place * count // whole for place in range(whole)]
    found = priced(offer, work_of(sorted(told), times), {}, MONTHS)
    return sum(found.months, ZERO) + found.setup


def found_by_search(first: Offer, other: Offer, told: list[tuple[int, int]]) -> BreakEven | None:
    ones = work_of(sorted(told), [1] * len(told))
    ours, theirs = (priced(offer, ones, {}, MONTHS) for offer in (first, other))
    return break_even(
        tried(volume(ours, ones, MONTHS, ours.setup)),
        tried(volume(theirs, ones, MONTHS, theirs.setup)),
        len(MONTHS),
    )


def about(volume: CallVolume | None) -> Decimal | None:
    """Calls in all months."""
    return None if volume is None else volume.calls * len(MONTHS)


@given(offers, offers, works)
@settings(max_examples=15, deadline=None)
def test_what_is_said_of_numbers_of_calls_holds_for_each_of_them(
    first: Offer, other: Offer, told: list[tuple[int, int]]
) -> None:
    fits = [billed(first, told, count) >= billed(other, told, count) for count in range(4 * len(told) + 1)]
    found = found_by_search(first, other, told)
    assert found is not None
    assert found.ever == any(fits)
    assert (found.up_to is not None, found.since is not None) == (fits[0], fits[-1])
    assert found.always == all(fits)
    if found.up_to is not None and not all(fits):
        ceases = fits.index(False)
        assert ceases - 1 - len(MONTHS) / 10 < (about(found.up_to) or 0) <= ceases - 1
    if found.since is not None and not all(fits):
        begins = len(fits) - fits[::-1].index(False)
        assert begins <= (about(found.since) or 0) < begins + len(MONTHS) / 10


def test_costs_that_cross_more_than_once_are_told_at_both_ends() -> None:
    """Ten hours for 850 against 100 a call of an hour: 850 for 1 to 10 calls, 1,700 for 11 to 20."""
    told = [(day, 60) for day in range(5)]
    blocks = Offer("blocks", replace(HOURLY, travel=Travel()), BlockOffer(Decimal(10), Decimal(850)))
    found = found_by_search(CALLS, blocks, told)
    assert found is not None
    assert found.up_to is None, "the first block is bought before the first call"
    assert found.since is not None
    assert found.since.calls == Decimal("4.3"), "17 calls in four months: 9 and 10 fit as well, 11 does not"
    assert found.since.hours == Decimal("4.3")


def test_few_calls_speak_for_paying_by_the_call() -> None:
    """A managed client asks up to which number of calls it would be cheaper to pay by the call."""
    told = [(day, 60) for day in range(8)]
    flat = Offer("flat", replace(HOURLY, subscription=Subscription(Decimal(500)), travel=Travel()))
    found = found_by_search(flat, CALLS, told)
    assert found == BreakEven(CallVolume(Decimal("5.0"), Decimal("5.0")), None, ever=True)
    dear = replace(CALLS, contract=replace(CALLS.contract, labour=Labour(Decimal(1), incident=Decimal(9999))))
    assert found_by_search(CALLS, dear, told) == BreakEven(CallVolume(ZERO, ZERO), None, ever=True)


def test_many_calls_are_tried_in_steps_and_the_crossing_call_by_call() -> None:
    told = [(number % 100, 60) for number in range(250)]
    flat = Offer("flat", replace(HOURLY, subscription=Subscription(Decimal(2525)), travel=Travel()))
    found = found_by_search(CALLS, flat, told)
    assert found is not None
    assert found.since == CallVolume(Decimal("25.3"), Decimal("25.3"))
    found = found_by_search(flat, CALLS, told)
    assert found is not None
    assert found.up_to == CallVolume(Decimal("25.2"), Decimal("25.2"))
