"""The report as a workbook: computers, findings, updates and work, for whoever wants to sort."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from mspctl.errors import UsageError
from mspctl.report.facts.areas import CHECKS, Area
from mspctl.report.facts.posture import Result
from mspctl.report.facts.service import Service
from mspctl.report.facts.visible import visible
from mspctl.report.pages.protectionpage import ProtectionPage
from mspctl.report.score.health import Health
from mspctl.report.score.tenths import in_tenths, percent
from mspctl.report.wording import supportwords, words
from mspctl.report.wording.findingwords import FindingWords, short
from mspctl.report.wording.packagelines import held, installed, pending
from mspctl.report.wording.speech import Speech

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Cell = str | int | float | None
_WIDEST = 60
_CELL_LIMIT = 32_000
"""What Excel takes in a cell."""


def xlsx(health: Health, speech: Speech) -> bytes:
    """The workbook: the same bytes for the same month. No cell is a formula or a link, whatever a host said.

    Raises:
        UsageError: XlsxWriter is not installed.
    """
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - an extra
    except ImportError as error:
        hint = "pip install 'mspctl[xlsx]'"
        raise UsageError(f"a workbook needs XlsxWriter: {error}", hint=hint) from error
    content = BytesIO()
    book = Workbook(content, {"in_memory": True})
    book.set_properties({"created": _naive(health.summary.made), "title": health.summary.client_name})
    say = speech.say
    _sheet(book, say("Computers"), *_computers(health, speech))
    _sheet(book, say("Findings"), *_findings(health, speech))
    if health.postures:
        _sheet(book, say("Protection"), *_protection(health, speech))
    _sheet(book, say("Updates"), *_updates(health, speech))
    _sheet(book, say("Work"), *_work(health, speech))
    if health.service is not None:
        _sheet(book, say("Calls"), *_calls(health.service, health, speech))
    book.close()
    return content.getvalue()


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None, microsecond=0)


def _sheet(book: "Workbook", name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    widths = [len(head) for head in heads]
    count = 0
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):  # never `write`, which makes a formula or a link of some texts
                shown = visible(value)[:_CELL_LIMIT]
                sheet.write_string(count, column, shown)
                widths[column] = max(widths[column], min(_WIDEST, len(shown)))
            elif value is not None:
                sheet.write_number(count, column, value)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 2)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, count), len(heads) - 1)


def _computers(health: Health, speech: Speech) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    say, said = speech.say, FindingWords(speech)
    heads = (
        say("Computer"),
        say("Site"),
        say("System"),
        say("State"),
        *(said.short_area(area) for area in Area),
        say("Waiting"),
        say("Security"),
        say("Held"),
        say("Age of the check in days"),
        say("Support"),
    )
    parts = {(short(each.host), each.area): percent(each.part) for each in health.score.hosts}
    rows = (
        (
            host.host,
            host.site,
            host.os,
            words.label(host.state, speech),
            *(parts.get((host.host, area)) for area in Area),
            None if host.scan is None else host.scan.pending,
            None if host.scan is None else host.scan.security,
            None if host.scan is None else host.scan.held,
            host.scan_age_days,
            supportwords.sentence(host, speech),
        )
        for host in health.summary.hosts
    )
    return heads, rows


def _findings(health: Health, speech: Speech) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    say, said = speech.say, FindingWords(speech)
    heads = (say("Area"), say("Computer"), say("Finding"), say("Points"), say("Run"))
    rows = (
        (
            said.area(CHECKS[loss.measured.check].area),
            short(loss.measured.host),
            said.finding((loss.measured,)),
            in_tenths(loss.points * 100) / 1000,
            "" if loss.measured.evidence is None else loss.measured.evidence.run,
        )
        for loss in health.score.losses
    )
    return heads, rows


def _protection(health: Health, speech: Speech) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    say, page = speech.say, ProtectionPage(health, speech)
    states = {
        Result.NEW: say("new"),
        Result.OPEN: say("still open"),
        Result.UNMEASURED: say("not measured"),
        Result.WAIVED: say("accepted"),
        Result.FIXED: say("fixed"),
    }
    heads = (
        say("Computer"), say("State"), say("How grave"), say("Finding"), say("Why"), say("Since"), say("Run"),
    )  # fmt: skip
    rows = (
        (
            short(state.host),
            states[state.result],
            page.grave(state.severity),
            page.title(state.words.title if state.words else "") or state.check,
            page.waived(state.waiver) if state.waiver else (state.words.evidence if state.words else ""),
            f"{state.since:%Y-%m-%d}",
            state.before or state.run,
        )
        for posture in health.postures
        for state in posture.of(*states)
    )
    return heads, rows


def _updates(health: Health, speech: Speech) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    say, summary = speech.say, health.summary
    heads = (say("State"), say("Package"), say("From"), say("To"), say("Kind"), say("Computers"), say("Why"))
    kinds = (
        (say("Installed"), installed(summary, speech)),
        (say("Waiting"), pending(summary, speech)),
        (say("Held back"), held(summary, speech)),
    )
    rows = (
        (
            state,
            line.name,
            line.old,
            line.new,
            say("Security") if line.security else say("Other"),
            ", ".join(line.hosts),
            line.note,
        )
        for state, lines in kinds
        for line in lines
    )
    return heads, rows


def _work(health: Health, speech: Speech) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    say, zone = speech.say, health.summary.period.start.tzinfo
    heads = (say("Day"), say("Computer"), say("Outcomes"), say("Why"), say("Run"))
    said = words.outcomes(speech)
    found = [(night, host.host) for host in health.summary.hosts for night in host.nights]
    rows = (
        (f"{night.at.astimezone(zone):%Y-%m-%d %H:%M}", host, said[night.outcome], night.why, night.run)
        for night, host in sorted(found, key=lambda each: (each[0].at, each[1]))
    )
    return heads, rows


def _calls(
    service: Service, health: Health, speech: Speech
) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    """The time at work on each call, in hours."""
    say, zone = speech.say, health.summary.period.start.tzinfo
    heads = (say("Call"), say("Day"), say("What it was about"), say("Priority"), say("Hours"))
    rows = (
        (
            call.number,
            f"{call.at.astimezone(zone):%Y-%m-%d %H:%M}",
            call.title,
            call.priority,
            round(call.seconds / 3600, 2),
        )
        for call in service.calls
    )
    return heads, rows
