"""Why the year's line rose or fell: notes of a person and of the records, none over another."""

import re
from datetime import date

from mspctl.report.drawing.yearchart import year
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look
from mspctl.report.score.health import MonthEnd
from mspctl.report.wording.speech import Speech
from mspctl.report.wording.yearnotes import MOST, YearNotes
from mspctl.testing.healthcase import health

MONTHS = [date(2026, number, 1) for number in range(1, 13)]
BANDS = ("Healthy", "Needs attention", "At risk")


def notes(
    ends: list[MonthEnd], milestones: dict[date, str] | None = None, *contracts: date
) -> tuple[str, ...]:
    return YearNotes(tuple(ends), milestones or {}, contracts, Speech()).told


def end(place: int, *, hosts: int | None = 5, cap: str = "", total: int | None = 90) -> MonthEnd:
    return MonthEnd(MONTHS[place], total, (), None, hosts, cap)


def test_a_cap_is_told_where_it_begins_and_not_again() -> None:
    caps = ["", "malware", "malware", "", "no-good-backup"]
    found = notes([end(place, cap=cap) for place, cap in enumerate(caps)])
    assert found == ("", "Malware was active", "", "", "A backup was missing")


def test_what_a_person_wrote_comes_before_what_the_records_know() -> None:
    ends = [end(0), end(1, hosts=8), end(2, hosts=7), end(3)]
    found = notes(ends, {MONTHS[1]: "New office"}, date(2026, 1, 14), date(2026, 4, 1), date(2025, 1, 1))
    assert found == ("New agreement", "New office", "\u22121 computer", "New agreement")


def test_a_month_without_a_count_is_no_change() -> None:
    assert notes([end(0), end(1, hosts=None), end(2, hosts=5), end(3, hosts=7)]) == (
        "",
        "",
        "",
        "+2 computers",
    )


def test_there_is_room_for_some_notes_only() -> None:
    ends = [end(place, hosts=place) for place in range(12)]
    assert sum(bool(each) for each in notes(ends)) == MOST
    assert notes([end(0)], {MONTHS[0]: "x" * 60}) == ("x" * 29 + "\u2026",)


def test_no_note_covers_the_line_or_another_note() -> None:
    told = ["A long note of thirty letters!"] * 6 + [""] * 6
    drawn = str(year([70, 72, 74, 90, 76, 78, 80, 82, 84, 86, 88, 90], ["Jan"] * 12, BANDS, "t", told))
    places = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" font-size="9.5"', drawn)
    assert len(places) == 6
    assert len({(round(float(x) / 140), float(y)) for x, y in places}) == 6


def test_a_month_without_a_score_keeps_its_note() -> None:
    drawn = str(year([None, 80], ["Jan", "Feb"], BANDS, "t", ["Move", ""]))
    assert ">Move</text>" in drawn


def test_the_report_draws_them_and_reads_them_out() -> None:
    page = html(health(), Look())
    begin = page.index('class="chart year"')
    chart = page[begin : page.index("</svg>", begin)]
    assert ">New backup system</text>" in chart
    assert "February 2026: New backup system" in chart[: chart.index("</title>")]
    assert "November 2025: Agreement began" in chart[: chart.index("</title>")]
