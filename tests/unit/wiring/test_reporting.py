"""The month's report over a real inventory and a real run log."""

import base64
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.call import CallWord
from mspctl.model.event import HostEnded, Report, ReportKind
from mspctl.model.monitoring import Span
from mspctl.model.outcome import StepStatus
from mspctl.model.selection import Selection
from mspctl.model.theme import OURS, WHITE, contrast
from mspctl.ports import WatchResult
from mspctl.report.facts.areas import Area
from mspctl.report.facts.availability import DaySeen
from mspctl.report.pages.fonts import faces
from mspctl.report.pages.html import html
from mspctl.testing.clock import HandClock
from mspctl.testing.healthcase import client, nights
from mspctl.testing.reportcase import client_of, worked
from mspctl.testing.runs import made_run
from mspctl.wiring.app import App
from mspctl.wiring.desk import Saying, start_call, tell_call
from mspctl.wiring.reporting import client_health
from mspctl.wiring.reportlook import report_look
from mspctl.wiring.reportsending import Wish, approve_report, draft_report
from tests.unit.wiring.test_app import app, project

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def inventory(folder: Path, hosts: tuple[str, ...], name: str = "Alder & Finch") -> None:
    clients = folder / "inventory" / "clients"
    clients.mkdir(exist_ok=True)
    told = "".join(f"      {each}: {{address: 10.0.0.1, shared: true}}\n" for each in hosts)
    sites = f"sites:\n  hq:\n    hosts:\n{told}" if hosts else ""
    text = f"client: alder\nname: {name}\ntimezone: Europe/Berlin\n{sites}"
    (clients / "alder.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def bare(tmp_path: Path) -> App:
    folder = project(tmp_path / "project", "name: Brightwater\n")
    inventory(folder, tuple(host.name for host in client().hosts))
    return app(folder)


@pytest.fixture
def desk(bare: App) -> App:
    here = bare
    with closing(here.open_store()) as store:
        for night in nights(client()):
            store.plan(night.run, night.plan)
            store.record(night.run.id, night.events)
            store.finish(night.run.id, night.end)
    return here


def fresh(desk: App, day: datetime | None = None) -> App:
    """The same project in another call, on that day."""
    again = app(desk.project)
    if day is not None:
        again.clock = HandClock(day)
    return again


def kept(desk: App) -> list[str]:
    with closing(desk.open_store(write=False)) as store:
        return [each.month for each in store.snapshots("alder")]


def test_a_report_of_a_month_that_is_over_keeps_what_it_came_to(desk: App) -> None:
    october = client_health(desk, "alder", "2026-10")
    assert kept(desk) == ["2026-10"]
    assert client_health(fresh(desk), "alder", "2026-10").score == october.score
    assert kept(desk) == ["2026-10"]
    november = client_health(fresh(desk), "alder", "2026-11")
    assert november.before == october.year[-1]
    assert november.before.total == october.total == 89


SOON, LATE = datetime(2026, 11, 4, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)


def seen_in(desk: App) -> str | None:
    with closing(desk.open_store(write=False)) as store:
        (found,) = store.snapshots("alder")
    return found.figures["hosts.seen"]


def test_until_it_is_approved_a_later_report_corrects_what_a_month_came_to(desk: App) -> None:
    client_health(fresh(desk, SOON), "alder", "2026-10")
    assert seen_in(desk) == "12"
    inventory(desk.project, ("web1", "web2", "db1"))
    draft_report(fresh(desk, SOON), Wish("alder", "2026-10"), "en")
    assert seen_in(desk) == "3"
    inventory(desk.project, ("web1",))
    client_health(fresh(desk, SOON), "alder", "2026-10")
    assert seen_in(desk) == "1"
    approve_report(fresh(desk, SOON), Wish("alder", "2026-10"))
    assert seen_in(desk) == "3"  # what the approved draft says, not what came after it
    client_health(fresh(desk, SOON), "alder", "2026-10")
    assert seen_in(desk) == "3"


def test_a_month_and_more_after_it_no_report_changes_what_a_month_came_to(desk: App) -> None:
    client_health(fresh(desk, LATE), "alder", "2026-10")
    inventory(desk.project, ("web1",))
    client_health(fresh(desk, LATE), "alder", "2026-10")
    assert seen_in(desk) == "12"


def test_a_month_without_data_keeps_nothing(desk: App) -> None:
    august = client_health(desk, "alder", "2026-08")
    assert august.total is None
    assert "No run was recorded this month." in html(august)
    assert kept(desk) == []


def test_a_host_that_came_or_went_is_counted_as_the_inventory_has_it_now(desk: App) -> None:
    inventory(desk.project, ("web1", "new1"))
    of = client_health(fresh(desk), "alder", "2026-10")
    assert {each.host for each in of.score.hosts} == {"alder/web1", "alder/new1"}
    assert {host.host for host in of.summary.former} >= {"db1", "mail1"}
    page = html(of)
    assert "No longer looked after" in page
    assert of.score.total == 89  # of new1 nothing is known: coverage 50 %


def test_a_client_that_was_renamed_keeps_its_past(desk: App) -> None:
    client_health(desk, "alder", "2026-10")
    inventory(desk.project, ("web1",), name="Finch GmbH")
    of = client_health(fresh(desk), "alder", "2026-11")
    assert of.before.total == 89
    assert "Finch GmbH" in html(of)
    assert "Alder" not in html(of)


def test_names_in_any_script_are_shown_and_steer_nothing(desk: App) -> None:
    for name in ("شركة الاختبار", "株式会社テスト", "חברה", "Łódź Śnieżna", '"</style><script>'):
        inventory(desk.project, ("web1",), name=f"'{name}'" if "'" not in name else name)
        page = html(client_health(fresh(desk), "alder", "2026-10"))
        assert "<script" not in page
        assert page.count("</style>") == 1
        shown = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
        assert shown in page
        assert ("U+0100-02BA" in page) == ("Ł" in name)  # the larger font only where it is needed


def test_a_wrong_month_is_refused(bare: App) -> None:
    for month in ("2026-13", "2999-01", "October", "2026-1"):
        with pytest.raises(UsageError):
            client_health(bare, "alder", month)
    with pytest.raises(UsageError, match="no client"):
        client_health(fresh(bare), "nobody", "2026-10")


def test_calls_of_the_month_are_our_service_and_no_part_of_the_score(desk: App) -> None:
    before = client_health(desk, "alder", "2026-11").score
    start_call(desk, "alder", Saying(CallWord.STARTED, "Printer <b>", None))
    of = client_health(
        fresh(desk), "alder", f"{desk.clock.now().astimezone(ZoneInfo('Europe/Berlin')):%Y-%m}"
    )
    assert of.service is not None
    assert [call.title for call in of.service.calls] == ["Printer <b>"]
    assert "Printer &lt;b&gt;" in html(of)
    assert client_health(fresh(desk), "alder", "2026-11").score == before


AGREED = """
contract:
  - plan: managed
    from: 2026-08-01
    currency: EUR
    managed: {per: {server: 100}}
    hours: {business: "Mon-Fri 08:00-18:00"}
    sla:
      high: {respond: 30m, resolve: 4h}
"""
PLANS = """
plans:
  now: {title: Care, plan: managed, currency: EUR, managed: {per: {server: 100}}}
  hourly: {title: Hourly, plan: break_fix, currency: EUR, labour: {rate: 90}}
"""


RISK = """
currency = "EUR"
[[risk]]
what = "One line"
why = "no mail without it"
owner = "Ms A"
by = 2026-12-01
price = "780"
"""


def test_the_desk_tells_what_was_promised_what_lies_ahead_and_what_another_plan_would_cost(desk: App) -> None:
    inventory(desk.project, ("web1", "files1"))
    with (desk.project / "inventory" / "clients" / "alder.yml").open("a", encoding="utf-8") as file:
        file.write(AGREED)
    asked = datetime(2026, 10, 6, 8, tzinfo=UTC)
    fields = {"priority": "high", "asked": asked.isoformat()}
    begun = fresh(desk, asked + timedelta(hours=1))
    call = start_call(begun, "alder", Saying(CallWord.STARTED, "Printer", None, fields))
    tell_call(fresh(desk, asked + timedelta(hours=2)), call.number, Saying(CallWord.STOPPED))
    of = client_health(fresh(desk, SOON), "alder", "2026-10")
    assert of.service is not None
    assert of.service.levels is not None
    (late,) = of.service.levels.breaches
    assert (late.call, late.took, late.allowed) == (call.number, 3600, 1800)
    months = of.service.months
    assert [each is not None for each in months] == [False] * 9 + [True] * 3
    assert months[-1] is not None
    assert (months[-1].in_time, months[-1].late) == (0, 1)
    assert of.service.comparison is None
    assert of.roadmap is not None
    ahead = len(of.roadmap.items)
    (desk.project / "roadmap").mkdir()
    write(desk.project, "clients/alder/plans.yml", PLANS)
    (desk.project / "roadmap" / "alder.toml").write_text(RISK)
    of = client_health(fresh(desk, LATE), "alder", "2026-10")
    assert of.service is not None
    assert of.service.comparison is not None
    assert [f"{month:%Y-%m}" for month in of.service.comparison.months] == ["2026-08", "2026-09", "2026-10"]
    assert of.roadmap is not None
    assert len(of.roadmap.items) == ahead + 1
    page = html(of)
    for words in (
        "Call 1, Printer: answered after 1 h, promised 30 min",
        "One line",
        "€780.00",
        "Too little data",
    ):
        assert words in page
    write(desk.project, "clients/alder/plans.yml", "plans: 7")
    with pytest.raises(ConfigurationError, match="plans"):
        client_health(fresh(desk, LATE), "alder", "2026-10")


WATCHED = """
contract:
  - plan: break_fix
    from: 2026-01-01
    currency: EUR
    labour: {rate: 90}
    hours: {business: "Mon-Fri 08:00-18:00"}
monitor:
  probes:
    shop: {module: services-up, params: {names: [nginx]}, service: Shop}
    disks: {module: disk}
"""


def test_availability_is_what_was_watched_of_each_computer_in_business_hours(desk: App) -> None:
    inventory(desk.project, ("web1", "web2", "db1"))
    with (desk.project / "inventory" / "clients" / "alder.yml").open("a", encoding="utf-8") as file:
        file.write(WATCHED)
    begin, end = datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    tuesday = datetime(2026, 10, 6, 8, tzinfo=UTC)
    noon, saturday = tuesday + timedelta(hours=2), tuesday + timedelta(days=3, hours=18)
    watched = (
        ("reach@web1", "up", begin, saturday),
        ("reach@web1", "down", saturday, saturday + timedelta(hours=9)),
        ("shop@web1", "up", begin, tuesday),
        ("shop@web1", "down", tuesday, noon),
        ("shop@web1", "warning", noon, end),
        ("disks@web1", "down", begin, end),
        ("shop", "down", begin, end),
        ("reach@web2", "up", tuesday, noon),
        ("reach@gone1", "down", begin, end),
    )
    spans = tuple(Span("alder", *each) for each in watched)
    with closing(desk.open_store()) as store:
        store.watch_book().write("alder", WatchResult((), (), spans, (), begin))
    of = client_health(fresh(desk), "alder", "2026-10")
    (found,) = (each for each in of.measured if each.check == "availability")
    two_hours, days = 7200, 22
    assert found.host == "alder/web1"
    assert {name: int(each) for name, each in found.details.items()} == {
        "up": days * 36_000 - two_hours,
        "down": two_hours,
        "covered": days * 36_000,
        "whole": days * 36_000,
    }
    seen = of.watched["alder/web1"]
    assert len(seen) == 31  # the clocks change on the 25th: no day is told twice
    assert [day.value for day in seen[1:8]] == ["up", "off", "off", "up", "down", "up", "up"]
    assert of.watched["alder/web2"][5] is DaySeen.NOT_WATCHED  # two of ten hours
    area = of.score.area(Area.AVAILABILITY)
    assert (area.measured, area.expected, area.part) == (1, 3, found.part)
    assert 0 < found.part < 1
    assert "Down for up to 120 minutes of the agreed hours: web1" in html(of)


def write(folder: Path, name: str, text: str | bytes) -> None:
    file = folder / "report" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_client_has_its_own_theme_over_the_providers(bare: App) -> None:
    assert report_look(bare, "alder", "")[0].theme == OURS
    write(
        bare.project,
        "theme.toml",
        'name = "Hellwasser"\nlogo = "l.png"\nbrand = "#FFDD00"\nlanguage = "de"\n',
    )
    write(bare.project, "l.png", PNG)
    write(
        bare.project,
        "clients/alder/theme.toml",
        'paper = "Letter"\naccent = "#e0e0e0"\ncontact = "Ask\\nus"\n',
    )
    look, notes = report_look(bare, "alder", "")
    assert (look.theme.name, look.theme.paper, look.theme.brand) == ("Hellwasser", "Letter", "#ffdd00")
    assert look.theme.on_brand == "#14202b"  # white could not be read on yellow
    assert look.theme.accent == OURS.accent
    assert "accent #e0e0e0 cannot be read on white (contrast 1.3" in notes[0]
    assert contrast(look.theme.highlight, WHITE) >= 4.5
    page = html(client_health(bare, "alder", "2026-10"), look)
    for part in (
        '<html lang="de">',
        "Hellwasser",
        "data:image/png;base64,iVBOR",
        "size: Letter",
        "<p>us</p>",
    ):
        assert part in page
    assert report_look(bare, "alder", "en")[0].speech.language == "en"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = 1", "name: expected text in quotes"),
        ('brand = "red"', "`red` is no colour"),
        (
            'brnd = "#000000"',
            "report/theme.toml: brnd: the key `brnd` is not known here (did you",
        ),
        ('paper = "A5"', "`A5` is not one of A4, Letter"),
        ('language = "../de"', "is no language"),
        ('name = "x\\n', "report/theme.toml: this is no TOML"),
        ("a = 1\nb = =\n", "report/theme.toml:2:5: this is no TOML"),
        ('logo = "../../secret.png"', "not the name of a file"),
        ('logo = "none.png"', "there is no logo"),
        ('logo = "theme.toml"', "is no SVG, PNG or JPEG"),
        ('logo = "fake.png"', "is not what its name says"),
    ],
)
def test_a_broken_theme_is_refused_with_its_place(bare: App, text: str, problem: str) -> None:
    write(bare.project, "theme.toml", text)
    write(bare.project, "fake.png", "<svg/>")
    with pytest.raises(ConfigurationError) as caught:
        report_look(bare, "alder", "")
    assert problem in str(caught.value)


def test_a_language_that_is_not_there_is_refused(bare: App) -> None:
    with pytest.raises(UsageError, match="no reports in 'fr'"):
        report_look(bare, "alder", "fr")


def test_templates_of_the_project_come_before_ours_and_the_clients_before_the_providers(bare: App) -> None:
    write(bare.project, "templates/pages/service.html.j2", "<p>provider's</p>")
    write(bare.project, "templates/pages/ahead.html.j2", "<p>provider's outlook</p>")
    write(bare.project, "clients/alder/templates/pages/service.html.j2", "<p>{{ summary.client_name }}'s</p>")
    page = html(client_health(bare, "alder", "2026-10"), report_look(bare, "alder", "")[0])
    assert "<p>Alder &amp; Finch's</p>" in page
    assert "<p>provider's outlook</p>" in page
    assert "Your health score" in page


def test_what_a_person_wrote_stands_in_the_place_of_what_was_found(bare: App) -> None:
    text = (
        'verdict = "All is <well>."\nnote = "We moved the mail."\n'
        '[[decision]]\nwhat = "Replace licences1"\nprice = "6.850 EUR once"\nby = 2026-11-20\n'
        '[[date]]\nday = 2026-12-08\nwhat = "Review meeting"\n'
    )
    write(bare.project, "clients/alder/2026-10.toml", text)
    page = html(client_health(bare, "alder", "2026-10"))
    for part in (
        "All is &lt;well&gt;.",
        "We moved the mail.",
        "6.850 EUR once",
        "by 20 Nov 2026",
        "8 Dec",
    ):
        assert part in page
    assert "One decision for you" in page


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[decision]]\nwhy = 'x'", "decision[0].what: `what` is missing"),
        ("[[decision]]\nwhat='x'\nby='soon'", "decision[0].by: expected a day"),
        ("decision = 'x'", "expected tables"),
        ("[[decision]]\nwhat='a'\n" * 4, "4 decisions are too many"),
        ("[[date]]\nwhat='x'", "date[0].day: `day` is missing"),
        (
            "verdikt = 'x'",
            "alder/2026-10.toml: verdikt: the key `verdikt` is not known",
        ),
        ("verdict = 'a\u202eb'", "U+202E"),
    ],
)
def test_a_broken_commentary_is_refused(bare: App, text: str, problem: str) -> None:
    write(bare.project, "clients/alder/2026-10.toml", text)
    with pytest.raises(ConfigurationError) as caught:
        client_health(bare, "alder", "2026-10")
    assert problem in str(caught.value)


def test_missing_fonts_leave_the_readers_own(tmp_path: Path) -> None:

    assert list(faces(tmp_path, "text")) == []


def test_backups_are_in_the_score_of_a_client_that_has_agreed_on_some(bare: App) -> None:
    file = bare.project / "inventory" / "clients" / "alder.yml"
    file.write_text(file.read_text() + 'backup: {sources: [/srv], repository: /b, password: "file:keys/b"}\n')
    of = client_of("web1", slug="alder")
    at = datetime(2026, 10, 30, 2, tzinfo=UTC)
    bundle = Bundle(of.hosts[0], (BundleStep(0, "Back up", "backup-files", ""),), (), (), "d")
    plan = Plan("backup", check_mode=False, selection=Selection(of.hosts), bundles=(bundle,), digest="p")
    run = made_run(plan, "20261030T0200Z-alder-backup-0001", at)
    made = Report(ReportKind.FACT, "backup.snapshot", "5a4843c8")
    with closing(bare.open_store()) as store:
        store.plan(run, plan)
        store.record(run.id, worked("alder/web1", made, status=StepStatus.CHANGED, step=0))
    of_month = client_health(fresh(bare), "alder", "2026-10")
    found = of_month.score.area(Area.BACKUP)
    assert (found.measured, found.expected) == (1, 13)
    assert "1 of 1 good; no restore was proven" in html(of_month)
    parts = {each.check: each.part for each in of_month.measured}
    assert [parts[check] for check in ("backup-age", "restore-test")] == [1, 0]


def test_a_proof_loses_its_worth_by_the_published_slope(bare: App) -> None:
    """Between 90 and 180 days the line is straight: at 120 two thirds are left."""
    file = bare.project / "inventory" / "clients" / "alder.yml"
    file.write_text(file.read_text() + 'backup: {sources: [/srv], repository: /b, password: "file:keys/b"}\n')
    of = client_of("web1", slug="alder")
    with closing(bare.open_store()) as store:
        for at, module, fact in (
            (datetime(2026, 7, 3, 2, tzinfo=UTC), "backup-proof", "proof.snapshot"),
            (datetime(2026, 10, 30, 2, tzinfo=UTC), "backup-files", "backup.snapshot"),
        ):
            bundle = Bundle(of.hosts[0], (BundleStep(0, "Work", module, ""),), (), (), "d")
            plan = Plan(
                "work", check_mode=False, selection=Selection(of.hosts), bundles=(bundle,), digest="p"
            )
            run = made_run(plan, f"{at:%Y%m%d}T0200Z-alder-work-0001", at)
            made = Report(ReportKind.FACT, fact, "5a4843c8")
            store.plan(run, plan)
            said = worked("alder/web1", made, status=StepStatus.CHANGED, step=0)
            store.record(
                run.id, [replace(each, at=at) if isinstance(each, HostEnded) else each for each in said]
            )
    of_month = client_health(fresh(bare), "alder", "2026-10")
    parts = {each.check: each.part for each in of_month.measured}
    assert parts["restore-test"] == Fraction(2, 3)
