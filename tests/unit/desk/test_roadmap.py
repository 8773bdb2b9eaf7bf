"""A plan from facts: what is due when, in which quarter it is paid, and what nobody knows."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.desk.calls import folded
from mspctl.desk.roadmap import Known, more_hosts, recurring_causes, roadmap
from mspctl.errors import ConfigurationError
from mspctl.model.roadmap import Asset, Fact, Filling, Reason, Recurring, Risk, Roadmap, Wishes
from mspctl.parse.roadmapfiles import assets_text, parse_assets, parse_wishes
from mspctl.parse.source import source_of
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.pages.roadmappage import roadmap_page
from mspctl.report.wording.speech import speech_of
from tests.unit.desk.simulated import year_of_calls
from tests.unit.desk.test_year import HOURLY, MANAGED

TODAY = date(2026, 11, 29)
KNOWN = Known(
    "acme",
    TODAY,
    (
        Fact("web1", "server", "Debian 13", date(2028, 8, 9), date(2030, 6, 30)),
        Fact("old1", "server", "Debian 12", date(2026, 7, 11), date(2028, 6, 30)),
        Fact("win1", "server", "Windows <2016>", date(2027, 1, 12)),
        Fact("gone1", "server", "Ubuntu 18.04", date(2023, 5, 31)),
        Fact("arch1", "workstation", "Arch Linux", rolling=True),
        Fact("pc1", "workstation"),
    ),
    (
        Asset("win1", "S1", "R740", None, date(2027, 2, 28), Decimal(5200)),
        Asset("pc1", "S2", "T14", None, date(2026, 3, 31)),
        Asset("web1", "S3", "R750", None, date(2030, 1, 1)),
    ),
    (Filling("web1", "/srv", date(2027, 3, 1), sure=True), Filling("pc1", "/", date(2027, 8, 1), sure=False)),
    (Recurring("disk-full", 4, 9000, date(2026, 2, 1), date(2026, 10, 1)),),
    Wishes(
        "EUR",
        (("server", Decimal(4500)), ("workstation", Decimal(900)), ("upgrade", Decimal(350))),
        (Risk("One line to the internet", "no mail without it", "Ms Acme", date(2027, 3, 31), Decimal(60)),),
    ),
)


def due(found: Roadmap) -> dict[tuple[Reason, str], tuple[date | None, Decimal | None]]:
    return {(each.reason, each.subject): (each.due, each.price) for each in found.items}


def test_each_fact_has_its_day_and_its_price() -> None:
    assert due(roadmap(KNOWN)) == {
        (Reason.SUPPORT, "web1"): (date(2028, 8, 9), Decimal(350)),
        (Reason.SUPPORT, "old1"): (date(2028, 6, 30), Decimal(350)),
        (Reason.SUPPORT, "win1"): (date(2027, 1, 12), Decimal(350)),
        (Reason.SUPPORT, "gone1"): (date(2023, 5, 31), Decimal(350)),
        (Reason.WARRANTY, "win1"): (date(2027, 2, 28), Decimal(5200)),
        (Reason.WARRANTY, "pc1"): (date(2026, 3, 31), Decimal(900)),
        (Reason.CAPACITY, "web1"): (date(2027, 3, 1), None),
        (Reason.CAPACITY, "pc1"): (date(2027, 8, 1), None),
        (Reason.RECURRING, "disk-full"): (None, None),
        (Reason.RISK, "One line to the internet"): (date(2027, 3, 31), Decimal(60)),
    }


def test_the_budget_has_what_is_overdue_in_this_quarter() -> None:
    quarters = {each.start: each for each in roadmap(KNOWN).quarters}
    assert list(quarters)[:2] == [date(2026, 10, 1), date(2027, 1, 1)]
    overdue = quarters[date(2026, 10, 1)]
    assert [overdue.amount, overdue.items] == [350 + 900, 2]
    first = quarters[date(2027, 1, 1)]
    assert [first.amount, first.items, first.unpriced] == [350 + 5200 + 60, 4, 1]
    assert quarters[date(2028, 7, 1)].amount == 350


@given(st.lists(st.integers(-400, 2000), max_size=12), st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_each_item_is_in_one_quarter_or_beyond_the_plan(days: list[int], today: int) -> None:
    now = TODAY + timedelta(days=today)
    facts = tuple(Fact(f"h{n}", "server", "X", now + timedelta(days=day)) for n, day in enumerate(days))
    found = roadmap(Known("acme", now, facts, (), (), (), Wishes("EUR", (("upgrade", Decimal(7)),))))
    ahead = [number(max(each.due, now)) - number(now) for each in found.items if each.due]
    assert sum(each.items for each in found.quarters) == sum(quarters < 8 for quarters in ahead)
    assert sum(each.amount for each in found.quarters) == 7 * sum(each.items for each in found.quarters)


def number(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def test_what_nobody_knows_is_named() -> None:
    found = roadmap(KNOWN)
    assert found.unknown_support == ("pc1",)
    assert found.unknown_warranty == ("arch1", "gone1", "old1")
    assert roadmap(replace(KNOWN, assets=(), wishes=Wishes())).unknown_warranty == tuple(
        sorted(fact.host for fact in KNOWN.facts)
    )


def test_causes_that_come_again() -> None:
    calls = folded(year_of_calls())
    found = {
        each.cause: each
        for each in recurring_causes(calls, "Europe/Berlin", date(2026, 1, 1), date(2026, 12, 31))
    }
    assert set(found) == {"disk-full", "worn-part", "update", "user-error"}
    ours = [call for call in calls if call.cause == "update"]
    assert found["update"].times == len(ours)
    seconds = sum(call.seconds(datetime(2027, 1, 1, tzinfo=UTC)) for call in ours)
    assert found["update"].seconds == seconds
    assert list(recurring_causes(calls[:1], "Europe/Berlin", date(2026, 1, 1), date(2026, 12, 31))) == []


def test_more_hosts_cost_their_tier_and_take_the_hours_of_those_there_are() -> None:
    units = {"server": 4, "workstation": 40}
    more = more_hosts((MANAGED,), units, "server", 3, TODAY, [3600 * 44, 3600 * 88])
    # Without the minimum, which hides what a host costs: the fifth at 85, the sixth and seventh at 70.
    assert MANAGED.subscription is not None
    free = replace(MANAGED, subscription=replace(MANAGED.subscription, minimum=Decimal(0)))
    assert more_hosts((free,), units, "server", 3, TODAY, []).fee == 85 + 70 + 70
    assert more.fee == 0
    assert (more.hours, more.months) == (Decimal("4.5"), 2)
    nothing = more_hosts((HOURLY,), units, "server", 3, TODAY, [])
    assert (nothing.fee, nothing.hours) == (None, None)


def page(language: str) -> str:
    more = more_hosts((MANAGED,), {"server": 9, "workstation": 40}, "server", 5, TODAY, [3600 * 30] * 12)
    look = Look(speech_of(language, report_folder() / "locale"))
    text = roadmap_page(roadmap(KNOWN, more), look, "Northern Lights IT", "Acme")
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))


def test_the_page_says_it_in_words() -> None:
    text = page("en")
    assert "31 Mar 2026 overdue pc1: warranty T14 S2 We €900.00" in text
    assert "win1: upgrade or replace Windows &lt;2016&gt; its maker&#39;s fixes end We €350.00" in text
    assert "gone1: upgrade or replace Ubuntu 18.04 its maker sends no more fixes" in text
    assert "ordinary fixes end; others may be had until 30 Jun 2030" in text
    assert "Remove the cause: disk-full 4 calls in twelve months, 2.5 h" in text
    assert "One line to the internet no mail without it Ms Acme €60.00" in text
    assert "Q1 2027 4 1 €5,610.00" in text
    assert "5 more of the kind server: €27.50 more a month; 3.1 h of work a month" in text
    assert "Not known until when it is supported: pc1." in text
    german = page("de")
    assert re.findall(r"\b(is|are|with|month|months|support|more|until)\b", german) == []


LISTS = {
    "vendor": "Service Tag;Device Name;End Date;Model\nS1;win1;28.02.2027;R740\n",
    "iso": "\ufeffhost,serial,model,bought,warranty_until,price\nwin1,S1,R740,,2027-02-28,\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_vendors_are_understood(name: str) -> None:
    (asset,) = parse_assets(source_of(LISTS[name].encode(), "list.csv"))
    assert asset == Asset("win1", "S1", "R740", None, date(2027, 2, 28))
    assert parse_assets(source_of(assets_text((asset,)).encode(), "own.csv")) == (asset,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("host,expires\nweb1,03/04/2027\n", "`03/04/2027` is not a day"),
        ("host\nweb1\n", "no column for `warranty_until`"),
        ("host,expires\nweb1,2027-01-01\nweb1,2027-01-02\n", "there twice"),
        ("host,expires\n,2027-01-01\n", "has no host"),
        ("host,expires,price\nweb1,2027-01-01,1e9\n", "no amount"),
    ],
)
def test_what_cannot_be_understood_is_refused_as_a_whole(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        parse_assets(source_of(text.encode(), "list.csv"))


WISHES = """
currency = "EUR"
[[price]]
kind = "server"
amount = "4500"
[[risk]]
what = "One line"
owner = "Ms Acme"
by = 2027-03-31
"""


def test_prices_and_risks_are_read_and_checked() -> None:
    found = parse_wishes(source_of(WISHES.encode(), "acme.toml"))
    assert found.price("server") == 4500
    assert found.risks == (Risk("One line", "", "Ms Acme", date(2027, 3, 31)),)
    for wrong, problem in (
        (WISHES.replace("by = 2027-03-31", ""), "`by` is missing"),
        (WISHES.replace('owner = "Ms Acme"', ""), "`owner` is missing"),
        (WISHES.replace('currency = "EUR"', ""), "prices need a `currency`"),
        (WISHES.replace('"4500"', '"a lot"'), "no amount"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            parse_wishes(source_of(wrong.encode(), "acme.toml"))
