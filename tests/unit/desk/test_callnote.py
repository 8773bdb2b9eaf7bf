"""What a call leaves behind: a note with everything, a draft without names, tables that others import."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from mspctl.desk.callnote import knowledge_draft, ticket_note, without_names
from mspctl.desk.calls import Call, folded
from mspctl.desk.timesheet import KINDS, invoice_ninja, table, timesheet
from mspctl.model.call import CallRecord, CallWord
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, Run, StepRun
from tests.unit.desk.simulated import year_of_calls

START = datetime(2026, 11, 3, 17, 30, tzinfo=UTC)
NAMES = ("acme", "Acme Dental GmbH", "web1", "acme/web1", "10.0.0.11", "ann")
STEPS = (
    StepRun(0, "systemctl restart postfix", "command", StepStatus.CHANGED),
    StepRun(
        1,
        "Install updates",
        "packages",
        StepStatus.CHANGED,
        reports=(
            Report(ReportKind.CHANGE, "postfix", "", (("old", "3.7.1"), ("new", "3.7.2"))),
            Report(ReportKind.FACT, "os.id", "debian"),
        ),
    ),
)
RUN = Run(
    "r1", "acme", "exec", False, "", "", START + timedelta(minutes=5),  # noqa: FBT003
    hosts=(HostRun("acme/web1", "hq", Outcome.CHANGED, seconds=4.2, steps=STEPS),
           HostRun("acme/web2", "hq", Outcome.UNREACHABLE, "no answer")),
)  # fmt: skip


def record(word: CallWord, minutes: int, text: str = "", **fields: str) -> CallRecord:
    at = START + timedelta(minutes=minutes)
    return CallRecord(4, "acme", word, at, at, "ann", text, fields)


@pytest.fixture
def call() -> Call:
    (found,) = folded(
        (
            record(CallWord.STARTED, 0, "mail down", priority="P1", ticket="4711"),
            record(CallWord.NOTED, 3, "queue of web1 at 10.0.0.11 was full, told ann@acme.example"),
            record(CallWord.STOPPED, 10, "", waiting="client"),
            record(CallWord.RESUMED, 70),
            record(CallWord.STOPPED, 80, "mail flows again", cause="queue-full"),
        )
    )
    return found


def test_the_note_says_who_when_where_what_and_how_it_ended(call: Call) -> None:
    text = ticket_note(call, [RUN], "Europe/Berlin", START)
    assert text.splitlines() == [
        "Call 4: mail down",
        "ticket 4711, P1",
        "Worked: 2026-11-03 18:30 to 2026-11-03 18:40, ann",
        "Worked: 2026-11-03 19:40 to 2026-11-03 19:50, ann",
        "Waited for client: 2026-11-03 18:40 to 2026-11-03 19:40",
        "Time: 20 min",
        "Cause: queue-full",
        "Solved: 2026-11-03 19:50",
        "",
        "Notes:",
        "- 2026-11-03 18:33 ann: queue of web1 at 10.0.0.11 was full, told ann@acme.example",
        "- 2026-11-03 19:50 ann: mail flows again",
        "",
        "2026-11-03 18:35 exec",
        "- acme/web1: changed, 4 s",
        "  $ systemctl restart postfix",
        "  postfix: 3.7.1 -> 3.7.2",
        "- acme/web2: unreachable: no answer, 0 s",
        "",
        "Before and after, as the runs saw it:",
        "- acme/web1",
        "  seen once: os.id debian",
    ]


def test_the_draft_names_nobody(call: Call) -> None:
    text = knowledge_draft(call, [RUN], NAMES)
    for name in ("acme", "web1", "10.0.0.11", "ann"):
        assert name not in text.lower()
    assert "- queue of … at … was full, told …" in text
    assert "- `systemctl restart postfix`" in text
    assert "- Install updates: postfix" in text
    assert "## Why\n\nqueue-full" in text
    assert text.endswith("mail flows again\n")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Web1 and web10 and my-web1", "… and web10 and my-web1"),
        ("ACME DENTAL GMBH called", "… called"),
        ("announcement", "announcement"),
        ("fe80 and 192.168.1.7:80", "fe80 and …:80"),
    ],
)
def test_only_whole_names_are_taken_out(text: str, left: str) -> None:
    assert without_names(text, NAMES) == left


@pytest.mark.parametrize("kind", KINDS)
def test_the_time_of_a_month_is_the_time_that_was_worked(kind: str) -> None:
    calls = folded(year_of_calls())
    text = timesheet(kind, calls, "Europe/Berlin", "Acme", date(2026, 3, 1), date(2026, 4, 1))
    rows = list(csv.DictReader(io.StringIO(text)))
    stretches = [
        stretch
        for call in calls
        for stretch in call.stretches
        if stretch.start.astimezone(UTC).strftime("%Y-%m") == "2026-03" and stretch.end
    ]
    assert abs(len(rows) - len(stretches)) <= 1  # one may begin in the last hour of a month in Berlin
    if kind == "kimai":
        asked_for = {
            "Date",
            "From",
            "To",
            "Duration",
            "Rate",
            "User",
            "Email",
            "Customer",
            "Project",
            "Activity",
        }
        assert asked_for <= set(rows[0])
        assert {row["Email"] for row in rows} == {"ann@mspctl.invalid"}
        worked = sum(int(row["Duration"]) for row in rows)
        assert worked == sum(60 * minutes for minutes in _minutes(rows))
    else:
        assert {row["Billable Option"] for row in rows} == {"Billable", "Do Not Bill"}
        assert sum(float(row["Actual Hours"]) for row in rows) == pytest.approx(
            sum(_minutes_of(row["Start Time"], row["End Time"]) for row in rows) / 60, abs=0.5
        )


def _minutes(rows: list[dict[str, str]]) -> list[int]:
    return [_minutes_of(row["From"], row["To"]) for row in rows]


def _minutes_of(start: str, end: str) -> int:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return (last - first) % 1440


def test_an_invoice_for_invoice_ninja_has_each_line() -> None:
    line = {"kind": "labour", "text": "call 1: =cmd()", "net": "120.00"}
    document = {"currency": "EUR", "lines": [line, {**line, "net": "-15.00"}], "tax": {"percent": "19"}}
    text = invoice_ninja("2026-0001", date(2026, 6, 2), "=Acme", json.loads(json.dumps(document)))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Item Cost"] for row in rows] == ["120.00", "-15.00"]
    assert {row["Item Tax Rate 1"] for row in rows} == {"19"}
    assert {row["Client Name"] for row in rows} == {"'=Acme"}


def test_nothing_in_a_table_steers_a_spreadsheet() -> None:
    text = table([{"a": cell} for cell in ("=1", "+1x", "@x", "-1x", "-1.50", "1")], ["a"])
    assert text.split() == ["a", "'=1", "'+1x", "'@x", "'-1x", "-1.50", "1"]


def test_what_was_said_before_the_last_work_is_no_proof_that_it_is_over() -> None:
    (found,) = folded(
        (
            record(CallWord.STARTED, 0, "printer"),
            record(CallWord.STOPPED, 10, "needs the new tray", waiting="client"),
            record(CallWord.RESUMED, 70),
            record(CallWord.STOPPED, 80, cause="worn-part"),
        )
    )
    proof = knowledge_draft(found, (), NAMES).partition("## How it was seen to be over")[2]
    assert proof.strip() == "Not written down."
