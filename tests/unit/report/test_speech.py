import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from mspctl.errors import UsageError
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.wording.speech import Speech, speech_of
from mspctl.testing.healthcase import health
from mspctl.testing.sentences import sentences

LOCALE = report_folder() / "locale"
FIELD = re.compile(r"\{(\w*)\}")


def catalogue() -> Catalog:
    with (LOCALE / "de.po").open("rb") as file:
        return read_po(file, locale="de", abort_invalid=True)


def test_the_german_catalogue_holds_each_sentence_and_no_other() -> None:
    known = {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue() if message.id
    }
    wanted = {forms[0] for forms, _ in sentences()}
    assert len(wanted) > 300
    assert {"missing": wanted - known, "left over": known - wanted} == {"missing": set(), "left over": set()}


def test_translations_speak_of_the_same_values_and_leave_none_out() -> None:
    for message in catalogue():
        if not message.id:
            continue
        ids = (message.id,) if isinstance(message.id, str) else message.id
        told = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        assert len(told) == len(ids), ids
        assert all(each and not message.fuzzy for each in told), ids
        values = {name for each in ids for name in FIELD.findall(each)}
        for each in told:
            assert set(FIELD.findall(each)) <= values, each
        assert {name for each in told for name in FIELD.findall(each)} == values, ids


def test_no_english_is_left_in_a_german_report() -> None:
    page = html(health(), Look(speech_of("de", LOCALE)))
    assert '<html lang="de">' in page
    text = re.sub(r"<style>.*?</style>|<bdi[^>]*>.*?</bdi>|<[^>]+>", " ", page, flags=re.DOTALL)
    english = re.compile(r"\b(the|is|are|with|not|computers?|score|October|known|waiting|measured)\b")
    assert english.findall(text.replace("Computer", "")) == []


def test_days_and_numbers_are_written_as_their_readers_do() -> None:
    german, english = speech_of("de", LOCALE), speech_of("en", LOCALE)
    assert german.day(date(2026, 3, 4)) == "4. März 2026"
    assert english.day(date(2026, 3, 4)) == "4 March 2026"
    assert (german.number(12345), english.number(12345)) == ("12.345", "12,345")
    assert (german.percent(Fraction(9995, 10000), 2), english.percent(0.5)) == ("99,95\u00a0%", "50%")
    assert german.money(Decimal("1234.5"), "EUR") == "1.234,50\u00a0€"
    assert english.money(Decimal("1234.5"), "GBP") == "£1,234.50"
    assert english.money(Decimal("1234.5"), "HUF") == "HUF1,234.50"  # as on the bill, whatever price tags say
    assert german.money(Decimal(1234), "JPY") == "1.234\u00a0¥"
    assert (german.tenths(-21), english.change(3), english.change(-3), english.change(0)) == (
        "-2,1",
        "+3",
        "\u22123",
        "\u00b10",
    )
    assert english.local_day(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), None) != ""
    assert [english.bytes(size) for size in (0, 999, 2_000_398_934_016, 256_000_000_000)] == [
        "0\u00a0B", "999\u00a0B", "2.0\u00a0TB", "256\u00a0GB",
    ]  # fmt: skip
    assert german.many("{count} computer", "{count} computers", 1) == "1 Computer"
    assert english.listed(("a", "b", "c", "d", "e"), 3) == "a, b and 3 more"


def test_values_are_never_read_as_sentences() -> None:
    assert Speech().say("{name}: not measured", name="{0} {name} %s") == "{0} {name} %s: not measured"


def test_a_language_that_nobody_wrote_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no reports in 'fr'") as caught:
        speech_of("fr", LOCALE)
    assert "de, en" in str(caught.value)
    for evil in ("../de", "/etc/passwd", ""):
        with pytest.raises(UsageError):
            speech_of(evil, LOCALE)
    (tmp_path / "xx.po").write_text('msgid "broken\n')
    with pytest.raises(UsageError, match="no catalogue"):
        speech_of("xx", tmp_path)


def test_another_language_needs_a_file_alone(tmp_path: Path) -> None:
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "fr.po").write_text(header + 'msgid "Healthy"\nmsgstr "Sain"\n')
    french = speech_of("fr", tmp_path)
    assert (french.say("Healthy"), french.say("At risk")) == ("Sain", "At risk")
    assert french.day(date(2026, 3, 4)) == "4 mars 2026"
