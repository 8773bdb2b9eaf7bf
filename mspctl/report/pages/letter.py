"""The mail that a report travels in: a few plain lines, the same as a small page, and the PDF."""

from dataclasses import dataclass
from html import escape

from mspctl.report.facts.areas import grade
from mspctl.report.facts.visible import visible
from mspctl.report.pages.look import Look
from mspctl.report.score.health import Health
from mspctl.report.wording import words
from mspctl.report.wording.areawords import AreaWords
from mspctl.report.wording.decisions import Decision, decisions
from mspctl.report.wording.findingwords import FindingWords
from mspctl.report.wording.speech import Speech


@dataclass(frozen=True, slots=True)
class Letter:
    """What the reader sees before opening the report; `page` is HTML."""

    subject: str
    text: str
    page: str


def letter(health: Health, look: Look) -> Letter:
    """The answer of a month, and what the client is asked to decide."""
    speech, summary = look.speech, health.summary
    say, said = speech.say, FindingWords(speech)
    title = say("IT health report, {month}", month=speech.month(summary.period.start.date()))
    subject = f"{title}: {one_line(summary.client_name)}"
    score = say("not measured")
    if health.total is not None:
        score = f"{health.total} ({say('Grade {letter}', letter=grade(health.total))})"
    parts = [f"{say('Health score')}: {score}"]
    if summary.period.partial:
        parts.append(say("The month is not over."))
    areas = AreaWords(health, speech, said)
    parts += (areas.verdict(), f"{areas.failed()} {words.coverage(summary, speech)}")
    parts.append(health.said.note)
    asked = decisions(health, said)
    if asked:
        head = speech.many("One decision for you", "{count} decisions for you", len(asked))
        lines = [_asked(number, each, speech) for number, each in enumerate(asked, 1)]
        parts.append("\n".join((head, *lines)))
    parts += (say("The whole report is attached as a PDF."), look.theme.contact)
    clean = ["\n".join(visible(line) for line in part.strip().splitlines()) for part in parts if part.strip()]
    return Letter(subject, "\n\n".join((subject, *clean)) + "\n", _page(subject, clean, look))


def _asked(number: int, decision: Decision, speech: Speech) -> str:
    by = "" if decision.by is None else speech.say("by {day}", day=speech.day(decision.by))
    more = ", ".join(part for part in (decision.price, by) if part)
    return f"{number}. {decision.what}: {decision.why}{f' ({more})' if more else ''}"


def one_line(text: str) -> str:
    """Text for the head of a mail: no line of its own, and nothing that cannot be seen."""
    return visible(" ".join(text.split()))


def _page(subject: str, parts: list[str], look: Look) -> str:
    told = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>\n" for part in parts)
    return (
        f'<!doctype html>\n<html lang="{escape(look.speech.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n"
        f'<body style="font-family:sans-serif;line-height:1.5;max-width:40em">\n'
        f'<h1 style="font-size:1.3em;color:{look.theme.accent}">{escape(subject)}</h1>\n{told}'
        "</body></html>\n"
    )
