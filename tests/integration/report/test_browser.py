"""The report as a person sees it: in a real browser, by the rules of WCAG 2.2 AA, on any screen."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mspctl.report.html import Look, html, report_folder
from mspctl.report.speech import speech_of
from mspctl.testing.healthcase import health

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="there is no Chromium here; on Debian: apt-get install chromium",
    ),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The demo month in English and German, and one that knows little."""
    folder, locale = tmp_path_factory.mktemp("report"), report_folder() / "locale"
    pages = {
        "en": html(health()),
        "de": html(health(), Look(speech_of("de", locale))),
        "thin": html(health(others=False)),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text)
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


def opened(browser: Browser, url: str, settings: dict[str, Any]) -> tuple[Page, list[str]]:
    asked: list[str] = []
    page = browser.new_context(**settings).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(url)
    return page, [each for each in asked if not each.startswith(("file:", "data:"))]


def violations(page: Page) -> list[str]:
    found = find_spec("axe_playwright_python")
    assert found is not None
    assert found.submodule_search_locations is not None
    (script,) = Path(found.submodule_search_locations[0]).rglob("axe.min.js")
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("en", {"viewport": {"width": 1100, "height": 1400}}),
        ("de", {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}),
        ("thin", {"viewport": {"width": 320, "height": 700}}),
    ],
)
def test_everybody_can_read_it(
    browser: Browser, files: dict[str, str], name: str, settings: dict[str, Any]
) -> None:
    page, asked = opened(browser, files[name], settings)
    assert asked == []
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= settings["viewport"]["width"], "it has to be scrolled sideways"
    families = page.evaluate(
        "document.fonts.ready.then(all => [...all].filter(f => f.status === 'loaded').length)"
    )
    assert families >= 4, "the fonts inside the page are not used"
    page.context.close()
