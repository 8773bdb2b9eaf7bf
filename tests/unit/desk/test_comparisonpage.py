"""The page of a comparison: every amount, the answer, one sheet, nothing for staff on the client's."""

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pikepdf
import pytest

from mspctl.desk.comparing import compared
from mspctl.model.comparison import BlockOffer, Comparison, Offer, Verdict
from mspctl.model.contract import Plan, Subscription, ThirdParty
from mspctl.report.formats.pdf import pdf
from mspctl.report.pages.comparisonpage import comparison_page
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.wording.speech import speech_of
from tests.unit.desk.test_year import HOURLY, HYBRID, MANAGED, MONTHS, history, plans

TOOLS = (ThirdParty("backup", Decimal(120), Decimal(190)),)
CARE = Offer("Rundum & Sorglos", replace(MANAGED, third_parties=TOOLS))
BLOCKS = Offer("blocks", replace(HOURLY, plan=Plan.BLOCK_HOURS), BlockOffer(Decimal(40), Decimal(3400), 6))
NOW = Offer("<b>as now</b>", HOURLY)
# In a month without a watch nothing is known; 90 minutes in all others.
DOWN = (None, *[5400] * 11)


@pytest.fixture(scope="module")
def found() -> Comparison:
    year = replace(history(), down=DOWN)
    return compared(year, plans(NOW, CARE, Offer("hybrid", HYBRID), BLOCKS))


def page(found: Comparison, language: str = "en", *, staff: bool = False) -> str:
    look = Look(speech_of(language, report_folder() / "locale"))
    return comparison_page(found, look, "Northern Lights IT", "Acme", date(2027, 1, 4), staff=staff)


def words(page: str) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)
    )


def test_every_month_of_every_plan_stands_on_it(found: Comparison) -> None:
    text = words(page(found))
    assert found.verdict is Verdict.UNCLEAR
    assert "less than &lt;b&gt;as now&lt;/b&gt;; other months may turn that round." in text
    for cost in found.costs:
        for month in cost.months:
            assert f"€{month:,.2f}" in text
    assert "&lt;b&gt;as now&lt;/b&gt;" in text
    assert "Rundum &amp; Sorglos" in text
    assert (
        "990 minutes down in the agreed hours. At €120.00 an hour, as the owner said on 5 January 2026"
        in text
    )
    assert "that is €1,980.00." in text
    assert "Its setup fee of €1,800.00 is spread over 12 months." in text
    assert "after hours \u00d7 1.5, on holidays \u00d7 2, emergencies \u00d7 1.75;" in text
    assert "; visits €25.00 and €0.50 a kilometre; the way at 50% of the rate" in text
    assert "at least 30 min; senior €120.00; project \u00d7 1.25;" in text
    assert "blocks of 40 h for €3,400.00; good for 6 months" in text
    assert "6 h a month are in it; what is left is kept for 1 month" in text


def test_what_staff_sees_is_not_on_the_clients_page(found: Comparison) -> None:
    assert "staff" not in page(found)
    shown = words(page(found, staff=True))
    rate = found.costs[1].rate
    assert rate.gross is not None
    assert all(f"€{each:,.2f}" in shown for each in (rate.gross, rate.net_of_cost, rate.net_of_retail))


def test_the_client_gets_one_sheet_in_german_without_english(found: Comparison) -> None:
    german = page(found, "de")
    text = re.sub(r"<bdi>.*?</bdi>", "", german, flags=re.DOTALL)
    assert re.findall(r"\b(is|are|with|month|months|less|than|would)\b", words(text)) == []
    three = replace(found, rivals=found.rivals[:2])
    with pikepdf.open(io.BytesIO(pdf(page(three, "de")))) as document:
        assert len(document.pages) == 1


FEES: Mapping[str, tuple[int, int]] = {
    "Stay with &lt;b&gt;as now&lt;/b&gt;: no other plan would have been cheaper.": (9000, 12),
    "care would have cost €": (300, 12),
    "Too little data for an answer: 7 of 12 months are known.": (300, 7),
}


@pytest.mark.parametrize("sentence", FEES)
def test_the_answer_is_the_first_sentence(sentence: str) -> None:
    fee, months = FEES[sentence]
    care = Offer("care", replace(MANAGED, subscription=Subscription(Decimal(fee))))
    text = words(page(compared(history(MONTHS[:months]), plans(NOW, care))))
    assert sentence in text
    assert ("P50" in text) is (months == 12)
