"""`mspctl exec … -- COMMAND`: one command line on the hosts, its output on the screen."""

from collections.abc import Sequence
from typing import Any

import click

from mspctl.cli.console import Console
from mspctl.cli.results import counts, one_line, shown_name
from mspctl.cli.runoptions import options_of, run_options
from mspctl.cli.session import Session, pass_session
from mspctl.model.run import HostRun, Run


@click.command("exec")
@click.argument("line", nargs=-1, required=True, metavar="-- COMMAND…")
@run_options
@pass_session
def command(session: Session, /, line: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Run one command line on a client's hosts and print what each prints.

    One word after -- is a line for the shell ('df -h | tail -1'); several are a command and its arguments.
    """
    from mspctl.cli.runverb import run_request  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.adhoc import NAME  # noqa: PLC0415 - as above

    options = options_of(given)
    return run_request(session, options.request(NAME, line=line), yes=options.yes, show=show_outputs)


def show_outputs(console: Console, runs: Sequence[Run]) -> None:
    """Each host's outcome and output, host by host, in the order of the plan."""
    for run in runs:
        for host in run.hosts:
            _show(console, host, shown_name(host, runs))
    console.out(counts(runs))


def _show(console: Console, host: HostRun, name: str) -> None:
    outcome = host.outcome.value if host.outcome else "pending"
    why = [one_line(part) for part in (host.reason, host.detail) if part and part != outcome]
    console.out(": ".join([name, outcome, *why]))
    if host.remedy:
        console.out(f"  → {one_line(host.remedy)}")
    for step in host.steps:
        for text in step.output.text.rstrip("\n").split("\n") if step.output.text.strip() else ():
            console.out(f"  {text}")
