"""Work that is written down after its invoice, and words that the contract has no price for, are told."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mspctl.desk.billdocument import digest
from mspctl.errors import UsageError
from mspctl.model.call import CallWord
from mspctl.testing.clock import HandClock
from mspctl.wiring.app import App
from mspctl.wiring.desk import Saying, draft_documents, start_call, tell_call
from mspctl.wiring.invoices import approve, credit
from mspctl.wiring.overtaken import overtaken_invoices, unpriced_words
from tests.unit.wiring.test_app import app, project

CLIENT = """
client: acme
timezone: Europe/Berlin
contract:
  - plan: break_fix
    from: 2026-01-01
    currency: EUR
    labour: {rate: 100, skills: {senior: 120}, work: {project: 1.25}}
    sla: {P1: {respond: 30m}}
sites: {hq: {hosts: {a: {}}}}
"""
MARCH = date(2026, 3, 1)


@pytest.fixture
def desk(tmp_path: Path) -> App:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT, encoding="utf-8")
    return app(folder)


def work(desk: App, day: int, month: int = 3, **fields: str) -> int:
    at = datetime(2026, month, day, 9, tzinfo=UTC)
    call = start_call(desk, "acme", Saying(CallWord.STARTED, "x", at, fields))
    tell_call(desk, call.number, Saying(CallWord.STOPPED, "", at.replace(hour=10)))
    return call.number


def seen(desk: App) -> str:
    (document,) = draft_documents(desk, "acme", MARCH)
    return digest(document)


def test_an_empty_month_is_no_invoice(desk: App) -> None:
    with pytest.raises(UsageError, match="nothing to bill in 2026-03"):
        approve(desk, "acme", MARCH, seen(desk))


def test_work_that_came_after_its_invoice_is_told_until_it_is_billed(desk: App) -> None:
    work(desk, 10)
    first = approve(desk, "acme", MARCH, seen(desk))
    assert overtaken_invoices(desk, "acme") == ()
    work(desk, 10, 4)
    assert overtaken_invoices(desk, "acme") == ()
    work(desk, 20)
    (found,) = overtaken_invoices(desk, "acme")
    assert (found.invoice, found.month, found.billed, found.now) == (
        first.name,
        "2026-03",
        Decimal(100),
        Decimal(200),
    )
    tell_call(desk, 1, Saying(CallWord.EDITED, "twice as long", None, {"seconds": "7200"}))
    (found,) = overtaken_invoices(desk, "acme")
    assert found.now == Decimal(300)
    credit(desk, first.name)
    assert overtaken_invoices(desk, "acme") == ()
    approve(desk, "acme", MARCH, seen(desk))
    assert overtaken_invoices(desk, "acme") == ()


def test_an_edit_of_what_was_paid_before_is_told_as_well(desk: App) -> None:
    """The sum stays 500 for the block; what is left of it does not."""
    file = desk.project / "inventory" / "clients" / "acme.yml"
    block = "blocks: [{bought: 2026-03-01, hours: 10, price: 500}]"
    text = CLIENT.replace("plan: break_fix", f"plan: block_hours\n    {block}")
    file.write_text(text, encoding="utf-8")
    here = app(desk.project)
    work(here, 10)
    approve(here, "acme", MARCH, seen(here))
    assert overtaken_invoices(here, "acme") == ()
    tell_call(here, 1, Saying(CallWord.EDITED, "twice as long", None, {"seconds": "7200"}))
    (found,) = overtaken_invoices(here, "acme")
    assert [found.billed, found.now, found.paid, found.paid_now] == [500, 500, 100, 200]


def test_a_call_touches_only_invoices_from_its_first_month_on(desk: App) -> None:
    work(desk, 10)
    approve(desk, "acme", MARCH, seen(desk))
    work(desk, 20)
    start_call(desk, "acme", Saying(CallWord.STARTED, "x", datetime(2026, 5, 4, 9, tzinfo=UTC)))
    may = tell_call(desk, 3, Saying(CallWord.STOPPED, "", datetime(2026, 5, 4, 10, tzinfo=UTC)))
    assert overtaken_invoices(desk, "acme", may) == ()
    assert len(overtaken_invoices(desk, "acme")) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, []),
        ({"skill": "senior", "work": "project", "priority": "P1"}, []),
        (
            {"skill": "senoir"},
            ["the contract names no skill `senoir`: the normal rate counts (it names senior)"],
        ),
        (
            {"work": "projet"},
            ["the contract names no work `projet`: it counts as support (it names project, support)"],
        ),
        ({"emergency": "yes"}, ["the contract has no surcharge for an emergency"]),
        ({"km": "30"}, ["the contract has no price for a visit: kilometres and the way are not billed"]),
        ({"priority": "P9"}, ["the contract promises nothing for `P9` (it names P1)"]),
    ],
)
def test_words_without_a_price_are_told(desk: App, fields: dict[str, str], told: list[str]) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    call = start_call(desk, "acme", Saying(CallWord.STARTED, "x", at, fields))
    assert list(unpriced_words(desk, call)) == told


def test_work_before_the_first_contract_is_told(desk: App) -> None:
    call = start_call(desk, "acme", Saying(CallWord.STARTED, "x", datetime(2025, 12, 31, 9, tzinfo=UTC)))
    (told,) = unpriced_words(desk, call)
    assert told == "no contract with prices holds on 2025-12-31: nothing of call 1 is billed"


def test_what_counts_never_begins_in_the_future(desk: App) -> None:
    work(desk, 10)
    with pytest.raises(UsageError, match="in the future"):
        tell_call(desk, 1, Saying(CallWord.EDITED, "x", None, {"start": "2999-01-01T09:00:00+00:00"}))


def test_what_counts_never_ends_in_the_future(desk: App) -> None:
    work(desk, 10)
    with pytest.raises(UsageError, match="would end only at"):
        tell_call(desk, 1, Saying(CallWord.EDITED, "x", None, {"seconds": "600000000"}))


def test_a_credit_note_belongs_to_the_year_that_it_is_at_the_client(desk: App) -> None:
    work(desk, 10)
    desk.clock = HandClock(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    first = approve(desk, "acme", MARCH, seen(desk))
    assert (first.name, credit(desk, first.name).name) == ("2027-0001", "2027-0002")


def test_a_block_of_hours_that_came_after_its_invoice_is_told(desk: App) -> None:
    def told(blocks: str) -> App:
        terms = CLIENT.replace("break_fix", "block_hours").replace(
            "    sla:", f"    blocks: [{blocks}]\n    sla:"
        )
        (desk.project / "inventory" / "clients" / "acme.yml").write_text(terms, encoding="utf-8")
        return app(desk.project)

    march, late = "{bought: 2026-03-01, hours: 5, price: 450}", "{bought: 2026-03-31, hours: 10, price: 900}"
    then = told(march)
    first = approve(then, "acme", MARCH, seen(then))
    assert overtaken_invoices(then, "acme") == ()
    (found,) = overtaken_invoices(told(f"{march}, {late}"), "acme")
    assert (found.invoice, found.billed, found.now) == (first.name, Decimal(450), Decimal(1350))
