"""`mspctl roadmap`: what lies ahead of a client, from facts."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.paper import paper_options, show_files
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.model.roadmap import Roadmap
    from mspctl.wiring.pages import Paper


@click.command("roadmap")
@click.option("--client", required=True, metavar="NAME", help="Whose.")
@click.option(
    "--more", type=click.IntRange(1, 10_000), metavar="N", help="What so many more hosts would mean."
)
@click.option("--kind", default="server", show_default=True, metavar="KIND", help="The kind of those hosts.")
@click.option(
    "--warranty",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take over a vendor's list of warranties (CSV) first.",
)
@pass_session
@paper_options("html", "pdf")
def command(
    session: Session,
    /,
    client: str,
    more: int | None,
    kind: str,
    warranty: Path | None,
    paper: "Paper | None",
) -> None:
    """Show what ends, fills up or comes again at a client, risks with owner and date, and a budget.

    Facts come from the run log, monitoring, the desk and support dates; prices and risks from
    roadmap/CLIENT.toml. What is not known is named.
    """
    from mspctl.wiring.roadmap import Wanted, import_warranties, roadmap_of, write_roadmap  # noqa: PLC0415 - --help

    if warranty is not None:
        count, foreign = import_warranties(session.app, client, warranty)
        session.console.error(f"mspctl: devices known now: {count}")
        if foreign:
            session.console.error(f"mspctl: not in the inventory, left out: {', '.join(foreign)}")
    found = roadmap_of(session.app, client, Wanted(more, kind) if more else None)
    if paper is not None:
        show_files(session, write_roadmap(session.app, client, found, paper))
    elif session.console.wants_json:
        from mspctl.cli.roadmapdocument import roadmap_document  # noqa: PLC0415 - only wanted with --json

        session.console.json(roadmap_document(found))
    else:
        _show(session, found)


def _show(session: Session, found: "Roadmap") -> None:
    from mspctl.report.wording.roadmapwords import RoadmapWords  # noqa: PLC0415 - --help needs none of it
    from mspctl.report.wording.words import ENGLISH  # noqa: PLC0415 - as above

    words, console = RoadmapWords(found, ENGLISH), session.console
    rows = [
        (f"{each.due}, overdue" if each.overdue else each.due, each.what, each.why, each.owner, each.price)
        for each in words.items
    ]
    console.table(f"{found.client}, {found.made}", ("by", "what", "why", "owner", "price"), rows)
    budget = [(each.name, each.items, each.unpriced, each.amount) for each in words.quarters]
    if budget:
        console.table("budget", ("quarter", "items", "without a price", "amount"), budget)
    for line in (words.more, *words.unknown):
        if line:
            console.out(line)
