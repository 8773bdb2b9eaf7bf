"""What all run verbs do once they know their playbook."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from mspctl.cli.console import Console, Document
from mspctl.cli.exits import Exit, exit_code
from mspctl.cli.progress import LiveProgress, Silence, WordPerHost
from mspctl.cli.results import show_bad, show_digest, show_forecast, show_table, show_where
from mspctl.cli.rundoc import runs_document
from mspctl.cli.runoptions import RunOptions
from mspctl.cli.runreport import check_report, report_after
from mspctl.cli.session import Session
from mspctl.model.run import Run
from mspctl.wiring.preparing import Prepared, prepare
from mspctl.wiring.request import Request
from mspctl.wiring.running import Watch, carry_out

Work = Callable[[Watch], tuple[Run, ...]]
Show = Callable[[Console, Sequence[Run]], None]
More = Callable[[Sequence[Run]], Mapping[str, Document]]
"""What a verb adds to the document of its runs."""


def run_playbook(session: Session, options: RunOptions, playbook: str) -> int:
    """Prepare, ask if a person is there and every client is meant, run, show; the exit code."""
    return run_request(session, options.request(playbook), yes=options.yes, report=options.report)


def run_request(
    session: Session,
    request: Request,
    *,
    yes: bool = False,
    show: Show | None = None,
    more: More | None = None,
    report: Path | None = None,
) -> int:
    """As `run_playbook`; `show` prints the runs in place of the table, `more` adds to their document.

    `report` is the folder for the reports of the clients, which are written when all is done.
    """
    prepared = prepare(session.app, request)
    if report is not None:
        check_report(session, prepared, report)
    _agree(session.console, prepared, yes=yes)
    code = watched(session, prepared, lambda watch: carry_out(session.app, prepared, watch), show, more)
    return code if report is None else report_after(session, prepared, report) or code


def watched(
    session: Session, prepared: Prepared, work: Work, show: Show | None = None, more: More | None = None
) -> int:
    """Do `work` under the eyes of whoever is there, print what came of it; the exit code."""
    runs = under_eyes(session, prepared, work)
    return show_runs(session.console, runs, show, more, not_covered=prepared.not_covered)


def under_eyes(session: Session, prepared: Prepared, work: Work) -> tuple[Run, ...]:
    """Do `work` under the eyes of whoever is there."""
    console = session.console
    console.redactor = session.app.secrets
    notes = prepared.notes if console.verbose or console.watched else ()
    more = session.app.library.notes if console.verbose else ()
    for text in (*prepared.warnings, *notes, *more):
        console.error(f"mspctl: {text}")
    if not console.watched:
        return work(WordPerHost(console) if console.verbose else Silence(console))
    progress = LiveProgress(console)
    try:
        return work(progress)
    finally:
        progress.end()


def show_runs(
    console: Console,
    runs: Sequence[Run],
    show: Show | None = None,
    more: More | None = None,
    *,
    not_covered: Sequence[str] = (),
) -> int:
    """Print the end of runs as the caller wants it; the exit code, from their rows alone."""
    code = exit_code(host for run in runs for host in run.hosts)
    if console.wants_json:
        console.json({**runs_document(runs, not_covered), **(more(runs) if more else {})})
    elif show is not None:
        show(console, runs)
    else:
        show_usual(console, runs)
    return code


def show_usual(console: Console, runs: Sequence[Run]) -> bool:
    """A table on a terminal, a digest where something went wrong; True if anything was said."""
    code = exit_code(host for run in runs for host in run.hosts)
    if runs[0].check_mode:
        show_forecast(console, runs)
        show_bad(console, runs)
    elif console.terminal or console.verbose:
        show_table(console, runs)
        show_bad(console, runs)
        show_where(console, runs)
    elif code is not Exit.GOOD:
        show_digest(console, runs, code)
    else:
        return False
    return True


def _agree(console: Console, prepared: Prepared, *, yes: bool) -> None:
    """Every client at once is asked about, once, if there is somebody to ask."""
    request = prepared.request
    if yes or not request.target.everyone or request.check_mode:
        return
    if console.watched and sys.stdin is not None and sys.stdin.isatty():
        question = f"{request.playbook} on {prepared.hosts} hosts of {len(prepared.plans)} clients?"
        click.confirm(question, abort=True, err=True)
