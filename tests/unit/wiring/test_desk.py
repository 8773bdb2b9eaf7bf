"""What the desk refuses, and what it says instead of a bill."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mspctl.desk.billdocument import bill_document, digest
from mspctl.errors import UsageError
from mspctl.model.call import CallWord
from mspctl.testing.clock import HandClock
from mspctl.wiring.app import App
from mspctl.wiring.costs import advance_of
from mspctl.wiring.desk import Saying, calls_of, draft, start_call, tell_call
from mspctl.wiring.draftnotes import draft_notes
from mspctl.wiring.invoices import approve, credit, invoices
from tests.unit.wiring.test_app import app, project

CLIENT = """
client: acme
timezone: Europe/Berlin
contract:
  plan: managed
  from: 2026-01-01
  currency: EUR
  labour: {rate: 95}
  managed: {per: {server: 80, workstation: 20}}
sites: {hq: {hosts: {a: {}, b: {}, c: {criticality: workstation}}}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> App:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT, encoding="utf-8")
    return app(folder)


def say(word: CallWord, text: str = "", minutes_ago: int = 0) -> Saying:
    return Saying(word, text, datetime.now(UTC) - timedelta(minutes=minutes_ago))


def test_calls_go_through_their_states_only(desk: App) -> None:
    with pytest.raises(UsageError, match="no client `acne`"):
        start_call(desk, "acne", say(CallWord.STARTED, "x"))
    with pytest.raises(UsageError, match="in the future"):
        start_call(desk, "acme", say(CallWord.STARTED, "x", -60))
    one = start_call(desk, "acme", say(CallWord.STARTED, "one", 30))
    two = start_call(desk, "acme", say(CallWord.STARTED, "two", 20))
    with pytest.raises(UsageError, match=r"2 are open: 1 \(acme\), 2 \(acme\)"):
        tell_call(desk, None, say(CallWord.STOPPED))
    with pytest.raises(UsageError, match="began only at"):
        tell_call(desk, two.number, say(CallWord.STOPPED, "", 25))
    for refused in (CallWord.RESUMED, CallWord.EDITED):
        with pytest.raises(UsageError, match="call 1 is open"):
            tell_call(desk, one.number, say(refused))
    assert not tell_call(desk, one.number, say(CallWord.STOPPED)).open
    assert tell_call(desk, None, say(CallWord.STOPPED)).number == two.number
    with pytest.raises(UsageError, match="call 1 is not open"):
        tell_call(desk, 1, say(CallWord.STOPPED))
    with pytest.raises(UsageError, match="no call 7"):
        tell_call(desk, 7, say(CallWord.NOTED))
    assert [call.title for call in calls_of(desk, ())] == ["one", "two"]


def test_no_time_is_billed_twice_or_lost_by_a_moment_that_cannot_be(desk: App) -> None:
    start_call(desk, "acme", say(CallWord.STARTED, "one", 90))
    tell_call(desk, 1, say(CallWord.STOPPED, "", 60))
    with pytest.raises(UsageError, match="call 1 went on until"):
        tell_call(desk, 1, say(CallWord.RESUMED, "", 70))
    tell_call(desk, 1, say(CallWord.RESUMED, "", 30))
    with pytest.raises(UsageError, match="call 1 was taken up again at"):
        tell_call(desk, 1, say(CallWord.STOPPED, "", 40))
    assert tell_call(desk, 1, say(CallWord.STOPPED, "", 10)).seconds(datetime.now(UTC)) // 60 in {49, 50}
    start_call(desk, "acme", say(CallWord.STARTED, "two", 90))
    tell_call(desk, 2, say(CallWord.STOPPED, "", 80))
    tell_call(desk, 2, Saying(CallWord.EDITED, "stopped too early", None, {"seconds": "3600"}))
    with pytest.raises(UsageError, match="call 2 went on until"):
        tell_call(desk, 2, say(CallWord.RESUMED, "", 70))


def test_what_was_left_open_is_asked_about_in_the_month_in_which_the_work_went_on(desk: App) -> None:
    desk.clock = HandClock(datetime(2026, 4, 20, tzinfo=UTC))
    begun = datetime(2026, 3, 30, 9, tzinfo=UTC)
    start_call(desk, "acme", Saying(CallWord.STARTED, "no mail", begun))
    tell_call(desk, 1, Saying(CallWord.STOPPED, "", begun + timedelta(hours=1)))
    tell_call(desk, 1, Saying(CallWord.RESUMED, "", begun + timedelta(days=8)))
    tell_call(desk, 1, Saying(CallWord.STOPPED, "", begun + timedelta(days=8, hours=21)))
    told = draft_notes(desk, "acme", date(2026, 4, 1))
    assert any("call 1 went on for 21.0 h without a note" in note for note in told)


def test_a_draft_counts_hosts_and_names_what_is_open(desk: App) -> None:
    call = start_call(desk, "acme", say(CallWord.STARTED, "still at it", 30))
    _, (bill,), still_open = draft(desk, "acme", date(2026, 3, 1))
    assert [str(line.net) for line in bill.lines] == ["160.00", "20.00"]
    assert [each.number for each in still_open] == [call.number]
    with pytest.raises(UsageError, match="no contract with prices in 2025-12"):
        draft(desk, "acme", date(2025, 12, 1))
    with pytest.raises(UsageError, match="has not begun"):
        draft(desk, "acme", date(2999, 1, 1))


def test_what_was_looked_at_is_approved_once_and_can_be_taken_back(desk: App) -> None:
    month = date(2026, 3, 1)
    _, (bill,), _ = draft(desk, "acme", month)
    seen = digest(bill_document(bill))
    with pytest.raises(UsageError, match="the draft is not 000000000000"):
        approve(desk, "acme", month, "000000000000")
    first = approve(desk, "acme", month, seen)
    with pytest.raises(UsageError, match=f"billed already, in {first.name}"):
        approve(desk, "acme", month, seen)
    note = credit(desk, first.name)
    with pytest.raises(UsageError, match=f"credited already, by {note.name}"):
        credit(desk, first.name)
    with pytest.raises(UsageError, match="a credit note itself"):
        credit(desk, note.name)
    again = approve(desk, "acme", month, seen)
    assert [each.number for each in invoices(desk)] == [first.number, note.number, again.number] == [1, 2, 3]
    assert json.loads(first.document)["total"] == "180.00"
    assert json.loads(note.document)["total"] == "-180.00"
    start_call(desk, "acme", Saying(CallWord.STARTED, "x", datetime(2026, 4, 30, 12, tzinfo=UTC)))
    with pytest.raises(UsageError, match="call 1 is still open"):
        approve(desk, "acme", date(2026, 4, 1), seen)
    with pytest.raises(UsageError, match="is not over"):
        approve(desk, "acme", datetime.now(ZoneInfo("Europe/Berlin")).date().replace(day=1), seen)


def test_the_ledger_says_what_is_left_and_when_it_is_low(tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    blocks = "blocks: [{bought: 2026-01-01, hours: 2, price: 180}], low_hours: 1"
    terms = f"plan: block_hours, from: 2026-01-01, currency: EUR, labour: {{rate: 95}}, {blocks}"
    text = f"client: acme\ncontract: {{{terms}}}\n"
    (folder / "inventory" / "clients" / "acme.yml").write_text(
        text + "sites: {hq: {hosts: {a: {}}}}\n", encoding="utf-8"
    )
    here = app(folder)
    call = start_call(here, "acme", say(CallWord.STARTED, "one", 90))
    found = advance_of(here, "acme")
    assert found is not None
    assert [found.balance.hours_left, found.balance.low] == [2, False]
    tell_call(here, call.number, say(CallWord.STOPPED))
    found = advance_of(here, "acme")
    assert found is not None
    assert (found.balance.hours_left < 1, found.balance.low) == (True, True)
    assert sum(line.covered for line in found.ledger.lines) == found.balance.used
    assert found.balance.granted == found.balance.used + found.balance.left
