"""Fonts of a theme: what is none is refused, and what must not be embedded is not."""

import io
import struct
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from mspctl.errors import ConfigurationError
from mspctl.library.reportfiles import report_files
from mspctl.library.woff2 import os2_of
from mspctl.report.formats.pdf import pdf
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look, report_folder
from mspctl.testing.healthcase import health

OURS = report_folder() / "fonts" / "inter-latin-400-normal.woff2"
SAID = '[[font]]\nfile = "{name}"\nlicence = "SIL Open Font License 1.1"\n'


@lru_cache
def brand(permissions: int = 0, kind: str = "ttf") -> bytes:
    """A font called Brand, with what it says of being embedded."""
    font = TTFont(OURS)
    font.flavor = None if kind == "ttf" else kind
    font["OS/2"].fsType = permissions
    for record in font["name"].names:
        if record.nameID in {1, 4, 6, 16}:
            record.string = "Brand"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def themed(folder: Path, name: str, content: bytes, text: str = SAID) -> Path:
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report" / "theme.toml").write_text(text.format(name=name))
    (folder / "report" / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("kind", ["ttf", "woff", "woff2"])
def test_a_font_is_part_of_the_page_and_of_its_charts(tmp_path: Path, kind: str) -> None:
    theme = report_files(themed(tmp_path, f"brand.{kind}", brand(kind=kind)), "acme").theme
    page = html(health(others=False), Look(theme=theme))
    assert f"src: url(data:font/{kind};base64," in page
    assert 'font: 400 15px/1.5 "Theme text", "Inter"' in page
    assert page.count('font-family="Inter') == 0
    assert "'Theme text', Inter" in page
    assert page.count('"Theme titles"') == 0


def test_the_pdf_is_set_in_it(tmp_path: Path) -> None:
    theme = report_files(themed(tmp_path, "brand.ttf", brand()), "acme").theme
    page = html(health(others=False), Look(theme=theme))
    short = page[: page.index("<main")] + "<main><h1>Brand</h1><p>Text</p></main></body></html>"
    with pikepdf.open(io.BytesIO(pdf(short))) as document:
        names = {str(font.BaseFont) for font in document.pages[0].Resources.Font.values()}
    assert {name.partition("+")[2] for name in names} == {"Theme-text", "Source-Serif-4-Semi-Bold"}


@pytest.mark.parametrize(
    ("name", "content", "text", "problem"),
    [
        ("brand.ttf", lambda: brand(2), SAID, "must not be embedded"),
        ("brand.woff", lambda: brand(2, "woff"), SAID, "must not be embedded"),
        ("brand.ttf", lambda: brand(0x100), SAID, "no part of it may be embedded"),
        ("brand.ttf", lambda: brand(0x200), SAID, "no part of it may be embedded"),
        ("brand.ttf", lambda: b"\0\1\0\0" + b"\xff" * 40, SAID, "is no font of its kind"),
        ("brand.ttf", lambda: brand()[:60], SAID, "is no font of its kind"),
        ("brand.woff", lambda: brand(kind="woff")[:60], SAID, "is no font of its kind"),
        ("brand.ttf", lambda: b"", SAID, "is no font of its kind"),
        ("brand.ttf", lambda: b"<script>", SAID, "is no font of its kind"),
        ("brand.woff2", lambda: brand(2, "woff2"), SAID, "must not be embedded"),
        ("brand.woff2", lambda: brand(0x100, "woff2"), SAID, "no part of it may be embedded"),
        ("brand.woff2", lambda: brand(kind="woff2")[:40], SAID, "is no font of its kind"),
        ("brand.woff2", lambda: brand(kind="woff2")[:300], SAID, "is no font of its kind"),
        ("brand.woff2", lambda: brand(kind="woff2")[:47] + b"\xff" * 900, SAID, "is no font of its kind"),
        ("brand.eot", brand, SAID, "is no TTF, OTF, WOFF or WOFF2"),
        ("brand.ttf", lambda: b"\0" * 300_000, SAID, "larger than 256 KiB"),
        ("brand.ttf", brand, SAID.replace("{name}", "../brand.ttf"), "not the name of a file"),
        ("brand.ttf", brand, SAID.replace("{name}", "other.ttf"), "there is no font"),
        ("brand.ttf", brand, '[[font]]\nfile = "{name}"\n', "licence"),
        ("brand.ttf", brand, SAID + 'use = "code"\n', "`code` is not one of text, titles"),
        ("brand.ttf", brand, SAID + 'weight = "250"\n', "`250` is not one of normal, bold"),
    ],
)
def test_what_is_no_font_or_must_not_be_embedded_is_refused(
    tmp_path: Path, name: str, content: Callable[[], bytes], text: str, problem: str
) -> None:
    folder = themed(tmp_path, name, content(), text)
    with pytest.raises(ConfigurationError) as caught:
        report_files(folder, "acme")
    assert problem in str(caught.value)


def test_print_and_edit_permissions_are_enough(tmp_path: Path) -> None:
    for permissions in (0x4, 0x8, 0xE):
        folder = themed(tmp_path, "brand.ttf", brand(permissions))
        assert report_files(folder, "acme").theme.fonts[0].licence == "SIL Open Font License 1.1"


def test_our_own_fonts_are_read_as_fonttools_reads_them() -> None:
    for file in sorted(OURS.parent.glob("*.woff2")):
        assert struct.unpack_from(">H", os2_of(file.read_bytes()), 8) == (TTFont(file)["OS/2"].fsType,)


def test_a_small_file_does_not_fill_the_memory() -> None:
    """A table of 8 bytes that says that it lies a gigabyte in."""
    far = b"".join((b"\x00", b"\x84\x80\x80\x80\x00", b"\x06", b"\x08"))
    head = b"wOF2" + b"\0\1\0\0" + struct.pack(">IHH", 100, 2, 0) + bytes(32)
    with pytest.raises(ValueError, match="1073741832"):
        os2_of(head + far + b"\x06")
