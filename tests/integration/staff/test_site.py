"""The staff's site as a person uses it: in a real browser, from files, without a server or a network."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mspctl.report.staff.site import pages
from mspctl.testing.fleetcase import fleet
from tests.integration.browsing import IN_CHROMIUM, browser, opened, violations

__all__ = ["browser"]
pytestmark = IN_CHROMIUM
DESK: dict[str, Any] = {"viewport": {"width": 1400, "height": 900}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "clients").mkdir()
    made = datetime.now(UTC) - timedelta(hours=1)
    for name, text in pages(fleet(many=12, made=made), 14):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def column(page: Page, number: int, table: str = "table-hosts") -> list[str]:
    rows = page.locator(f"#{table} tbody tr:visible > :nth-child({number})")
    return rows.all_inner_texts()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("index.html", {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}),
        ("hosts.html", {"viewport": {"width": 1100, "height": 800}, "color_scheme": "dark"}),
        ("clients/acme.html", DESK),
    ],
)
def test_everybody_can_read_it(browser: Browser, site: Path, name: str, settings: dict[str, Any]) -> None:
    page, asked = opened(browser, (site / name).as_uri(), settings)
    assert asked == []
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= settings["viewport"]["width"], "it has to be scrolled sideways"
    assert not page.locator(".old").is_visible()
    page.context.close()


def test_tables_sort_and_filter_without_a_server(browser: Browser, site: Path) -> None:
    page, asked = opened(browser, (site / "hosts.html").as_uri(), DESK)
    assert column(page, 1)[:3] == ["db1", "evil1", "till1"]
    page.get_by_role("button", name="Updates").click()
    assert column(page, 7)[:3] == ["12", "3", "0"]
    assert column(page, 7)[-1] == "not known"
    page.get_by_role("button", name="Updates").click()
    assert (column(page, 7)[0], column(page, 7)[-1]) == ("0", "not known")
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Computer").click()
    names = column(page, 1)
    assert names.index("pc2") < names.index("pc10")
    page.get_by_label("Filter").fill("DEBIAN till")
    assert column(page, 1) == ["till1"]
    assert page.locator("output").inner_text() == f"1 of {len(names)}"
    page.get_by_label("Filter").fill("")
    page.get_by_label("State").select_option("bad")
    assert column(page, 1) == ["db1", "evil1"]
    assert asked == []
    page.context.close()


def test_long_tables_are_shown_in_parts_and_searched_as_a_whole(browser: Browser, tmp_path: Path) -> None:
    text = dict(pages(fleet(many=500, made=datetime.now(UTC)), 14))["hosts.html"]
    (tmp_path / "hosts.html").write_text(text, encoding="utf-8")
    page, _ = opened(browser, (tmp_path / "hosts.html").as_uri(), DESK)
    rows = page.locator("#table-hosts tbody tr:visible")
    assert rows.count() == 200
    page.get_by_role("button", name="Show more (305)").click()
    assert rows.count() == 505
    page.get_by_label("Filter").fill("pc499")
    assert column(page, 1) == ["pc499"]
    page.get_by_label("Filter").fill("")
    page.get_by_role("button", name="Points").click()
    assert (rows.count(), column(page, 1)[0]) == (200, "db1")
    page.context.close()


def test_a_search_leads_from_any_page_to_the_computers(browser: Browser, site: Path) -> None:
    page, asked = opened(browser, (site / "clients" / "acme.html").as_uri(), DESK)
    page.get_by_label("Find").fill("evil1 & <b>")
    page.get_by_label("Find").press("Enter")
    page.wait_for_url("**/hosts.html#*")
    assert page.get_by_label("Filter").input_value() == "evil1 & <b>"
    page.get_by_label("Filter").fill("evil1")
    page.get_by_role("link", name="acme").click()
    page.wait_for_url("**/clients/acme.html")
    page.get_by_role("link", name="Overview").click()
    assert page.locator("h1").inner_text() == "Fleet overview"
    assert column(page, 1, "table-clients") == ["Acme <b>Dental</b> GmbH", "مكتب النور", "Empty Ltd"]
    assert asked == []
    page.context.close()


def test_it_is_whole_without_script_and_says_when_it_is_old(
    browser: Browser, site: Path, tmp_path: Path
) -> None:
    page, _ = opened(browser, (site / "hosts.html").as_uri(), {"java_script_enabled": False})
    assert page.locator("#table-hosts tbody tr").count() == 17
    assert not page.locator("form").is_visible()
    assert not page.locator(".tools").is_visible()
    page.context.close()
    old = dict(pages(fleet(many=1, made=datetime.now(UTC) - timedelta(hours=30)), 14))["index.html"]
    (tmp_path / "index.html").write_text(old, encoding="utf-8")
    page, _ = opened(browser, (tmp_path / "index.html").as_uri(), DESK)
    assert "This page is 30 hours old" in page.locator(".old").inner_text()
    page.context.close()


def test_a_script_that_got_in_would_not_run(browser: Browser, site: Path, tmp_path: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    spoilt = text.replace(
        "<h1>", "<script>document.title = 'owned'</script><img src=x onerror=\"document.title=1\"><h1>"
    )
    (tmp_path / "index.html").write_text(spoilt, encoding="utf-8")
    page, asked = opened(browser, (tmp_path / "index.html").as_uri(), DESK)
    assert page.title().startswith("Fleet overview")
    assert any("Content Security Policy" in each for each in asked)
    page.context.close()
