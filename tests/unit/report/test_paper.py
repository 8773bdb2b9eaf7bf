"""The report in its other formats: tagged PDF, workbook, Markdown."""

import base64
import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from openpyxl import load_workbook

from mspctl.model.theme import OURS
from mspctl.report.formats.markdown import markdown, plain
from mspctl.report.formats.month import FORMATS, report_month
from mspctl.report.formats.pdf import pdf
from mspctl.report.formats.xlsx import xlsx
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.wording.speech import Speech, speech_of
from mspctl.testing.healthcase import health

Tree = pikepdf.Object
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
EVIL = '=HYPERLINK("http://evil")\u202e|*x*|`<script>`\n# head'


@pytest.fixture(scope="module")
def paper() -> bytes:
    return pdf(html(health(), Look(speech_of("de", report_folder() / "locale"))))


def tags(tree: Tree) -> list[tuple[str, Tree]]:
    found: list[tuple[str, Tree]] = []
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Dictionary):
            if "/S" in each:
                found.append((str(each["/S"]), each))
            if "/K" in each:
                kids = each["/K"]
                waiting += list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return found


def test_the_pdf_is_tagged_and_every_figure_has_its_words(paper: bytes) -> None:
    with pikepdf.open(io.BytesIO(paper)) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "de"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        metadata = root.Metadata.read_bytes()
        assert b"pdfuaid:part" in metadata
        assert "IT-Gesundheitsbericht, Oktober 2026: Alder & Finch Architects" in str(
            document.docinfo["/Title"]
        )
        assert 8 <= len(document.pages) <= 13
        size = [round(float(each) / 72 * 25.4) for each in document.pages[0].MediaBox[2:]]
        assert size == [210, 297]
        found = tags(root.StructTreeRoot)
        kinds = {kind for kind, _ in found}
        assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/P"} <= kinds
        figures = [each for kind, each in found if kind == "/Figure"]
        assert len(figures) > 20
        silent = [each for each in figures if not str(each.get("/Alt", ""))]
        assert silent == []
        for page in document.pages:
            fonts = page.Resources.Font
            assert all("/DescendantFonts" in font for font in fonts.values())


def test_the_same_month_is_the_same_bytes(paper: bytes) -> None:
    again = pdf(html(health(), Look(speech_of("de", report_folder() / "locale"))))
    assert again == paper
    assert xlsx(health(), Speech()) == xlsx(health(), Speech())


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_the_first_page_is_one_page_of_either_size(size: str) -> None:
    look = Look(speech_of("de", report_folder() / "locale"), replace(OURS, paper=size))
    of = health()
    unfinished = replace(of.summary.period, until=of.summary.period.until - timedelta(days=1))
    page = html(replace(of, summary=replace(of.summary, period=unfinished)), look)
    assert 'class="partial"' in page
    start, end = page.index('<section class="page front"'), page.index('<section class="page" id="score"')
    short = f"{page[: page.index('<main')]}<main>{page[start:end]}</main></body></html>"
    with pikepdf.open(io.BytesIO(pdf(short))) as document:
        assert len(document.pages) == 1
        assert round(float(document.pages[0].MediaBox[3])) == {"A4": 842, "Letter": 792}[size]


@pytest.mark.parametrize("filled", range(246, 255, 3))
def test_no_head_of_a_table_stands_alone_at_the_foot_of_a_page(filled: int) -> None:
    style = re.search(r"<style>.*?</style>", html(health()), re.DOTALL)
    assert style is not None
    page = (
        f'{style[0]}<div style="height: {filled}mm"></div><h3>Title</h3><div class="scroll"><table>'
        '<caption class="hidden">caption</caption><thead><tr><th>head</th></tr></thead>'
        "<tbody><tr><td>row<br>of<br>three</td></tr></tbody></table></div>"
    )
    with pikepdf.open(io.BytesIO(pdf(page))) as document:
        found = tags(document.Root.StructTreeRoot)
        pages = {each.Pg.objgen for kind, each in found if kind in {"/H3", "/TH", "/TD"}}
    assert len(pages) == 1


def test_the_pdf_asks_nobody(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    inside = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    for source, seen in ((picture.as_uri(), 0), (inside, 1)):
        page = f'<html lang="en"><title>x</title><img alt="x" src="{source}">'
        with pikepdf.open(io.BytesIO(pdf(page))) as document:
            assert len(document.pages[0].get_images()) == seen


def test_the_workbook_holds_text_and_numbers_and_no_formula() -> None:
    of = health()
    host = replace(of.summary.hosts[0], host=EVIL, os=EVIL)
    summary = replace(of.summary, hosts=(host, *of.summary.hosts[1:]))
    book = load_workbook(io.BytesIO(xlsx(replace(of, summary=summary), Speech())))
    assert book.sheetnames == ["Computers", "Findings", "Protection", "Updates", "Work", "Calls"]
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    rows = list(book["Computers"].iter_rows(values_only=True))
    assert len(rows) == len(summary.hosts) + 1
    assert str(rows[1][0]).startswith('=HYPERLINK("http://evil")\ufffd')
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert sum(float(str(row[3])) for row in list(book["Findings"].iter_rows(values_only=True))[1:]) > 1
    assert [row[4] for row in book["Calls"].iter_rows(min_row=2, values_only=True)] == [0.75, 2.17, 0.42, 1.5]
    assert book["Work"].max_row == sum(len(each.nights) for each in summary.hosts) + 1


def test_markdown_says_the_same_and_names_stay_names() -> None:
    text = markdown(health(), Speech())
    assert "**Health score: 89 (Grade B).**" in text
    assert "| Protection \\& access | Needs attention | 95 |" in text
    assert text.endswith("- **100 less all of these is your score: 89.0**\n")
    assert plain(EVIL) == '=HYPERLINK\\("http://evil"\\)\ufffd\\|\\*x\\*\\|\\`\\<script\\>\\` \\# head'


def test_each_format_can_be_made() -> None:
    begins = {
        "html": b"<!doctype html>",
        "pdf": b"%PDF",
        "xlsx": b"PK",
        "md": b"# IT health",
        "json": b"{",
    }
    of = health(others=False)
    assert set(begins) == set(FORMATS)
    for form in ("html", "xlsx", "md", "json"):
        assert report_month(of, form).startswith(begins[form])
    with pytest.raises(ValueError, match="docx"):
        report_month(of, "docx")
