"""The mail around a report, of a month in which much was measured."""

from dataclasses import replace
from datetime import date

from mspctl.model.theme import Asked, Commentary, Theme
from mspctl.report.facts.summary import HostState
from mspctl.report.pages.letter import letter
from mspctl.report.pages.look import Look
from mspctl.testing.healthcase import health


def test_it_says_that_work_failed() -> None:
    of = health()
    bad = replace(of.summary.hosts[0], failures=1, state=HostState.FAILED)
    told = letter(replace(of, summary=replace(of.summary, hosts=(bad, *of.summary.hosts[1:]))), Look())
    assert "The last work failed on 1 computer. This report rests on" in told.text


def test_it_says_the_answer_the_note_and_what_to_decide() -> None:
    said = Commentary(
        "All is well.",
        "We moved\nyour mail.",
        (Asked("Replace <it>", "It is old", "10 EUR", date(2026, 12, 20)),),
    )
    told = letter(replace(health(), said=said), Look(theme=Theme(contact="Priya\n+44 1225 555 014")))
    assert told.text.splitlines()[0] == told.subject
    assert (
        "\n\nAll is well.\n\nThis report rests on checks of 12 of 13 computers.\n\nWe moved\nyour mail.\n\n"
        in told.text
    )
    assert "One decision for you\n1. Replace <it>: It is old (10 EUR, by 20 December 2026)\n" in told.text
    assert told.text.endswith("The whole report is attached as a PDF.\n\nPriya\n+44 1225 555 014\n")
    assert "Replace &lt;it&gt;" in told.page
    assert "<it>" not in told.page
    assert "We moved<br>your mail." in told.page
