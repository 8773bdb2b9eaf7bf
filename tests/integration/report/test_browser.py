"""The report as a person sees it: in a real browser, by the rules of WCAG 2.2 AA, on any screen."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.wording.speech import speech_of
from mspctl.testing.healthcase import health
from tests.integration.browsing import IN_CHROMIUM, browser, opened, violations

__all__ = ["browser"]
pytestmark = IN_CHROMIUM


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


@pytest.mark.timeout(240)  # axe looks at some 10,000 elements
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
    # What has a gradient behind it is passed over when contrasts are reckoned.
    page.add_style_tag(content=".scroll { background: none !important; }")
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= settings["viewport"]["width"], "it has to be scrolled sideways"
    families = page.evaluate(
        "document.fonts.ready.then(all => [...all].filter(f => f.status === 'loaded').length)"
    )
    assert families >= 4, "the fonts inside the page are not used"
    page.context.close()
