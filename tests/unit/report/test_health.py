import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.model.support import SupportTable, SupportTerm
from mspctl.report.facts.areas import CHECKS, Area, Light
from mspctl.report.facts.measured import Findings
from mspctl.report.facts.measures import FirstSeen
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import summarise
from mspctl.report.formats.document import document
from mspctl.report.formats.markdown import markdown
from mspctl.report.pages.html import html
from mspctl.report.pages.pages import Pages
from mspctl.report.score.formula import score
from mspctl.report.score.health import Health, health_of, snapshot_of
from mspctl.report.score.ledger import ledger
from mspctl.report.score.tenths import average_in_tenths, shown, total_in_tenths
from mspctl.report.wording.areawords import AreaWords
from mspctl.report.wording.decisions import actions, decisions
from mspctl.report.wording.figures import did, figures
from mspctl.report.wording.findingwords import FindingWords
from mspctl.report.wording.speech import Speech
from mspctl.testing.healthcase import health
from mspctl.testing.reportcase import client_of, held_back, metric, pending, run_of, scan, worked
from mspctl.testing.runs import ended

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
TERMS = SupportTable(
    (
        SupportTerm("old", "1", date(2026, 1, 1), "a test", date(2026, 1, 1)),
        SupportTerm("soon", "1", date(2027, 6, 1), "a test", date(2026, 1, 1)),
        SupportTerm("paid", "1", date(2026, 1, 1), "a test", date(2026, 1, 1), date(2036, 1, 1), "ESM"),
        SupportTerm("young", "1", date(2036, 1, 1), "a test", date(2026, 1, 1)),
    )
)
WORDS = FindingWords(Speech())


def month(*runs: Run, seen: FirstSeen | None = None, hosts: tuple[str, ...] = ("web1",)) -> Health:
    period = month_of("2026-11", "Europe/Berlin", NOW)
    summary = summarise(client_of(*hosts), runs, period, made=NOW, support=TERMS)
    return health_of(summary, seen or {})


def said(*reports: Report, day: int = 28, number: int = 0, **worked_as: object) -> Run:
    at = datetime(2026, 11, day, 2, tzinfo=UTC)
    events = worked("acme/web1", *reports, **worked_as)  # type: ignore[arg-type]
    return run_of(client_of("web1"), at, *events, number=number)


def parts(of: Health) -> dict[str, Fraction]:
    return {each.check: each.part for each in of.measured}


def days_ago(days: int) -> datetime:
    return END - timedelta(days=days, hours=1)


@pytest.mark.parametrize(
    ("days", "part"), [(3, 1), (14, 1), (22, Fraction(3, 4)), (30, Fraction(1, 2)), (60, 0), (400, 0)]
)
def test_a_security_update_costs_by_the_days_since_it_was_first_seen(days: int, part: Fraction) -> None:
    found = scan(pending("openssl", security=True))
    assert parts(month(said(*found), seen={("openssl", "1.1"): days_ago(days)}))["security-wait"] == part


def test_a_security_update_that_is_held_back_waits_as_well() -> None:
    held = Report(
        ReportKind.HELD, "php", "", (("old", "1"), ("new", "2"), ("security", "yes"), ("reason", "hold"))
    )
    found = month(said(*scan(held)), seen={("php", "2"): days_ago(60)})
    assert parts(found)["security-wait"] == 0
    assert found.score.caps[0].kind == "critical-overdue"


def test_other_updates_cost_less() -> None:
    of = month(said(*scan(pending("tz"), held_back("db"))), seen={("tz", "1.1"): days_ago(60)})
    assert [parts(of)[name] for name in ("security-wait", "updates-wait")] == [1, Fraction(1, 2)]


def test_a_host_that_was_not_seen_is_measured_in_nothing_that_a_scan_tells() -> None:
    gone = run_of(
        client_of("web1"), datetime(2026, 11, 29, tzinfo=UTC), ended("acme/web1", Outcome.UNREACHABLE)
    )
    assert parts(month(said(*scan(), day=20), gone)) == {}
    assert parts(month(said(*scan(), day=3))).keys() == {"last-work"}  # the scan is too old


def test_work_that_failed_and_restarts_that_are_due_cost_points() -> None:
    of = month(said(*scan(restart=True)))
    assert [parts(of)[name] for name in ("restart", "last-work")] == [0, 1]
    bad = said(status=StepStatus.FAILED, outcome=Outcome.FAILED, reason="disk full", number=1)
    assert parts(month(said(*scan(), day=27), bad))["last-work"] == 0
    looked = run_of(
        client_of("web1"),
        datetime(2026, 11, 29, 2, tzinfo=UTC),
        *worked("acme/web1", *scan(pending("tz")), outcome=Outcome.OK),
        number=2,
        check_mode=True,
    )
    assert parts(month(bad, looked))["last-work"] == 0


@pytest.mark.parametrize(
    ("percent", "part"),
    [
        ("12", 1),
        ("80", 1),
        ("85", Fraction(3, 4)),
        ("97", 0),
        ("100", 0),
        ("-1", None),
        ("101", None),
        ("x", None),
    ],
)
def test_the_fullest_disk_counts(percent: str, part: Fraction | None) -> None:
    events = [metric("disk.percent:/", 10), metric("disk.percent:/srv", percent), metric("disk.inodes:/", 20)]
    run = said(*events)
    steps = tuple(replace(step, module="disk") for step in run.hosts[0].steps)
    of = month(replace(run, hosts=(replace(run.hosts[0], steps=steps),)))
    assert parts(of)["disk"] == (1 if part is None else part)
    assert parts(of)["inodes"] == 1
    assert len(of.summary.hosts[0].disks) == (1 if part is None else 2)


@pytest.mark.parametrize(
    ("os", "low", "high"),
    [
        ("old", 0, 0),
        ("soon", Fraction(69, 100), Fraction(71, 100)),
        ("paid", Fraction(8, 10), Fraction(8, 10)),
        ("young", 1, 1),
    ],
)
def test_the_age_of_a_system_is_until_when_it_gets_fixes(os: str, low: Fraction, high: Fraction) -> None:
    told = {"os.id": os, "os.version": "1", "os.name": os}
    facts = tuple(Report(ReportKind.FACT, name, value) for name, value in told.items())
    assert low <= parts(month(said(*facts)))["support"] <= high
    assert "support" not in parts(month(said(Report(ReportKind.FACT, "os.id", "odd"))))


def test_the_demo_month_tells_what_is_so() -> None:
    of = health()
    words = AreaWords(of, Speech(), WORDS)
    assert of.total == 89
    assert of.change == 4
    assert words.verdict() == (
        "As far as it is measured, your IT is in good health, and better than last month."
        " 3 decisions wait for you; the first: Make room or extend the disk of files1."
    )
    lights = {row.area: (row.light, row.points) for row in Pages(of, Speech()).areas}
    assert lights[Area.PROTECTION] == (Light.AMBER, 95)
    assert lights[Area.CAPACITY] == (Light.AMBER, 93)  # a computer is at risk: never green
    lines = ledger(of.score)
    assert total_in_tenths(of.score) + sum(line.tenths for line in lines) == 1000
    told = [WORDS.line(line) for line in lines]
    assert "The maker's support ends on 12 January 2027: licences1" in told
    assert "Security updates have been waiting for up to 23 days: mail1" in told
    assert "1 grave security finding is open (14 in all): db1, web2 and 9 more" in " ".join(told)
    assert told[-1] == "At most 89: too little is measured of Backup & recovery and Availability"


def test_a_decision_has_the_price_that_the_budget_has() -> None:
    of = health()
    asked = {each.what: each.price for each in decisions(of, WORDS)}
    assert asked == {
        "Make room or extend the disk of files1": "",
        "Upgrade or replace licences1": "€1,350.00",
        "Upgrade or replace cad1": "€1,350.00",
    }
    assert all(not each.price for each in decisions(replace(of, roadmap=None), WORDS))


def test_a_night_that_nobody_worked_in_is_no_work() -> None:
    of = health()
    runs = [run for run in of.summary.runs if not run.check_mode]
    idle = tuple(
        replace(run, outcomes=((outcome, 3),))
        for run, outcome in zip(runs, (Outcome.HELD, Outcome.UNREACHABLE), strict=False)
    )
    for ours, told in (((*idle, runs[2]), "1"), (idle, "0")):
        month = replace(of, summary=replace(of.summary, runs=ours))
        assert [each.value for each in did(month, Speech()) if each.section == "evidence"] == [told]


def test_the_figure_of_backups_is_the_fact_beside_it() -> None:
    of = health()
    figure = next(each for each in figures(of, Speech()) if each.section == "backup")
    assert (figure.name, figure.value) == ("Good backups", "99.64%")
    fact = next(row.fact for row in Pages(of, Speech()).areas if row.area is Area.BACKUP)
    assert fact.startswith("278 of 279 good")
    drawn = Pages(of, Speech()).strips.backups.rows
    assert sum(int(row.told.split(" / ")[0]) for row in drawn) == 278


def test_the_points_of_the_areas_come_to_what_the_cap_lowers() -> None:
    pages = Pages(health(), Speech())
    assert pages.together == "97.0 / 100.0"
    assert sum(Decimal(row.earned) for row in pages.points) == Decimal("97.0")
    assert pages.capped
    for row in pages.points:
        read = 100 * Fraction(row.earned) / Fraction(row.available)
        assert row.row.points in {floor(read), shown(read)}


def test_what_misses_next_to_nothing_has_not_all_its_points() -> None:
    of = health()
    ours = tuple(
        replace(each, part=Fraction(9999, 10_000) if each.check in {"disk", "support"} else Fraction(1))
        for each in of.measured
        if each.host == "alder/web1"
    )
    nearly = replace(of, score=score({"alder/web1": "server"}, Findings(ours)))
    pages = Pages(nearly, Speech())
    small = {Area.CAPACITY, Area.AGE}
    assert sorted(each.earned for each in pages.points if each.row.area in small) == ["9.9", "under 10.0"]
    assert (pages.together, pages.total_tenths) == ("99.9 / 100.0", "99.9")
    assert all(each.earned == each.available for each in pages.points if each.row.area not in small)
    assert "\u22120.1: 2 smaller findings" in markdown(nearly, Speech())


def test_the_plan_is_the_ledger_with_owners() -> None:
    of = health()
    planned = actions(of, WORDS)
    asked = decisions(of, WORDS)
    found = [each for each in planned if each.area is not None]
    assert [each.what for each in found if each.client_decides] == [each.what for each in asked]
    ahead = [each for each in planned if each.area is None]
    assert [each.owner for each in ahead] == ["", "Ms Finch", "Ms Finch", "", "", "", ""]
    assert ahead[0].by == date(2026, 8, 31)
    assert ahead[-1].by is None
    assert all(each.by is None or each.by > date(2026, 10, 31) for each in found)
    assert sum(each.tenths for each in planned) <= 1000 - average_in_tenths(of.score) + len(planned)


def test_what_nobody_measured_is_grey_everywhere() -> None:
    of = health(others=False)
    assert {each.area for each in of.score.areas if each.part is None} == {
        Area.BACKUP,
        Area.PROTECTION,
        Area.AVAILABILITY,
    }
    page = html(of)
    assert page.count('<span class="pill unmeasured">Not measured</span>') == 3
    assert not re.search(r"Backups</span><span class=\"value\">\d", page)
    told = document(of.summary, of)["health"]
    assert isinstance(told, dict)
    areas = told["areas"]
    assert isinstance(areas, dict)
    assert areas["backup"] == {"score": None, "measured_hosts": 0, "of_hosts": 13}


def test_a_month_that_was_kept_is_the_month_that_was() -> None:
    of = health()
    kept = snapshot_of(of)
    assert (kept.client, kept.month, kept.figures["area.protection"]) == ("alder", "2026-10", "1717/1800")
    period = month_of("2026-11", "Europe/Berlin", NOW)
    november = summarise(replace(client_of(), slug="alder"), [], period, made=NOW)
    before = health_of(november, {}, snapshots=[kept]).before
    assert before == of.year[-1]


def test_scores_of_another_formula_are_not_compared() -> None:
    of = health()
    other = replace(snapshot_of(of), version=2)
    period = month_of("2026-11", "Europe/Berlin", NOW)
    november = summarise(replace(client_of(), slug="alder"), [], period, made=NOW)
    assert health_of(november, {}, snapshots=[other]).before.total is None


def test_each_number_leads_to_its_evidence() -> None:
    page = html(health())
    targets, places = set(re.findall(r'href="#([^"]+)"', page)), re.findall(r' id="([^"]+)"', page)
    assert targets <= set(places)
    assert len(places) == len(set(places))
    assert sum(target.startswith("run-") for target in targets) >= 1


def test_a_client_without_computers_has_a_page() -> None:
    page = html(month(hosts=()))
    assert "There are no computers in this agreement." in page
    assert "Too little was measured this month for a health score." in page


def test_each_check_has_its_words() -> None:
    for line in ledger(health().score, len(CHECKS)):
        assert WORDS.line(line)
        assert WORDS.next_step(line)
        assert WORDS.line_area(line)
