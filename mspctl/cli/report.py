"""`mspctl report`: a client's month, from the run log. Connects to no host."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.exits import Exit
from mspctl.cli.reportflow import VERBS
from mspctl.cli.session import Session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.wiring.reportwriting import Order, Written

_FORMATS = ("html", "pdf", "xlsx", "md", "json")


@click.group("report", invoke_without_command=True, subcommand_metavar="[COMMAND] [ARGS]...")
@click.option("--client", metavar="NAME", help="Whose month.")
@click.option("--all", "everybody", is_flag=True, help="The month of every client, in parallel.")
@click.option("--month", metavar="YYYY-MM", help="Which month, in the client's time zone.")
@click.option(
    "--format",
    "formats",
    default="html",
    show_default=True,
    metavar="F,F",
    help="Of html, pdf, xlsx, md and json.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Where to write it; the current folder by default.",
)
@click.option(
    "--language", default="", metavar="LANG", help="Such as en or de; by default the theme's, or English."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    client: str | None,
    month: str | None,
    formats: str,
    output: Path,
    language: str,
    *,
    everybody: bool,
) -> int | None:
    """Write a client's report of a month from the run log.

    It begins with a health score by a published formula and says where each point was lost. Then: what to
    decide, every computer in six areas, disks, support terms (inventory/support.yml may add dates), calls,
    the plan, updates line by line. Each number stands with the computers it is known for; what nobody
    measured is never shown as 0 or 100 percent. pdf and xlsx need the extras of those names.

    With --all one client's trouble stops no other's report; the exit code is 1 if there was any.

    The commands draft, edit, approve and send bring a report to the client by mail.
    """
    if ctx.invoked_subcommand is not None:
        if client is not None or month is not None or everybody:
            raise UsageError("--client and --month stand behind the command", hint="see its --help")
        return None
    session = ctx.find_object(Session)
    if session is None or month is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'--month'", param_type="option")
    from mspctl.wiring.reportwriting import Order, write_report  # noqa: PLC0415 - --help needs none of it

    order = Order(month, _formats(formats), session.environment.cwd / output, language)
    if everybody:
        if client is not None or session.console.wants_json:
            raise UsageError("--all goes with neither --client nor --json")
        return _all(session, order)
    if client is None:
        raise UsageError("whose month?", hint="give --client NAME, or --all")
    if session.console.wants_json:
        _document(session, client, month)
    else:
        _show(session, write_report(session.app, client, order))
    return Exit.GOOD


for _verb in VERBS:
    command.add_command(_verb)


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [part for part in wanted if part not in _FORMATS]
    if unknown or not wanted:
        raise UsageError(f"no such format: {', '.join(unknown) or 'none given'}", hint=", ".join(_FORMATS))
    return wanted


def _all(session: Session, order: "Order") -> int:
    from mspctl.report.facts.period import month_of  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.reportwriting import write_all  # noqa: PLC0415 - as above

    clients = session.app.client_names()
    month_of(order.month, "UTC", session.app.clock.now())  # a month that is none is told once, not for each
    bad = 0
    for written in write_all(session.app, clients, order, os.cpu_count() or 1):
        _show(session, written)
        bad += bool(written.trouble)
    if bad:
        session.console.error(f"mspctl: {bad} of {len(clients)} clients have no report")
    return Exit.BAD_HOSTS if bad else Exit.GOOD


def _show(session: Session, written: "Written") -> None:
    for note in written.notes:
        session.console.error(f"mspctl: {note}")
    if written.trouble:
        session.console.error(f"mspctl: {written.client}: {written.trouble}")
    for file in written.files:
        session.console.out(file)


def _document(session: Session, client: str, month: str) -> None:
    from mspctl.report.formats.document import document  # noqa: PLC0415 - only wanted with --json
    from mspctl.wiring.reporting import client_health  # noqa: PLC0415 - --help needs none of it

    health = client_health(session.app, client, month)
    session.console.json(document(health.summary, health))
