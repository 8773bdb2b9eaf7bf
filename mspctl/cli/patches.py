"""`mspctl patches`: pending updates under the policy, decisions about them, missed windows."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.reasons import given_reason
from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.engine.patchstate import MissedWindow
    from mspctl.model.ledger import Decision
    from mspctl.wiring.patches import Update

_PACKAGE = re.compile(r"(?P<name>[^\s|=]{1,200})(?:=(?P<version>[^\s|]{1,200}))?")
_CLIENTS = click.option(
    "--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated."
)
_SHOWN_HOSTS = 4


@click.group("patches")
def command() -> None:
    """Show pending updates and missed windows; approve, reject and release updates."""


@command.command("pending")
@_CLIENTS
@pass_session
def pending(session: Session, /, clients: tuple[str, ...]) -> None:
    """List the updates that the last scan of each host found, and what policy does with them.

    ready and approved updates go in with the next patch run; the others say why they do not.
    """
    from mspctl.wiring.patches import pending_updates  # noqa: PLC0415 - --help needs none of it

    updates = pending_updates(session.app, clients)
    if session.console.wants_json:
        session.console.json({"updates": [_update_document(each) for each in updates]})
    elif not updates:
        session.console.error("no scan on record has found a pending update")
    else:
        columns = ("client", "package", "version", "security", "hosts", "first seen", "state")
        session.console.table("", columns, [_update_row(each) for each in updates])


def _update_row(update: "Update") -> Sequence[str]:
    first = f"{update.first_seen:%Y-%m-%d}" if update.first_seen else "-"
    names = ", ".join(update.hosts[:_SHOWN_HOSTS])
    more = f", +{len(update.hosts) - _SHOWN_HOSTS}" if len(update.hosts) > _SHOWN_HOSTS else ""
    security = "yes" if update.security else "no"
    return (update.client, update.package, update.version, security, names + more, first, _state(update))


def _state(update: "Update") -> str:
    state = update.state
    detail = f" ({state.detail})" if state.detail and state.word != "deferred" else ""
    return f"{state}{detail}"


def _update_document(update: "Update") -> Document:
    return {
        "client": update.client,
        "package": update.package,
        "version": update.version,
        "security": update.security,
        "hosts": list(update.hosts),
        "first_seen": utc_text(update.first_seen),
        "state": update.state.word,
        "detail": update.state.detail,
    }


def _decision_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--reason", required=True, metavar="TEXT", help="Why; kept with the decision."),
        click.option("--all", "everyone", is_flag=True, help="For every client."),
        click.option("--client", metavar="NAME", help="For this client."),
        click.argument("package", metavar="PACKAGE[=VERSION]"),
    ):
        function = option(function)
    return function


@command.command("approve")
@_decision_options
@pass_session
def approve(session: Session, /, package: str, client: str | None, reason: str, *, everyone: bool) -> None:
    """Let pending versions of PACKAGE (a name or a glob) be installed.

    Without =VERSION, exactly the versions that are pending now are approved: later ones wait again.
    """
    _decide(session, "approve", package, _scope(client, everyone=everyone), reason)


@command.command("reject")
@_decision_options
@pass_session
def reject(session: Session, /, package: str, client: str | None, reason: str, *, everyone: bool) -> None:
    """Keep PACKAGE from being upgraded: that version, or every version; until it is released."""
    _decide(session, "reject", package, _scope(client, everyone=everyone), reason)


@command.command("release")
@_decision_options
@pass_session
def release(session: Session, /, package: str, client: str | None, reason: str, *, everyone: bool) -> None:
    """Take back what was decided about PACKAGE, and lift its quarantine if it failed elsewhere."""
    _decide(session, "release", package, _scope(client, everyone=everyone), reason)


def _scope(client: str | None, *, everyone: bool) -> str:
    """The client's name, empty for all of them."""
    if bool(client) == everyone:
        raise UsageError("for whom? give either --client NAME or --all")
    return client or ""


def _decide(session: Session, word: str, package: str, client: str, reason: str) -> None:
    from mspctl.model.ledger import EVERY_VERSION, Verdict  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.patches import Asked, decide  # noqa: PLC0415 - as above

    match = _PACKAGE.fullmatch(package)
    if match is None:
        raise UsageError(f"`{package}` is no package", hint="write NAME or NAME=VERSION")
    said = given_reason(reason)
    asked = Asked(match["name"], match["version"] or EVERY_VERSION, client)
    decided = decide(session.app, Verdict(word), asked, said)
    made = decided.made
    if not decided.awaited:
        session.console.error(f"no scan has found {package} yet: look at the spelling, or wait for it")
    if session.console.wants_json:
        session.console.json({"decisions": [_decision_document(each) for each in made]})
        return
    for each in made:
        version = "every version" if each.version == EVERY_VERSION else each.version
        session.console.out(f"{each.verdict}: {each.package}, {version}, for {each.client or 'all clients'}")


def _decision_document(decision: "Decision") -> Document:
    return {
        "verdict": decision.verdict.value,
        "package": decision.package,
        "version": decision.version,
        "client": decision.client or None,
        "by": decision.by,
        "at": utc_text(decision.at),
        "reason": decision.reason,
    }


@command.command("missed")
@_CLIENTS
@click.option("--days", type=click.IntRange(1, 400), default=35, show_default=True, help="Look back so far.")
@pass_session
def missed(session: Session, /, clients: tuple[str, ...], days: int) -> None:
    """List hosts whose last patch window passed without a good patch run in it or after it."""
    from mspctl.wiring.patches import missed_windows  # noqa: PLC0415 - --help needs none of it

    found = missed_windows(session.app, clients, days)
    if session.console.wants_json:
        session.console.json({"missed": [_missed_document(each) for each in found]})
    elif not found:
        session.console.error("no host has missed its last window")
    else:
        columns = ("host", "missed window (UTC)", "last good run", "catch-up", "next window")
        session.console.table("", columns, [_missed_row(each) for each in found])


def _missed_row(missed: "MissedWindow") -> Sequence[str]:
    window = f"{missed.window.begins:%Y-%m-%d %H:%M} to {missed.window.ends:%Y-%m-%d %H:%M}"
    coming = missed.next_window.begins if missed.next_window else None
    catch_up = missed.catch_up.begins if missed.catch_up else None
    return (missed.host.key, window, _short(missed.last_good), _short(catch_up), _short(coming))


def _short(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"


def _missed_document(missed: "MissedWindow") -> Document:
    return {
        "client": missed.host.client,
        "host": missed.host.name,
        "begins": utc_text(missed.window.begins),
        "ends": utc_text(missed.window.ends),
        "last_good": utc_text(missed.last_good),
        "catch_up": utc_text(missed.catch_up.begins if missed.catch_up else None),
        "next": utc_text(missed.next_window.begins if missed.next_window else None),
    }
