"""What a report says leads to what it rests on."""

from mspctl.report.html import html
from mspctl.report.look import Look
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
