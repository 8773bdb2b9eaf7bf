"""The three ways of `runs resume`."""

from collections.abc import Mapping
from dataclasses import replace

from mspctl.cli.exits import Exit
from mspctl.cli.runverb import run_request, show_runs, watched
from mspctl.cli.session import Session
from mspctl.model.value import Value
from mspctl.wiring.resuming import abandon, bad_rows, load_run, open_rows, request_of, resume, resumption


def resume_open(session: Session, run_id: str, params: Mapping[str, Value]) -> int:
    """Collect pending or lost hosts."""
    app = session.app
    run = load_run(app, run_id)
    rows = open_rows(run)
    if not rows:
        session.console.error(f"run {run.id} has nothing open: every host has its outcome")
        return show_runs(session.console, [run])
    request = request_of(app, run, rows)
    request = replace(request, params={**request.params, **params})
    found = resumption(app, run, request, rows)
    return watched(session, found.prepared, lambda watch: resume(app, found, watch))


def rerun_failed(session: Session, run_id: str, params: Mapping[str, Value]) -> int:
    """A new run of the same request for the hosts that ended badly, or did not get their turn for that.

    The policy is that of this moment.
    """
    run = load_run(session.app, run_id)
    rows = bad_rows(run)
    if not rows:
        session.console.error(f"in run {run.id} no host ended badly, and none was skipped for that")
        return Exit.GOOD
    request = request_of(session.app, run, rows)
    request = replace(request, params={**request.params, **params}, at=None, ledger=None)
    return run_request(session, request)


def abandon_run(session: Session, run_id: str) -> int:
    """Close a run whose hosts nobody can ask any more."""
    run = abandon(session.app, load_run(session.app, run_id))
    return show_runs(session.console, [run])
