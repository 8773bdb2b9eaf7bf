"""The simulated year in a real run log: its cost history, and the comparison of a file of plans."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.call import CallWord
from mspctl.model.comparison import Verdict
from mspctl.model.monitoring import Span
from mspctl.ports import WatchResult
from mspctl.runstore.calls import write_call_record
from mspctl.testing.clock import HandClock
from mspctl.wiring.app import App
from mspctl.wiring.comparing import Pages, comparison_of, write_comparison
from mspctl.wiring.costs import cost_history
from mspctl.wiring.desk import Saying, start_call, tell_call
from mspctl.wiring.pages import Paper
from tests.unit.desk.simulated import year_of_calls
from tests.unit.desk.test_year import hourly
from tests.unit.wiring.test_app import app, project

TERMS = """
    currency: EUR
    labour: {rate: 95, skills: {senior: 120}, work: {project: 1.25}, increment: 15m, minimum: 30m}
    surcharges: {after_hours: 1.5, holiday: 2, emergency: 1.75}
    travel: {fee: 25, per_km: 0.5, time: 0.5}
    hours:
      business: "Mon-Fri 08:00-17:30"
      holidays: [01-01, 05-01, 10-03, 12-25, 12-26, easter-2, easter+1, easter+39, easter+50]
"""
CLIENT = f"""
client: acme
timezone: Europe/Berlin
contract:
  - plan: break_fix
    from: 2026-01-01{TERMS}
sites: {{hq: {{hosts: {{a: {{}}, b: {{criticality: workstation}}}}}}}}
"""
PLANS = f"""
plans:
  now:
    plan: break_fix{TERMS}
  care: {{plan: managed, currency: EUR, managed: {{flat: 500, setup_fee: 120}}}}
downtime: {{per_hour: 60, agreed: 2026-01-05, by: the owner}}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> App:
    folder = project(tmp_path_factory.mktemp("costs") / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT, encoding="utf-8")
    (folder / "plans.yml").write_text(PLANS, encoding="utf-8")
    here = app(folder)
    here.clock = HandClock(datetime(2027, 1, 5, tzinfo=UTC))
    noon, later = (datetime(2026, 5, 4, hour, tzinfo=UTC) for hour in (8, 10))
    span = Span("acme", "web", "down", noon, later)
    numbers: dict[int, int] = {}
    with closing(here.open_store()) as store:
        with store._writing() as connection:  # in one transaction: it is a year
            for each in year_of_calls():
                number = write_call_record(connection, replace(each, call=numbers.get(each.call, 0)))
                numbers[each.call] = number
        watched = WatchResult([], [], [span], [], datetime(2026, 1, 1, tzinfo=UTC))
        store.watch_book().write("acme", watched)
    return here


def test_the_history_is_what_the_year_was_reckoned_to_cost(desk: App) -> None:
    found = cost_history(desk, "acme", 12)
    assert [int(each.total * 100) for each in found.months] == hourly()
    totals = sorted(each.total for each in found.months)
    assert (found.usual, found.dear) == (totals[5], totals[10])
    few = cost_history(desk, "acme", 11)
    assert (len(few.months), few.usual, few.dear) == (11, None, None)


def test_the_comparison_reads_the_months_and_the_plans(desk: App, tmp_path: Path) -> None:
    found = comparison_of(desk, "acme", Path("plans.yml"), 12)
    assert [int(each * 100) for each in found.first.months] == hourly()
    assert found.rivals[0].cost.months == (Decimal(510),) * 12
    assert (found.verdict, found.best) == (Verdict.CHANGE, "care")
    assert found.down == (*[None] * 4, 7200, *[None] * 7)
    (file,) = write_comparison(desk, "acme", found, Pages(Paper(("html",), tmp_path, "de"), staff=True))
    assert "120 Minuten Ausfall" in Path(file).read_text(encoding="utf-8")
    assert Path(file).name == "acme-comparison-staff-2026-12.html"


def test_months_before_the_desk_are_not_known(desk: App) -> None:
    assert len(comparison_of(desk, "acme", Path("plans.yml"), 60).months) == 12


def test_months_of_a_contract_before_the_first_call_or_run_are_named(desk: App, tmp_path: Path) -> None:
    assert comparison_of(desk, "acme", Path("plans.yml"), 12).doubts == ()
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    old = CLIENT.replace("2026-01-01", "2024-01-01")
    (folder / "inventory" / "clients" / "acme.yml").write_text(old, encoding="utf-8")
    (folder / "plans.yml").write_text(PLANS, encoding="utf-8")
    here = app(folder)
    here.clock = HandClock(datetime(2027, 1, 5, tzinfo=UTC))
    (told,) = comparison_of(here, "acme", Path("plans.yml"), 3).doubts
    assert told.endswith("months without a call: 2026-10, 2026-11, 2026-12")
    begun = datetime(2026, 11, 3, 9, tzinfo=UTC)
    start_call(here, "acme", Saying(CallWord.STARTED, "no mail", begun))
    tell_call(here, 1, Saying(CallWord.STOPPED, "", begun.replace(hour=10)))
    (told,) = comparison_of(here, "acme", Path("plans.yml"), 3).doubts
    assert told.endswith("months without a call: 2026-10")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("currency: EUR, managed", "currency: USD, managed", "several currencies: EUR, USD"),
        ("managed: {flat: 500, setup_fee: 120}", "labour: {rate: 1}", "needs `managed`"),
        (
            "  care: {plan: managed, currency: EUR, managed: {flat: 500, setup_fee: 120}}\n",
            "",
            "too few: at least 2",
        ),
        (
            "plan: managed, currency: EUR, managed: {flat: 500, setup_fee: 120}",
            "plan: managed",
            "has no prices",
        ),
        ("  care:", "  now:", "twice"),
        ("{plan: managed", "{plan: block_hours, blocks: [], labour: {rate: 1}", "write `block`"),
    ],
)
def test_plans_that_cannot_be_are_refused(
    desk: App, tmp_path: Path, old: str, new: str, problem: str
) -> None:
    file = tmp_path / "plans.yml"
    file.write_text(PLANS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        comparison_of(desk, "acme", file, 12)


def test_a_client_without_a_whole_month_has_no_answer(tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(
        CLIENT.replace("2026-01-01", "2026-12-02"), encoding="utf-8"
    )
    (folder / "plans.yml").write_text(PLANS, encoding="utf-8")
    here = app(folder)
    here.clock = HandClock(datetime(2027, 1, 5, tzinfo=UTC))
    with pytest.raises(UsageError, match="no whole month of acme is known"):
        comparison_of(here, "acme", Path("plans.yml"), 12)
    with pytest.raises(UsageError, match="no whole month of acme"):
        cost_history(here, "acme", 12)
