"""`mspctl call write` and `export`: what a call leaves behind in writing, and time for other programs."""

import click

from mspctl.cli.session import Session, pass_session
from mspctl.cli.whose import whose_month

_KINDS = ("kimai", "connectwise")


@click.command("write")
@click.argument("number", type=click.IntRange(1))
@click.option(
    "--for",
    "purpose",
    type=click.Choice(("ticket", "knowledge")),
    default="ticket",
    show_default=True,
    help="A note for the ticket, or a draft for the knowledge base.",
)
@pass_session
def write(session: Session, /, number: int, purpose: str) -> None:
    """Write down what happened on call NUMBER: times, notes, runs, hosts, changes, how it ended.

    The draft for the knowledge base names neither the client nor hosts nor people, as far as mspctl knows
    them; somebody has to read it before it is shared.
    """
    from mspctl.wiring.callpaper import call_text  # noqa: PLC0415 - --help needs none of it

    text = call_text(session.app, number, purpose)
    if session.console.wants_json:
        session.console.json({"call": number, "for": purpose, "text": text})
    else:
        session.console.out(text.rstrip("\n"))


@click.command("export")
@whose_month
@click.option("--as", "kind", type=click.Choice(_KINDS), default="kimai", show_default=True, help="For what.")
@pass_session
def export(session: Session, /, client: str, month: str, kind: str) -> None:
    """Print the time of a month's calls as CSV for another program."""
    from mspctl.wiring.callpaper import time_table  # noqa: PLC0415 - --help needs none of it

    text = time_table(session.app, client, month, kind)
    if session.console.wants_json:
        session.console.json({"client": client, "month": month, "as": kind, "csv": text})
    else:
        session.console.out(text.rstrip("\n"))


VERBS = (write, export)
