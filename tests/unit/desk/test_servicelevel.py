"""What was promised: laws of the clock, and calls whose times were counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.desk.calls import Call, Hold, folded
from mspctl.desk.servicelevel import Clock, service_levels
from mspctl.desk.statistics import ranked
from mspctl.desk.value import hourly_rates, machines, worked
from mspctl.model.billing import Bill, Line, LineKind
from mspctl.model.call import CallRecord, CallWord
from mspctl.model.contract import BusinessHours, Contract, Holiday, Labour, Opening, Plan, Target, ThirdParty
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun, Run
from mspctl.model.servicelevel import Goal, Kept, Promise
from mspctl.model.servicevalue import HourlyRate

ZONE = ZoneInfo("Europe/Berlin")
HOURS = BusinessHours(
    "Europe/Berlin",
    tuple(Opening(day, 480, 1050) for day in range(5)),
    (Holiday(easter=-2), Holiday(easter=1)),
)
CONTRACT = Contract(
    Plan.BREAK_FIX,
    date(2026, 1, 1),
    "EUR",
    Labour(Decimal(95)),
    hours=HOURS,
    targets={
        "P1": Target(1800, 14_400, around_the_clock=True),
        "P3": Target(3600, 2 * 34_200, holds=frozenset({"client", "maker"})),
    },
)
DONE = HostRun("acme/web1", "hq", Outcome.OK)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
moments = st.integers(0, 365 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    start = draw(moments)
    holds = []
    for _ in range(draw(st.integers(0, 3))):
        start += timedelta(minutes=draw(st.integers(0, 3000)))
        end = start + timedelta(minutes=draw(st.integers(0, 3000)))
        holds.append(Hold("client", start, end))
        start = end
    return Clock(draw(st.sampled_from([HOURS, BusinessHours("Europe/Berlin")])), tuple(holds))


@given(clocks(), moments, st.integers(1, 60 * 200))
@settings(max_examples=60, deadline=None)
def test_what_is_due_has_run_so_long_and_not_a_second_longer(
    clock: Clock, start: datetime, minutes: int
) -> None:
    due = clock.due(start, minutes * 60)
    assert due is not None
    assert clock.seconds(start, due) == minutes * 60
    assert clock.seconds(start, due - timedelta(seconds=1)) == minutes * 60 - 1


@given(clocks(), moments, st.integers(0, 9000), st.integers(0, 9000))
@settings(max_examples=60, deadline=None)
def test_the_clock_adds_up_and_never_runs_faster_than_time(
    clock: Clock, start: datetime, one: int, two: int
) -> None:
    middle, end = start + timedelta(minutes=one), start + timedelta(minutes=one + two)
    assert clock.seconds(start, middle) + clock.seconds(middle, end) == clock.seconds(start, end)
    assert clock.seconds(start, end) <= (one + two) * 60


def test_a_clock_that_is_held_is_never_due() -> None:
    start = at(4, "09:00")
    assert Clock(HOURS, (Hold("client", at(4, "10:00")),)).due(start, 7200) is None
    assert Clock(HOURS, (Hold("client", at(4, "10:00")),)).due(start, 3600) == at(4, "10:00")


def at(day: int, clock: str, month: int = 5) -> datetime:
    hour, _, minute = clock.partition(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=ZONE).astimezone(UTC)


def said(word: CallWord, when: datetime, text: str = "", **fields: str) -> CallRecord:
    return CallRecord(1, "acme", word, when, when, "ann", text, fields)


def call(asked: datetime | None, began: datetime, *rest: CallRecord, priority: str = "P3") -> Call:
    fields = {"priority": priority} | ({"asked": asked.isoformat()} if asked else {})
    (found,) = folded((said(CallWord.STARTED, began, "printer", **fields), *rest))
    return found


def promises(*calls: Call, now: datetime = LATER) -> dict[Goal, Promise]:
    return {each.goal: each for each in service_levels(calls, (CONTRACT,), now).promises}


def test_over_easter_and_a_hold() -> None:
    # Thursday 2 April 17:00 until Tuesday 7 April: Good Friday and Easter Monday are no working days.
    found = promises(
        call(
            at(2, "17:00", 4),
            at(7, "08:20", 4),
            said(CallWord.STOPPED, at(7, "09:00", 4), waiting="client"),
            said(CallWord.RESUMED, at(8, "16:00", 4)),
            said(CallWord.STOPPED, at(8, "17:00", 4)),
        )
    )
    assert (found[Goal.RESPOND].took, found[Goal.RESPOND].kept) == (50 * 60, Kept.MET)
    assert found[Goal.RESPOND].due == at(7, "08:30", 4)
    assert (found[Goal.RESOLVE].took, found[Goal.RESOLVE].kept) == ((30 + 60 + 60) * 60, Kept.MET)
    assert found[Goal.RESOLVE].held == (8 * 60 + 30 + 8 * 60) * 60
    assert [moment.text for moment in found[Goal.RESOLVE].evidence][1] == "waiting client"


def test_a_hold_that_the_contract_does_not_name_stops_nothing() -> None:
    held = said(CallWord.STOPPED, at(4, "10:00"), waiting="us")
    found = promises(call(at(4, "09:00"), at(4, "09:00"), held), now=at(8, "17:00"))
    assert (found[Goal.RESOLVE].kept, found[Goal.RESOLVE].done) == (Kept.BREACHED, None)
    assert found[Goal.RESOLVE].over == found[Goal.RESOLVE].took - 2 * 34_200


@pytest.mark.parametrize(
    ("asked", "stopped", "respond", "resolve"),
    [
        (None, "23:00", Kept.NOT_MEASURED, Kept.MET),
        ("19:40", "23:39", Kept.MET, Kept.MET),
        ("19:29", "23:30", Kept.BREACHED, Kept.BREACHED),
    ],
)
def test_around_the_clock(asked: str | None, stopped: str, respond: Kept, resolve: Kept) -> None:
    found = promises(
        call(
            at(3, asked) if asked else None,
            at(3, "20:00"),
            said(CallWord.STOPPED, at(3, stopped)),
            priority="P1",
        )
    )
    assert (found[Goal.RESPOND].kept, found[Goal.RESOLVE].kept) == (respond, resolve)


def test_work_that_goes_on_later_is_not_solved_and_an_edit_of_the_bill_moves_nothing() -> None:
    later = said(CallWord.STOPPED, at(4, "10:00"), unsolved="yes")
    edit = said(CallWord.EDITED, at(5, "10:00"), "bill", start=at(1, "10:00").isoformat(), seconds="60")
    found = promises(call(None, at(4, "09:00"), later, edit), now=at(4, "12:00"))
    assert (found[Goal.RESOLVE].kept, found[Goal.RESOLVE].took) == (Kept.RUNNING, 3 * 3600)
    again = said(CallWord.RESUMED, at(5, "09:00"))
    done = said(CallWord.STOPPED, at(5, "10:00"))
    assert promises(call(None, at(4, "09:00"), later, again, done))[Goal.RESOLVE].done == at(5, "10:00")


def test_figures_are_of_what_was_promised() -> None:
    one = call(at(4, "09:00"), at(4, "09:30"), said(CallWord.STOPPED, at(4, "10:00")))
    two = replace(one, number=2, asked=at(4, "08:00"))
    others = (replace(one, number=3, priority="P9"), replace(one, number=4, planned=True))
    found = service_levels((one, two, *others), (CONTRACT,), LATER)
    figures = {each.goal: each for each in found.figures}
    assert (figures[Goal.RESPOND].met, figures[Goal.RESPOND].breached) == (1, 1)
    assert (figures[Goal.RESPOND].median, figures[Goal.RESPOND].p90) == (1800, 5400)
    assert [each.call for each in found.breaches] == [2]
    assert found.without == (3,)
    assert ranked((3, 1, 2), 50) == 2
    assert ranked((), 50) is None


def test_work_planned_and_called_for() -> None:
    one = call(None, at(4, "09:00"), said(CallWord.STOPPED, at(4, "10:00")))
    planned = replace(one, number=2, planned=True, billable=False)
    before = call(None, at(30, "23:00", 4), said(CallWord.STOPPED, at(1, "01:00")))
    work = worked((one, planned, before), "Europe/Berlin", date(2026, 5, 1), LATER)
    assert (work.reactive, work.planned, work.unbilled) == (3600, 3600, 3600)
    assert (work.reactive_calls, work.planned_calls) == (1, 1)
    runs = [
        Run(name, "acme", "patch", False, "", "", at(4, clock), hosts=(DONE,) * 3)  # noqa: FBT003
        for name, clock in (("a", "09:30"), ("b", "10:00"))
    ]
    ran = machines(runs, (one, planned))
    assert (ran.called_runs, ran.called_hosts, ran.planned_runs) == (1, 3, 1)


def test_the_three_rates_of_an_hour() -> None:
    """The numbers of the trade's own example: 3,000 for 20 hours, 700 paid, 1,000 at retail."""
    tools = (ThirdParty("backup", Decimal(700), Decimal(1000)),)
    fee = Line(date(2026, 5, 1), LineKind.SUBSCRIPTION, "fee", Decimal(1), "month", Decimal(3000))
    contract = replace(CONTRACT, third_parties=tools)
    bills = (Bill(date(2026, 5, 1), "EUR", (fee,)),)
    (rate,) = hourly_rates(bills, (contract,), date(2026, 5, 1), 20 * 3600)
    assert [rate.gross, rate.net_of_cost, rate.net_of_retail] == [150, 115, 100]
    assert HourlyRate("EUR", Decimal(1), Decimal(0), Decimal(0), 0).gross is None
    half = replace(contract, until=date(2026, 5, 16))
    (rate,) = hourly_rates(bills, (half,), date(2026, 5, 1), 3600)
    assert rate.cost == Decimal("338.71")  # fifteen of thirty-one days
