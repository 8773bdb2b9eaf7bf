"""Calls as their records say: raw times stay, edits count, open calls are not billed."""

from datetime import date, timedelta
from decimal import Decimal

from mspctl.desk.calls import Call, folded, silence, work_of
from mspctl.model.call import CallRecord, CallWord
from mspctl.testing.contracts.callbook import record
from mspctl.testing.runs import START

BEGUN = record(1, "acme", CallWord.STARTED, 0, "mail down", priority="P1", skill="senior", emergency="yes")
STOPPED = record(1, "acme", CallWord.STOPPED, 20, "queue full", km="30", travel_seconds="2400")


def only(*records: CallRecord) -> Call:
    (call,) = folded(records)
    return call


def minutes(call: Call, after: int = 0) -> int:
    return call.seconds(START + timedelta(minutes=after)) // 60


def test_a_call_is_open_until_it_is_stopped_and_again_when_resumed() -> None:
    assert only(BEGUN).open
    assert minutes(only(BEGUN), 7) == 7
    resumed = only(BEGUN, STOPPED, record(1, "acme", CallWord.RESUMED, 60))
    assert resumed.open
    assert minutes(resumed, 70) == 30
    again = (record(1, "acme", CallWord.RESUMED, 60), record(1, "acme", CallWord.STOPPED, 75))
    ended = only(BEGUN, STOPPED, *again)
    assert (ended.open, minutes(ended), len(ended.raw)) == (False, 35, 2)


def test_an_edit_changes_what_counts_and_not_what_the_clock_said() -> None:
    edit = record(1, "acme", CallWord.EDITED, 90, "was at lunch", seconds="600", billable="no")
    call = only(BEGUN, STOPPED, edit)
    assert minutes(call) == 10
    assert call.raw == only(BEGUN, STOPPED).raw
    assert [each.text for each in call.edits] == ["was at lunch"]
    assert work_of([call], "Europe/Berlin").entries == ()
    earlier = record(1, "acme", CallWord.EDITED, 90, "x", start="2026-01-05T10:00:00+00:00")
    moved = only(BEGUN, STOPPED, earlier)
    assert (minutes(moved), moved.stretches[0].start.date()) == (20, date(2026, 1, 5))


def test_what_ended_is_billed_and_what_is_open_is_not() -> None:
    calls = folded((BEGUN, STOPPED, record(2, "acme", CallWord.STARTED, 5)))
    work = work_of(calls, "Europe/Berlin")
    (entry,) = work.entries
    assert (entry.call, entry.skill, entry.emergency, entry.title) == (1, "senior", True, "mail down")
    assert entry.end - entry.start == timedelta(minutes=20)
    (visit,) = work.visits
    assert (visit.km, visit.seconds) == (Decimal(30), 2400)


def test_a_call_that_was_left_open_says_so() -> None:
    call = only(BEGUN)
    assert not call.idle(START + timedelta(hours=3))
    assert call.idle(START + timedelta(hours=5))
    noted = only(BEGUN, record(1, "acme", CallWord.NOTED, 120, "waiting for parts"))
    assert not noted.idle(START + timedelta(hours=5))
    assert not only(BEGUN, STOPPED).idle(START + timedelta(hours=50))


def test_resumed_by_two_at_the_same_moment_is_billed_once() -> None:
    twice = (record(1, "acme", CallWord.RESUMED, 60), record(1, "acme", CallWord.RESUMED, 60))
    ended = only(BEGUN, STOPPED, *twice, record(1, "acme", CallWord.STOPPED, 75))
    assert (minutes(ended), len(ended.raw)) == (35, 2)


def test_a_call_that_was_stopped_long_after_the_last_note_is_asked_about() -> None:
    long = record(1, "acme", CallWord.STOPPED, 600, "done")
    assert silence(only(BEGUN, long)) == timedelta(minutes=600)
    noted = record(1, "acme", CallWord.NOTED, 500, "waiting for the copy")
    assert silence(only(BEGUN, noted, long)) == timedelta(minutes=100)
    told = record(1, "acme", CallWord.EDITED, 700, "was asleep", seconds="600")
    for answered in (only(BEGUN), only(BEGUN, long, told)):
        assert silence(answered) == timedelta(0)
    again = (record(1, "acme", CallWord.RESUMED, 800), record(1, "acme", CallWord.STOPPED, 1400))
    assert silence(only(BEGUN, long, told, *again)) == timedelta(minutes=600)


def test_each_visit_of_a_call_counts_on_its_day_until_an_edit_says_what_all_of_them_were() -> None:
    next_day = 24 * 60
    again = (
        record(1, "acme", CallWord.RESUMED, next_day),
        record(1, "acme", CallWord.STOPPED, next_day + 30, km="12"),
    )
    call = only(BEGUN, STOPPED, *again)
    first, second = work_of([call], "Europe/Berlin").visits
    assert [first.km, first.seconds, second.km, second.seconds] == [30, 2400, 12, 0]
    assert second.day - first.day == timedelta(days=1)
    assert [call.km, call.travel_seconds] == [42, 2400]
    edited = only(
        BEGUN, STOPPED, *again, record(1, "acme", CallWord.EDITED, 2 * next_day, "one way", km="40")
    )
    (visit,) = work_of([edited], "Europe/Berlin").visits
    assert [visit.km, visit.seconds] == [40, 2400]
    assert visit.day == first.day
    none = record(1, "acme", CallWord.EDITED, 2 * next_day, "by phone", km="0", travel_seconds="0")
    assert work_of([only(BEGUN, STOPPED, *again, none)], "Europe/Berlin").visits == ()
    shorter = record(1, "acme", CallWord.EDITED, 2 * next_day, "lunch", seconds="600")
    assert len(work_of([only(BEGUN, STOPPED, *again, shorter)], "Europe/Berlin").visits) == 2
    # both were before that edit, and stay there when the work goes on in another month
    month = record(1, "acme", CallWord.RESUMED, 40 * next_day)
    visits = work_of([only(BEGUN, STOPPED, *again, shorter, month)], "Europe/Berlin").visits
    assert [visit.day for visit in visits] == [first.day, first.day]
