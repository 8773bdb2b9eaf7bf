"""What a report says leads to what it rests on."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mspctl.report.facts.service import IncidentLine
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look
from mspctl.report.pages.pages import Pages
from mspctl.report.score.ledger import LedgerLine
from mspctl.report.wording.figures import Figure
from mspctl.report.wording.speech import Speech
from mspctl.testing.healthcase import health


def rows(page: str, table: str) -> list[str]:
    begin = page.index("<tbody>", page.index(f'<table class="{table}">'))
    return page[begin : page.index("</tbody>", begin)].split("<tr>")[1:]


def test_each_line_of_lost_points_and_of_the_plan_leads_somewhere() -> None:
    page = html(health(), Look())
    for table in ("ledger", "planned"):
        found = rows(page, table)
        assert found
        assert [row for row in found if 'href="#' not in row] == []
    begin = page.index("Accepted for now")
    assert 'href="#run-' in page[begin : page.index("</table>", begin)]


def test_the_first_page_says_how_old_the_oldest_check_is() -> None:
    assert "oldest check 14 Oct 2026" in html(health(), Look())


def test_an_outage_leads_to_its_incident_and_each_record_to_how_it_is_looked_up() -> None:
    began = datetime(2026, 10, 14, 7, tzinfo=UTC)
    line = IncidentLine(12, "alder/web2", "", began, began + timedelta(minutes=17))
    page = html(replace(health(), incidents=(line,)), Look())
    assert '<tr id="incident-12">' in page
    assert "14 Oct, 09:00" in page
    assert "14 Oct, 09:17" in page
    assert "could not be reached" in page
    pages = Pages(replace(health(), incidents=(line,)), Speech())
    ours = next(
        each for each in health().measured if (each.host, each.check) == ("alder/web2", "availability")
    )
    assert pages.place(LedgerLine(1, (ours,))) == Figure("Incident 12", "", "", "incident-12")
    short = replace(line, number=11, closed=began + timedelta(minutes=2))
    pages = Pages(replace(health(), incidents=(short, line)), Speech())
    assert pages.place(LedgerLine(1, (ours,))).section == "incident-12", "the longest, not the first"
    assert Pages(health(), Speech()).place(LedgerLine(1, (ours,))).section == "record-availability"


def test_numbers_that_rest_on_no_run_lead_to_a_command() -> None:
    page = html(health(), Look())
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    for key, where in (
        ("record-availability", "mspctl uptime --client alder --month 2026-10"),
        ("record-calls", "mspctl sla --client alder --month 2026-10"),
        ("record-call", "mspctl call show N"),
        ("record-plans", "mspctl compare --client alder --plans report/clients/alder/plans.yml"),
        ("record-ahead", "mspctl roadmap --client alder"),
        ("record-year", "mspctl report --client alder --month 2026-10 --format json"),
    ):
        assert key in targets
        begin = page.index(f'<tr id="{key}">')
        assert where in page[begin : page.index("</tr>", begin)]
    begin = page.index('<table class="strips')
    shares = page[begin : page.index("</table>", begin)]
    assert shares.count('<a href="#record-availability">') == 9
    assert '<a href="#call-100"' in page


def test_each_score_of_a_computer_leads_to_the_run_of_its_worst_check() -> None:
    page = html(health(), Look())
    begin = page.index('<table class="cells')
    table = page[begin : page.index("</table>", begin)]
    numbers = re.findall(r'<(a href="#[^"]+"|span) class="cell [a-z]+">(\d+|\u2013)', table)
    assert len(numbers) == 13 * 6
    assert [tag for tag, shown in numbers if shown != "\u2013" and tag == "span"] == []
    assert [tag for tag, shown in numbers if shown == "\u2013" and tag != "span"] == []
    assert '<a href="#run-20261031T0130Z-alder-patch-001f" class="cell risk">28' in table
    assert '<a href="#record-availability" class="cell good">97' in table
