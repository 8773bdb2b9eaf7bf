"""The report's first two pages as Markdown, for a ticket or a mail; nothing that a host said is markup."""

import re
from collections.abc import Iterator

from mspctl.report.facts.areas import area_light, grade
from mspctl.report.facts.visible import visible
from mspctl.report.score.health import Health
from mspctl.report.score.ledger import ledger
from mspctl.report.score.tenths import percent, total_in_tenths
from mspctl.report.wording import words
from mspctl.report.wording.areawords import AreaWords
from mspctl.report.wording.decisions import decisions
from mspctl.report.wording.figures import figures
from mspctl.report.wording.findingwords import FindingWords
from mspctl.report.wording.speech import Speech

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


def markdown(health: Health, speech: Speech) -> str:
    """The answer, the areas, the decisions and where points were lost."""
    return "\n".join(_lines(health, speech)) + "\n"


def plain(text: str) -> str:
    """Text in which every sign that Markdown knows stands for itself, on one line."""
    return _MARKUP.sub(r"\\\1", visible(text.replace("\n", " ")))


def _lines(health: Health, speech: Speech) -> Iterator[str]:
    say, summary, said = speech.say, health.summary, FindingWords(speech)
    month = speech.month(summary.period.start.date())
    title = say("IT health report, {month}", month=month)
    yield f"# {plain(title)}: {plain(summary.client_name)}"
    yield ""
    if summary.period.partial:
        unfinished = say("The month is not over.")
        yield f"**{unfinished}**"
        yield ""
    head, score, total = say("Health score"), say("not measured"), health.total
    if total is not None:
        letter = say("Grade {letter}", letter=grade(total))
        score = f"{total} ({letter})"
    yield f"**{head}: {score}.** {plain(AreaWords(health, speech, said).verdict())}"
    yield ""
    failed = AreaWords(health, speech, said).failed()
    yield plain(f"{failed} {words.coverage(summary, speech)}".strip())
    yield ""
    unknown = say("not measured")
    for figure in figures(health, speech):
        value = plain(f"{figure.value} ({figure.rest})") if figure.value else unknown
        yield f"- {plain(figure.name)}: {value}"
    yield from _areas(health, speech, said)
    yield from _asked(health, speech, said)
    yield from _lost(health, speech, said)


def _areas(health: Health, speech: Speech, said: FindingWords) -> Iterator[str]:
    areas, say = AreaWords(health, speech, said), speech.say
    yield ""
    yield "| " + " | ".join((say("Area"), say("Light"), say("Score"), say("Area and main fact"))) + " |"
    yield "| --- | --- | ---: | --- |"
    for each in health.score.areas:
        points = percent(each.part)
        light = areas.light(area_light(points, percent(health.score.lowest(each.area))))
        shown = "\u2013" if points is None else str(points)
        yield f"| {plain(said.area(each.area))} | {light} | {shown} | {plain(areas.fact(each))} |"


def _asked(health: Health, speech: Speech, said: FindingWords) -> Iterator[str]:
    found = decisions(health, said)
    if found:
        yield ""
        yield "## " + speech.many("One decision for you", "{count} decisions for you", len(found))
        yield ""
    for number, each in enumerate(found, 1):
        by = "" if each.by is None else speech.say("by {day}", day=speech.day(each.by))
        yield f"{number}. **{plain(each.what)}**: {plain(each.why)}{f' ({by})' if by else ''}"


def _lost(health: Health, speech: Speech, said: FindingWords) -> Iterator[str]:
    lines = ledger(health.score)
    if not lines or health.score.total is None:
        return
    yield ""
    yield "## " + speech.say("Where points were lost")
    yield ""
    for line in lines:
        yield f"- {speech.lost(line.tenths)}: {plain(said.line(line))}"
    rest, total = speech.say("100 less all of these is your score"), total_in_tenths(health.score)
    yield f"- **{rest}: {speech.earned(total, 1000, whole=not lines)}**"
