"""Comparison, invoice and roadmap in a real browser: by the rules of WCAG 2.2 AA, on any screen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from mspctl.desk.comparing import compared
from mspctl.desk.roadmap import more_hosts, roadmap
from mspctl.report.pages.comparisonpage import comparison_page
from mspctl.report.pages.invoicepage import invoice_page
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.pages.roadmappage import roadmap_page
from mspctl.report.wording.speech import speech_of
from tests.integration.browsing import IN_CHROMIUM, browser, opened, violations
from tests.unit.desk.simulated import UNITS
from tests.unit.desk.test_comparisonpage import BLOCKS, CARE, DOWN, NOW
from tests.unit.desk.test_invoicepaper import paper
from tests.unit.desk.test_roadmap import KNOWN, TODAY
from tests.unit.desk.test_year import MANAGED, history, plans

__all__ = ["browser"]
pytestmark = IN_CHROMIUM
SCREENS: Mapping[str, Mapping[str, Any]] = {
    "comparison": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "invoice": {"viewport": {"width": 1100, "height": 1400}},
    "roadmap": {"viewport": {"width": 320, "height": 700}},
}


def made(name: str) -> str:
    look = Look(speech_of("de", report_folder() / "locale"))
    match name:
        case "comparison":
            found = compared(replace(history(), down=DOWN), plans(NOW, CARE, BLOCKS))
            return comparison_page(found, look, "Nordlicht", "Acme", date(2027, 1, 4), staff=True)
        case "invoice":
            return invoice_page(paper("de"), look, "Nordlicht", "Acme")
        case _:
            more = more_hosts((MANAGED,), UNITS, "server", 5, TODAY, [3600] * 12)
            return roadmap_page(roadmap(KNOWN, more), look, "Nordlicht", "Acme")


@pytest.mark.parametrize("name", SCREENS)
def test_everybody_can_read_it(browser: Browser, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"{name}.html"
    file.write_text(made(name), encoding="utf-8")
    settings = dict(SCREENS[name])
    page, asked = opened(browser, file.as_uri(), settings)
    assert asked == []
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= settings["viewport"]["width"], "it has to be scrolled sideways"
    page.screenshot(path=tmp_path / "screen.png", full_page=True)
    page.context.close()
