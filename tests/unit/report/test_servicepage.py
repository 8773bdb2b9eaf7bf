"""The pages about our service and the coming years: nothing that nobody measured has a number."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from mspctl.model.roadmap import Asset, Item, Reason, Roadmap
from mspctl.model.servicelevel import ServiceLevels
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.facts.service import CallMonth, IncidentLine, Service
from mspctl.report.formats.caredocument import care_document
from mspctl.report.pages.budget import BudgetPage
from mspctl.report.pages.html import html
from mspctl.report.pages.servicepage import ServicePage
from mspctl.report.wording.speech import Speech
from mspctl.testing.aheadcase import assets, roadmap
from mspctl.testing.healthcase import health
from mspctl.testing.servicecase import service

OCTOBER = date(2026, 10, 1)
OURS = service(datetime(2026, 11, 2, tzinfo=UTC))
HOSTS = frozenset({"files1", "dc1", "dc2", "cad1", "web1"})


def page(of: Service) -> ServicePage:
    return ServicePage(of, OCTOBER, Speech())


def test_promises_stand_with_what_came_of_them_the_most_urgent_first() -> None:
    rows = page(OURS).promises
    assert [(row.priority, row.light.value, row.respond.kept, row.resolve.kept) for row in rows] == [
        ("urgent", "attention", "0 of 1", "1 of 1"),
        ("high", "good", "1 of 1", "1 of 1"),
        ("normal", "good", "2 of 2", "2 of 2"),
    ]
    assert (rows[0].respond.promised, rows[0].respond.typical) == ("30 min", "48 min")
    assert page(OURS).late == (
        (100, "Call 100, Licence server answers slowly: answered after 48 min, promised 30 min"),
    )


def test_without_a_promise_or_a_record_nothing_is_called_in_time() -> None:
    for levels, words in (
        (None, "No times of answer are promised"),
        (ServiceLevels(without=(7,)), "No times of answer are promised"),
        (ServiceLevels(), "You did not call us this month."),
    ):
        text = html(replace(health(), service=Service(levels=levels)))
        assert words in text
        assert "Not measured: no whole month of calls is on record." in text
        assert "Not measured: no other plan is laid down" in text
        assert "in time</th>" not in text


def test_months_before_the_desk_was_used_are_left_open() -> None:
    half = replace(OURS, months=(None,) * 6 + OURS.months[6:])
    assert page(half).months.count(">\u2013</text>") == 6
    assert "1 late, 0 without a promise" in page(half).months


def test_the_same_work_is_shown_under_the_other_plan_and_downtime_is_not_added() -> None:
    text = html(health())
    for words in (
        "Stay with Care: no other plan would have been cheaper.",
        "no part of them: 209 minutes down",
    ):
        assert words in text


def test_a_program_is_told_all_of_it() -> None:
    told = care_document(health())
    assert json.loads(json.dumps(told)) == told
    backups, days, desk, ahead = (told[key] for key in ("backups", "availability", "service", "roadmap"))
    assert isinstance(backups, list)
    assert backups[1] == {
        "host": "web2",
        "state": "good",
        "last_good": {"at": "2026-10-31T02:00:00+00:00", "run": "20261031T0200Z-alder-backup-0000"},
        "restore_proven": {
            "at": "2026-10-14T03:00:00+00:00",
            "run": "20261014T0300Z-alder-backup-proof-0000",
        },
        "restore_seconds": 840,
        "copies": "3-2-1-1-0",
    }
    assert isinstance(days, dict)
    assert isinstance(days["web2"], list)
    assert days["web2"][13] == "down"
    assert isinstance(desk, dict)
    assert desk["breaches"] == [
        {"call": 100, "goal": "respond", "took_seconds": 2880, "allowed_seconds": 1800}
    ]
    assert isinstance(ahead, dict)
    assert isinstance(ahead["items"], list)
    thin = care_document(replace(health(others=False), service=None))
    assert [key for key, value in thin.items() if value] == []
    assert [key for key, value in thin.items() if value is None] == ["service", "roadmap"]
    began = datetime(2026, 10, 14, 7, tzinfo=UTC)
    down = IncidentLine(12, "alder/web2", "", began, None)
    windows = (Maintenance(began, None, ("web2",)),)
    full = care_document(replace(health(others=False), incidents=(down,), maintenance=windows))
    assert full["incidents"] == [
        {"number": 12, "host": "web2", "what": None, "opened": began.isoformat(), "closed": None}
    ]
    assert full["coming_maintenance"] == [{"begins": began.isoformat(), "ends": None, "hosts": ["web2"]}]


def test_months_without_a_call_are_a_sentence_and_no_empty_chart() -> None:
    quiet = tuple(CallMonth(OCTOBER, 0, 0, 0) for _ in range(12))
    page = html(replace(health(others=False), service=replace(OURS, months=quiet)))
    assert "You did not call us in the months that are on record." in page
    assert "Later than promised" not in page


def budget(of: Roadmap | None, devices: Sequence[Asset] = ()) -> BudgetPage:
    return BudgetPage(of, devices, HOSTS, Speech())


def test_the_budget_stands_in_the_quarter_in_which_it_is_needed() -> None:
    found = budget(roadmap(), assets())
    assert found.heads == ("Q4 2026", "Q1 2027", "Q2 2027", "Q3 2027")
    assert [(row.what, [place for place, cell in enumerate(row.cells) if cell]) for row in found.rows] == [
        ("Replace cad1, or extend its warranty", [0]),  # overdue: at once
        ("One line to the internet", [0]),
        ("licences1: upgrade or replace Windows Server 2016", [1]),
        ("cad1: upgrade or replace Ubuntu 22.04.5 LTS", [2]),
        ("Replace files1, or extend its warranty", [2]),
    ]
    assert found.totals == ("€3,680.00", "€1,350.00", "€5,950.00", "")
    assert found.unpriced[0] == "Second sign-in step for three administrators"
    assert found.covered == (4, 5)


def test_what_is_needed_after_a_year_is_later_and_the_year_may_turn() -> None:
    def item(due: date) -> Item:
        return Item(Reason.RISK, "Move", due, "provider", Decimal(100), ("",))

    items = (item(date(2028, 1, 1)), item(date(2027, 12, 31)))
    found = budget(replace(roadmap(), made=date(2026, 12, 31), items=items))
    assert found.heads == ("Q1 2027", "Q2 2027", "Q3 2027", "Q4 2027", "Later")
    assert found.totals == ("", "", "", "€100.00", "€100.00")


def test_a_warranty_that_ended_says_so_and_none_on_record_is_not_known() -> None:
    rows = budget(roadmap(), assets()).warranties
    assert [row.what for row in rows] == ["cad1", "files1", "dc1 and dc2", "backup1"]
    assert rows[0].words == "warranty ended on 31 Aug 2026"
    assert "Warranty until" not in rows[0].drawn
    assert "No warranty from" not in rows[3].drawn
    text = html(replace(health(), roadmap=None, assets=()))
    assert "Not known: no warranty is on record." in text
    assert "Not known: nothing that is planned has a price." in text


def test_what_lies_ahead_is_in_the_plan_and_what_is_overdue_says_so() -> None:
    text = html(health())
    assert text.count(">overdue</span>") == 2
    assert "Remove the cause: printer" in text
    hostile = Item(
        Reason.RISK, "<script>alert(1)</script>", date(2026, 12, 1), "<i>", Decimal(1), ("<b>x</b>",)
    )
    devices = (Asset("<b>x</b>", warranty_until=date(2027, 1, 1)),)
    text = html(replace(health(), roadmap=replace(roadmap(), items=(hostile,)), assets=devices))
    assert "<script" not in text
    assert "<b>x</b>" not in text
    assert "<i>" not in text
