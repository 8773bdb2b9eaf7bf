"""`mspctl site`: pages for the provider's own people, from the inventory and the run log."""

from pathlib import Path

import click

from mspctl.cli.session import Session, pass_session


@click.group("site")
def command() -> None:
    """Build the staff's site: all clients and computers at a glance."""


@command.command("build")
@click.option(
    "--output",
    "--out",
    "output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="A folder for the site alone; made if it is missing.",
)
@click.option("--if-changed", "only_if_changed", is_flag=True, help="Do nothing if nothing has changed.")
@pass_session
def build(session: Session, /, output: Path, *, only_if_changed: bool) -> None:
    """Write the overview, a page of all computers and one of each client; connects to no host.

    The pages need no server and no network: open index.html. They are readable by this user only. With
    --if-changed a build from cron every few minutes costs a second; what the hours alone change (a window
    that passed, a hold that ended) is looked at once an hour.
    """
    from mspctl.wiring.staffsite import build_site  # noqa: PLC0415 - --help needs none of it

    built = build_site(session.app, session.environment.cwd / output, only_if_changed=only_if_changed)
    if session.console.wants_json:
        session.console.json(
            {
                "index": str(built.index),
                "clients": built.clients,
                "hosts": built.hosts,
                "written": built.written,
                "removed": built.removed,
            }
        )
    elif session.console.terminal or built.written:
        session.console.out(str(built.index))
