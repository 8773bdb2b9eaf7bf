"""Service levels as a JSON document."""

from mspctl.cli.console import Document
from mspctl.cli.rundoc import utc_text
from mspctl.model.servicelevel import Promise, ServiceLevels
from mspctl.report.formats.caredocument import figures_document


def levels_document(found: ServiceLevels) -> dict[str, Document]:
    """All figures, and each promise with its evidence."""
    return {
        "figures": [figures_document(each) for each in found.figures],
        "promises": [_document(each) for each in found.promises],
        "without": list(found.without),
    }


def _document(each: Promise) -> dict[str, Document]:
    return {
        "call": each.call,
        "title": each.title,
        "priority": each.priority,
        "goal": each.goal.value,
        "state": each.kept.value,
        "allowed_seconds": each.allowed,
        "took_seconds": each.took,
        "held_seconds": each.held,
        "over_seconds": each.over,
        "around_the_clock": each.around_the_clock,
        "asked": utc_text(each.asked),
        "due": utc_text(each.due),
        "done": utc_text(each.done),
        "evidence": [
            {
                "what": moment.what,
                "at": utc_text(moment.at),
                "written": utc_text(moment.written),
                "by": moment.author,
                "text": moment.text,
            }
            for moment in each.evidence
        ],
    }
