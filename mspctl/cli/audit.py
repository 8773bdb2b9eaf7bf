"""`mspctl audit`: what was started, refused and trusted on this machine, and whether the record is whole."""

from typing import TYPE_CHECKING

import click

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.runstore.audit import AuditEntry


@click.group("audit")
def command() -> None:
    """List and verify the audit log of this machine."""


@command.command("list")
@click.option(
    "--last", type=click.IntRange(1), default=50, metavar="N", help="So many at most.", show_default=True
)
@pass_session
def list_entries(session: Session, /, last: int) -> None:
    """List what was done, the oldest first."""
    entries = list(session.app.audit.entries())[-last:]
    if session.console.wants_json:
        session.console.json({"entries": [_document(entry) for entry in entries]})
        return
    if not entries:
        session.console.error("the audit log is empty")
        return
    rows = [(str(each.number), f"{each.at[:19]}Z", each.actor, each.event, _told(each)) for each in entries]
    session.console.table("", ("number", "at", "who", "what", "about"), rows)


@command.command("verify")
@pass_session
def verify(session: Session, /) -> int:
    """Recompute the chain of the audit log; every line that does not fit is named.

    The head is the digest of the last line. Kept elsewhere, it also shows when lines were cut off at the end.
    """
    audit = session.app.audit
    count, wrong = audit.verify()
    head = audit.head()
    if session.console.wants_json:
        session.console.json({"entries": count, "problems": list(wrong), "head": head})
    elif wrong:
        session.console.out("\n".join([f"{audit.path}:", *(f"  {each}" for each in wrong)]))
    else:
        session.console.out(f"{count} lines verified, nothing wrong; head {head}")
    return Exit.INTERNAL if wrong else Exit.GOOD


def _told(entry: "AuditEntry") -> str:
    return ", ".join(f"{name}={value}" for name, value in entry.fields)


def _document(entry: "AuditEntry") -> dict[str, str | int | dict[str, str]]:
    return {
        "number": entry.number,
        "at": entry.at,
        "actor": entry.actor,
        "event": entry.event,
        "fields": dict(entry.fields),
    }
