"""`mspctl restore`: `run` on the playbooks restore and restore-list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.console import Console
from mspctl.cli.results import show_bad, shown_name
from mspctl.cli.runoptions import options_of, refuse_options_before, run_options
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.model.run import Run

_SNAPSHOT = "snapshot:"


@click.group("restore", invoke_without_command=True)
@run_options
@click.pass_context
@pass_session
def command(session: Session, ctx: click.Context, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Restore a snapshot, or parts of it, onto its host: -e snapshot=ID -e paths=/etc,/srv -e target=DIR.

    --check says what would come. In place only with -e target=/ -e in_place=true. It is one
    host, unless --max-hosts allows more.
    """
    if ctx.invoked_subcommand is not None:
        refuse_options_before(ctx, given)
        return 0
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    given["max_hosts"] = given["max_hosts"] or 1

    return run_playbook(session, options_of(given), "restore")


@command.command("list")
@run_options
@pass_session
def snapshots(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """List what the repository has of each host: id, time (UTC), paths."""
    from mspctl.cli.runverb import run_request  # noqa: PLC0415 - --help needs none of it

    options = options_of(given)
    return run_request(session, options.request("restore-list"), yes=options.yes, show=show_snapshots)


def show_snapshots(console: Console, runs: "Sequence[Run]") -> None:
    """A line for each snapshot, and what went wrong."""
    rows = [
        (shown_name(host, runs), report.name.removeprefix(_SNAPSHOT), *_told(report.value))
        for run in runs
        for host in run.hosts
        for step in host.steps
        for report in step.reports
        if report.name.startswith(_SNAPSHOT)
    ]
    if rows:
        console.table("", ("host", "snapshot", "taken (UTC)", "paths", "but"), rows)
    show_bad(console, runs)


def _told(value: str) -> tuple[str, str, str]:
    """When it was taken, the paths in it, and why it may not be what one wants."""
    taken, _, paths = value.partition(" ")
    but = ""
    if paths.startswith("("):
        but, _, paths = paths.removeprefix("(").partition(") ")
    return taken, paths, but
