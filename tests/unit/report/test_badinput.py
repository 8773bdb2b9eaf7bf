"""What the world puts into a report: names that are programs, clients without anything, any script."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from openpyxl import load_workbook

from mspctl.model.theme import OURS
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import summarise
from mspctl.report.formats.markdown import markdown
from mspctl.report.formats.month import FORMATS, report_month
from mspctl.report.formats.pdf import pdf
from mspctl.report.formats.xlsx import xlsx
from mspctl.report.pages.fonts import embedded
from mspctl.report.pages.html import html
from mspctl.report.pages.look import FONTS, Look, report_folder
from mspctl.report.score.health import Health, health_of
from mspctl.report.wording.speech import Speech, speech_of
from mspctl.testing.reportcase import client_of, held_back, pending, run_of, scan, upgraded, worked

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
PERIOD = month_of("2026-11", "Europe/Berlin", NOW)
NASTY = (
    "<script>alert(1)</script>",
    '=cmd|"/c calc"!A1',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "http://evil.example",
    "[x](javascript:1)",
)


def told(name: str) -> Health:
    """A host of that name, on which packages of that name were installed, wait and are held."""
    of = client_of(name, name=name)
    said = (upgraded(name, name, name), *scan(held_back(name, name), pending(name, name, name)))
    run = run_of(of, datetime(2026, 11, 28, tzinfo=UTC), *worked(f"acme/{name}", *said))
    return health_of(summarise(of, [run], PERIOD, provider=name, made=NOW), {})


@pytest.mark.parametrize("name", NASTY)
def test_no_name_of_a_host_or_a_package_is_a_program(name: str) -> None:
    of = told(name)
    page = html(of)
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert 'href="http' not in page
    book = load_workbook(io.BytesIO(xlsx(of, Speech())))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    shown = {str(cell.value) for cell in cells}
    assert name in shown or name.replace("\t", "\ufffd") in shown
    text = markdown(of, Speech())
    assert not re.search(r"(?<!\\)<script|(?<!\\)\]\(", text)
    assert json.loads(report_month(of, "json"))["hosts"][0]["host"] == name


def test_a_client_without_anything_has_a_report_in_every_format() -> None:
    of = health_of(summarise(client_of(), [], PERIOD, made=NOW), {})
    assert of.total is None
    for form in FORMATS:
        assert report_month(of, form)
    page = html(of, Look(speech_of("de", report_folder() / "locale")))
    assert "Dieser Vertrag umfasst keine Computer." in page
    assert ">0 %<" not in page
    assert ">100 %<" not in page


def test_without_its_fonts_the_page_is_whole_and_takes_the_readers(tmp_path: Path) -> None:
    page = embedded(f"<style>{FONTS}</style>Łódź", OURS, tmp_path, FONTS)
    assert page == "<style></style>Łódź"


def test_names_in_any_script_come_onto_paper() -> None:
    name = "شركة الاختبار 株式会社テスト חברה \u202e evil \U0001f600"
    page = html(told(name))
    start, end = page.index('<section class="page front"'), page.index('<section class="page" id="score"')
    short = f"{page[: page.index('<main')]}<main>{page[start:end]}</main></body></html>"
    with pikepdf.open(io.BytesIO(pdf(short))) as document:
        assert len(document.pages) == 1
        assert name.replace("\u202e", "\ufffd") in str(document.docinfo["/Title"])
