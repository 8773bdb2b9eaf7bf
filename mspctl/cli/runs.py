"""`mspctl runs`: the run log: list, show, resume, verify, prune."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.exits import Exit
from mspctl.cli.runoptions import PARAMETERS
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.model.run import Run


@click.group("runs")
def command() -> None:
    """List, show, resume, verify and prune the run log."""


@command.command("list")
@click.option("--client", metavar="NAME", help="Only runs of this client.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="From this day (UTC) on."
)
@click.option(
    "--last", type=click.IntRange(1), default=50, metavar="N", help="So many at most.", show_default=True
)
@pass_session
def list_runs(session: Session, /, client: str | None, since: datetime | None, last: int) -> None:
    """List runs, the oldest first."""
    from mspctl.cli.results import counts  # noqa: PLC0415 - --help needs none of it
    from mspctl.cli.rundoc import run_summary  # noqa: PLC0415 - as above

    with closing(session.app.open_store(write=False)) as store:
        day = since.replace(tzinfo=UTC) if since else None
        runs = list(store.runs(client=client, since=day, last=last))
    if session.console.wants_json:
        session.console.json({"runs": [run_summary(run) for run in runs]})
        return
    if not runs:
        session.console.error("there are no runs")
        return
    rows = [
        (run.id, f"{run.started:%Y-%m-%d %H:%M}Z", run.playbook, _state(run), counts([run])) for run in runs
    ]
    session.console.table("", ("run", "started", "playbook", "state", "hosts"), rows)


def _state(run: "Run") -> str:
    state = "open" if run.finished is None else "finished"
    return f"{state}, check" if run.check_mode else state


@command.command("show")
@click.argument("run_id", metavar="RUN")
@pass_session
def show(session: Session, /, run_id: str) -> None:
    """Show RUN (an id, or the word `last`): each host with its steps, changes and output."""
    from mspctl.cli.rundoc import run_document  # noqa: PLC0415 - --help needs none of it
    from mspctl.cli.runpage import show_run  # noqa: PLC0415 - as above
    from mspctl.wiring.resuming import named_run  # noqa: PLC0415 - as above

    with closing(session.app.open_store(write=False)) as store:
        run = store.load(named_run(store, run_id))
    if session.console.wants_json:
        session.console.json(run_document(run))
    else:
        show_run(session.console, run)


@command.command("resume")
@click.argument("run_id", metavar="RUN")
@click.option(
    "--failed", is_flag=True, help="Run again, as a new run, what ended badly, or was skipped for that."
)
@click.option("--abandon", is_flag=True, help="Give up: open hosts become `lost`; connect to none.")
@PARAMETERS
@pass_session
def resume_run(session: Session, /, run_id: str, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Collect what RUN (an id, or `last`) left open: hosts still pending, or those that ended as `lost`.

    Work that goes on on a host is followed, work that has ended is read; nothing is started a second time.
    """
    from mspctl.cli.resumeverb import abandon_run, rerun_failed, resume_open  # noqa: PLC0415 - as above

    if given["failed"] and given["abandon"]:
        raise UsageError("--failed and --abandon exclude each other")
    if given["abandon"]:
        return abandon_run(session, run_id)
    if given["failed"]:
        return rerun_failed(session, run_id, given["params"])
    return resume_open(session, run_id, given["params"])


@command.command("verify")
@click.argument("run_id", metavar="[RUN]", required=False)
@pass_session
def verify(session: Session, /, run_id: str | None) -> int:
    """Recompute RUN, or the whole run log: every planned host has one row, and no row was changed."""
    with closing(session.app.open_store(write=False)) as store:
        violations = store.verify(run_id)
        checked = 1 if run_id else store.count()
    if session.console.wants_json:
        found = [
            {"invariant": each.invariant, "problem": each.problem, "run": each.run, "host": each.host}
            for each in violations
        ]
        session.console.json({"runs": checked, "violations": found})
    else:
        for each in violations:
            where = " ".join(part for part in (each.run, each.host) if part)
            session.console.out(f"{each.invariant}: {where + ': ' if where else ''}{each.problem}")
        if not violations:
            session.console.out(f"{checked} runs verified, nothing wrong")
    return Exit.INTERNAL if violations else Exit.GOOD


@command.command("prune")
@click.option(
    "--days", type=click.IntRange(1, 36500), default=180, show_default=True, help="Keep this many days."
)
@click.option("--everything", is_flag=True, help="Forget whole runs, not only what steps printed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def prune(session: Session, /, days: int, *, everything: bool, yes: bool) -> None:
    """Forget what steps printed in old runs; outcomes, changes and findings stay for the reports.

    The JSON lines of those runs go from the state folder too.
    """
    from mspctl.wiring.pruning import prune_log  # noqa: PLC0415 - --help needs none of it

    before = datetime.combine(date.today(), datetime.min.time(), UTC) - timedelta(days=days)  # noqa: DTZ011 - a day
    what = "runs" if everything else "what steps printed in runs"
    if not yes and session.console.watched:
        click.confirm(f"forget {what} that ended before {before:%Y-%m-%d}?", abort=True, err=True)
    elif not yes:
        raise UsageError("this forgets records for good", hint="give --yes")
    pruned = prune_log(session.app, before, everything=everything)
    if session.console.wants_json:
        told = {"runs": pruned.runs, "bytes": pruned.bytes, "files": pruned.files}
        session.console.json({**told, "before": before.isoformat()})
    else:
        forgotten = f"{pruned.bytes} bytes of output and {pruned.files} files forgotten"
        session.console.out(f"{pruned.runs} runs before {before:%Y-%m-%d}: {forgotten}")
