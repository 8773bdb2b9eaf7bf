"""`mspctl incident`: what was down from when to when, and who takes care of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.reasons import given_reason
from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.model.monitoring import IncidentWord

if TYPE_CHECKING:
    from mspctl.monitor.incidents import Incident

_NUMBER = click.argument("number", type=click.IntRange(1))
_TEXT = click.option("-m", "text", required=True, metavar="TEXT", help="In a few words; kept for ever.")


@click.group("incident")
def command() -> None:
    """List, show and acknowledge incidents of `mspctl monitor`."""


@command.command("list")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Those that are over as well.")
@pass_session
def list_(session: Session, /, clients: tuple[str, ...], *, everything: bool) -> None:
    """List the open incidents."""
    from mspctl.wiring.incidents import incidents_of  # noqa: PLC0415 - --help needs none of it

    found = [each for each in incidents_of(session.app, clients) if everything or each.closed is None]
    if session.console.wants_json:
        session.console.json({"incidents": [incident_document(each) for each in found]})
    elif not found:
        session.console.error("there are no incidents" if everything else "no incident is open")
    else:
        columns = ("incident", "client", "probe", "seen", "opened (UTC)", "closed", "acknowledged", "what")
        session.console.table("", columns, [_row(each) for each in found])


@command.command("show")
@_NUMBER
@pass_session
def show(session: Session, /, number: int) -> None:
    """Show all that happened to an incident."""
    from mspctl.wiring.incidents import incident  # noqa: PLC0415 - --help needs none of it

    found = incident(session.app, number)
    if session.console.wants_json:
        session.console.json(incident_document(found))
        return
    session.console.table("", ("key", "value"), _facts(found))
    for each in found.records:
        author = f" {each.author}" if each.author else ""
        seen = f" [{each.evidence}]" if each.evidence else ""
        session.console.out(f"{utc_text(each.at)} {each.word.value}{author}: {each.text}{seen}")


@command.command("ack")
@_NUMBER
@_TEXT
@pass_session
def ack(session: Session, /, number: int, text: str) -> None:
    """Say that you take care of an open incident."""
    _tell(session, number, IncidentWord.ACKNOWLEDGED, text)


@command.command("note")
@_NUMBER
@_TEXT
@pass_session
def note(session: Session, /, number: int, text: str) -> None:
    """Write something down about an incident."""
    _tell(session, number, IncidentWord.NOTED, text)


def _tell(session: Session, number: int, word: IncidentWord, text: str) -> None:
    from mspctl.wiring.incidents import tell_incident  # noqa: PLC0415 - as above

    found = tell_incident(session.app, number, word, given_reason(text))
    if session.console.wants_json:
        session.console.json(incident_document(found))
    else:
        session.console.out(f"incident {number}, {found.client}, {found.key}: {word.value}")


def incident_document(incident: "Incident") -> Document:
    """As JSON."""
    taken = incident.acknowledged
    return {
        "incident": incident.number,
        "client": incident.client,
        "probe": incident.key,
        "seen": incident.seen.value,
        "opened": utc_text(incident.opened),
        "closed": utc_text(incident.closed),
        "detail": incident.detail,
        "acknowledged_by": taken.author if taken else None,
        "records": [
            {
                "word": each.word.value,
                "at": utc_text(each.at),
                "seen": each.seen.value,
                "text": each.text,
                "author": each.author or None,
                "evidence": each.evidence or None,
            }
            for each in incident.records
        ],
    }


def _row(incident: "Incident") -> tuple[str, ...]:
    taken = incident.acknowledged
    return (
        str(incident.number),
        incident.client,
        incident.key,
        incident.seen.value,
        f"{incident.opened:%Y-%m-%d %H:%M}",
        f"{incident.closed:%Y-%m-%d %H:%M}" if incident.closed else "",
        taken.author if taken else "",
        incident.detail,
    )


def _facts(incident: "Incident") -> list[tuple[str, str]]:
    names: tuple[tuple[str, Callable[[Incident], str]], ...] = (
        ("incident", lambda each: str(each.number)),
        ("client", lambda each: each.client),
        ("probe", lambda each: each.key),
        ("seen", lambda each: each.seen.value),
        ("opened", lambda each: utc_text(each.opened) or ""),
        ("closed", lambda each: utc_text(each.closed) or ""),
        ("what", lambda each: each.detail),
    )
    return [(name, value) for name, told in names if (value := told(incident))]
