"""The desk's verbs over the simulated year, in this process: what they print, and as JSON."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest

from mspctl.cli.console import Console
from mspctl.cli.session import Session
from mspctl.errors import MspctlError, UsageError
from mspctl.testing.clock import HandClock
from mspctl.wiring.app import App
from tests.unit.wiring.test_costs import desk

__all__ = ["desk"]
Run = Callable[..., str]


def session(of: App, *, wants_json: bool = False) -> tuple[Session, StringIO, StringIO]:
    out, err = StringIO(), StringIO()
    made = Session(of.options, of.environment, Console(out, err, wants_json=wants_json))
    made.app.clock = HandClock(datetime(2027, 1, 5, tzinfo=UTC))
    return made, out, err


@pytest.fixture
def run(desk: App) -> Run:
    def run(*words: str) -> str:
        made, out, err = session(desk)
        call(made, words)
        return out.getvalue() or err.getvalue()

    return run


@pytest.fixture
def told(desk: App) -> Callable[..., Any]:
    def told(*words: str) -> Any:  # noqa: ANN401 - JSON
        made, out, _ = session(desk, wants_json=True)
        call(made, words)
        return json.loads(out.getvalue())

    return told


def call(made: Session, words: tuple[str, ...]) -> None:
    command = import_module(f"mspctl.cli.{words[0]}").command
    assert isinstance(command, click.Command)
    command.main(list(words[1:]), obj=made, standalone_mode=False)


def test_the_history_and_the_comparison_as_tables(run: Run, told: Callable[..., Any]) -> None:
    history = run("invoice", "history", "--client", "acme")
    assert "dearest month 2026-10:" in history
    assert "too little data" in run("invoice", "history", "--client", "acme", "--months", "3")
    with pytest.raises(UsageError, match="paid nothing in advance"):
        run("invoice", "ledger", "--client", "acme")
    document = told("invoice", "history", "--client", "acme")
    assert (document["worst"], len(document["months"])) == ("2026-10", 12)
    table = run("compare", "--client", "acme", "--plans", "plans.yml")
    assert "answer: care is cheaper" in table
    assert "P90" in table
    few = run("compare", "--client", "acme", "--plans", "plans.yml", "--months", "4")
    assert "answer: too little data; twelve whole months are needed" in few
    assert "P90" not in few
    plans = told("compare", "--client", "acme", "--plans", "plans.yml")["plans"]
    assert [plan["total"] for plan in plans][1] == "6120.00"
    assert "an_hour" not in plans[0]
    assert "an_hour" in told("compare", "--client", "acme", "--plans", "plans.yml", "--staff")["plans"][0]


def test_value_and_promises_as_tables(run: Run, told: Callable[..., Any]) -> None:
    assert "an hour, net of retail" in run("value", "--client", "acme", "--month", "2026-05")
    value = told("value", "--client", "acme", "--month", "2026-05")
    assert value["outages"] == [
        {"service": "web", "up_seconds": 0, "down_seconds": 7200, "coverage": value["outages"][0]["coverage"]}
    ]
    assert run("sla", "--client", "acme", "--month", "2026-05").startswith("without a promise: call")


def test_files_are_named_and_wrong_formats_refused(
    run: Run, told: Callable[..., Any], tmp_path: Path
) -> None:
    where = ("--format", "html", "--output", str(tmp_path))
    assert run("roadmap", "--client", "acme", *where) == f"{tmp_path}/acme-roadmap-2027-01-05.html\n"
    drafts = told("invoice", "draft", "--client", "acme", "--month", "2026-05", *where)["files"]
    assert [Path(file).name for file in drafts] == ["acme-2026-05-draft-EUR.html"]
    with pytest.raises(UsageError, match="no such format: docx"):
        run("roadmap", "--client", "acme", "--format", "docx")


def test_the_roadmap_as_a_table(run: Run, told: Callable[..., Any], tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("host,warranty end,price\na,2027-03-31,4500\nz,2027-03-31,1\n", encoding="utf-8")
    shown = run("roadmap", "--client", "acme", "--more", "2", "--warranty", str(listed))
    assert "a: warranty" in shown
    assert "Q1 2027" in shown
    assert "2 more of the kind server" in shown
    assert told("roadmap", "--client", "acme")["items"][0]["subject"] == "a"


def test_calls_in_writing_and_as_tables(run: Run, told: Callable[..., Any]) -> None:
    assert run("call", "write", "7").startswith("Call 7: ")
    assert told("call", "write", "7", "--for", "knowledge")["text"].startswith("# ")
    assert run("call", "export", "--client", "acme", "--month", "2026-05").startswith("Date,From,To,Duration")
    with pytest.raises(MspctlError, match="no call 9999"):
        run("call", "write", "9999")


def test_an_invoice_is_approved_and_exported(run: Run, told: Callable[..., Any]) -> None:
    draft = told("invoice", "draft", "--client", "acme", "--month", "2026-06")["bills"][0]
    done = run("invoice", "approve", "--client", "acme", "--month", "2026-06", "--draft", draft["digest"])
    name = done.partition(":")[0]
    assert done == f"{name}: acme, 2026-06, {draft['total']} EUR\n"
    assert run("invoice", "export", name).splitlines()[0].endswith(",currency")
    ninja = run("invoice", "export", name, "--as", "invoiceninja").splitlines()
    assert len(ninja) == 1 + len(draft["lines"])
    with pytest.raises(UsageError, match="does not say who sends it to whom"):
        run("invoice", "export", name, "--format", "xml")


def test_a_ticket_is_taken_and_its_time_has_nowhere_to_go(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ticket.json"
    file.write_text('{"client": "acme", "ticket": "4711", "title": "no mail"}', encoding="utf-8")
    first = run("ticket", "take", str(file))
    assert first.endswith(", acme, no mail: ticket 4711\n")
    assert run("ticket", "take", str(file)) == first.replace("4711\n", "4711, known already\n")
    number = first.split()[1].rstrip(",")
    assert "came in" in run("call", "list", "--client", "acme").splitlines()[-1]
    with pytest.raises(UsageError, match="there is no ticket system"):
        run("ticket", "send", number)
    with pytest.raises(UsageError, match="there is no ticket system"):
        run("ticket", "listen")


def test_a_call_that_was_left_open_is_asked_about_when_it_ends_and_before_it_is_billed(
    desk: App, tmp_path: Path
) -> None:
    def said(*words: str) -> str:
        made, _, err = session(desk)
        call(made, words)
        return err.getvalue()

    asked = "went on for 20.0 h without a note: if it was left open, `mspctl call edit "
    assert said("call", "start", "acme", "-m", "left open", "--at", "2026-11-07T10:00+01:00") == ""
    assert asked in said("call", "stop", "--at", "2026-11-08T06:00+01:00")
    november = ("invoice", "draft", "--client", "acme", "--month", "2026-11")
    assert asked in said(*november)
    assert asked in said(*november, "--format", "html", "--output", str(tmp_path))
    assert [path.suffix for path in tmp_path.glob("acme-2026-11-draft-*")] == [".html"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00+14:00", "0026-11-03T18:30+01:00", "2026-02-30T10:00Z"])
def test_a_moment_that_cannot_be_is_no_time(desk: App, moment: str) -> None:
    made, _, _ = session(desk)
    with pytest.raises(UsageError, match="is no time"):
        call(made, ("call", "start", "acme", "-m", "x", "--asked", moment))


def test_what_would_be_billed_otherwise_or_not_at_all_is_told(desk: App, told: Callable[..., Any]) -> None:
    def said(*words: str) -> str:
        made, _, err = session(desk)
        call(made, words)
        return err.getvalue()

    month = ("--client", "acme", "--month", "2026-07")
    draft = told("invoice", "draft", *month)["bills"][0]
    name = told("invoice", "approve", *month, "--draft", draft["digest"])["number"]
    start = ("call", "start", "acme", "-m", "late", "--at", "2026-07-07T10:00+02:00")
    assert said(*start, "--skill", "senoir").startswith("mspctl: the contract names no skill `senoir`")
    late = f"mspctl: {name} billed "
    assert late in said("call", "stop", "--at", "2026-07-07T11:00+02:00")
    assert late in said("invoice", "draft", "--client", "acme", "--month", "2026-08")
    said("invoice", "credit", name)
    assert late not in said("invoice", "draft", "--client", "acme", "--month", "2026-08")
