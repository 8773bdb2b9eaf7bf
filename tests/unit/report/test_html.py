import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import summarise
from mspctl.report.facts.summary import Summary
from mspctl.report.facts.visible import visible
from mspctl.report.pages.html import html
from mspctl.report.score.health import health_of
from mspctl.testing.reportcase import client_of, held_back, metric, pending, run_of, scan, upgraded, worked

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
LEGENDS = ("good", "held", "late", "risk", "none", "in-time", "later", "missing")
EVIL = "<script>alert(1)</script>\" onload='x' javascript:\u202e\x1b]8;;\0{{ 7*7 }}"


def page_of(summary: Summary) -> str:
    return html(health_of(summary, {}))


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def hostile() -> Summary:
    client = client_of(EVIL, "dc1", name=f"Acme {EVIL}")
    said = (
        upgraded(EVIL, EVIL, EVIL),
        *scan(held_back(EVIL, EVIL), pending(EVIL, EVIL, EVIL, security=True)),
    )
    evil = tuple((name, EVIL) for name in ("old", "new", "reason", "detail", "advisories", "security"))
    said += scan(
        Report(ReportKind.HELD, EVIL, "", evil), Report(ReportKind.FINDING, f"pending:{EVIL}", "", evil)
    )
    facts = tuple(Report(ReportKind.FACT, name, EVIL) for name in ("os.name", "os.id", "os.version"))
    facts += (metric("reboot.required", EVIL),)
    bad = worked("acme/dc1", status=StepStatus.FAILED, reason=EVIL, outcome=Outcome.FAILED)
    run = run_of(client, datetime(2026, 11, 28, tzinfo=UTC), *worked(f"acme/{EVIL}", *said, *facts), *bad)
    return summarise(client, [run], month_of("2026-11", "Europe/Berlin", NOW), provider=EVIL, made=NOW)


def test_the_page_is_self_contained_and_accessible() -> None:
    page = page_of(hostile())
    reader = read(page)
    assert ("lang", "en") in reader.attributes
    assert reader.tags.count("h1") == 1
    only = (
        "style-src 'unsafe-inline'",
        "font-src data:",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    assert ("content", "; ".join(("default-src 'none'", *only))) in reader.attributes
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name in {"src", "style"}]
    targets = {value for name, value in reader.attributes if name == "href"}
    assert targets
    assert {f"#{value}" for name, value in reader.attributes if name == "id"} >= targets
    assert not re.search(r"https?:|@import|url\((?!data:font/woff2;base64,)", page)
    assert reader.tags.count("th") == sum(name == "scope" for name, _ in reader.attributes)
    assert "@media print" in page


def test_work_that_failed_is_told_on_the_first_page() -> None:
    of = client_of("a", "b")
    bad = worked("acme/b", status=StepStatus.FAILED, reason="full", outcome=Outcome.FAILED)
    run = run_of(of, datetime(2026, 11, 28, tzinfo=UTC), *worked("acme/a", *scan()), *bad)
    page = page_of(summarise(of, [run], month_of("2026-11", "Europe/Berlin", NOW), made=NOW))
    assert "The last work failed on 1 computer." in page[: page.index('id="score"')]


def test_what_hosts_say_is_text() -> None:
    page = page_of(hostile())
    shown = read(page).text
    assert "<script>alert(1)</script>\" onload='x' javascript:\ufffd\ufffd" in shown
    assert "{{ 7*7 }}" in shown
    assert not [character for character in page if visible(character) != character and character != "\n"]


def test_every_state_is_a_shape_and_a_word() -> None:
    page = page_of(hostile())
    for word in ("Up to date", "Held back", "Restart due", "Updates pending", "Failed", "Not seen"):
        assert f"</svg> <span>{word}</span>" in page
    assert page.count('class="mark ') == page.count('aria-hidden="true" focusable="false"') - len(LEGENDS)


def test_a_month_without_data_says_so() -> None:
    period = month_of("2026-11", "Europe/Berlin", NOW)
    text = read(page_of(summarise(client_of("web1"), [], period, made=NOW))).text
    assert "No data: none of 1 computer could be checked." in text
    assert "No run was recorded this month." in text
    assert text.count("no data") >= 3
    assert text.count("Not measured") >= 6
    assert "%" not in text.split("}")[-1]


def test_a_month_that_is_not_over_says_so() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    page = page_of(summarise(client_of("web1"), [], month_of("2026-11", "Europe/Berlin", now), made=now))
    assert "The month is not over." in page
    assert "up to 24 November" in page


def test_ten_thousand_hosts_are_a_matter_of_seconds() -> None:
    client = client_of(*(f"h{number}" for number in range(10_000)))
    period = month_of("2026-11", "Europe/Berlin", NOW)
    begin = time.process_time()
    assert len(page_of(summarise(client, [], period, made=NOW))) > 10_000
    assert time.process_time() - begin < 40


def test_the_evidence_never_says_that_a_dry_run_changed_a_host() -> None:
    client = client_of("acme", "web1")
    dry = run_of(client, datetime(2026, 11, 28, tzinfo=UTC), *worked("acme/web1"), check_mode=True)
    summary = summarise(client, [dry], month_of("2026-11", "Europe/Berlin", NOW), provider="Lab", made=NOW)
    page = page_of(summary)
    assert "<td>patch (dry run)</td>" in page
    assert "1 would change" in page
    assert "1 changed" not in page
