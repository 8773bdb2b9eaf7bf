"""Collecting what an interrupted run left open, and running again what went wrong."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from mspctl.engine.aroundhost import owes_last_line
from mspctl.engine.hosttask import ended
from mspctl.errors import UsageError
from mspctl.model.bundle import Bundle, Plan
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.model.run import ABANDONED, HostRun, Run
from mspctl.model.selection import Selection
from mspctl.ports import RunStore
from mspctl.wiring.app import App
from mspctl.wiring.leftover import close_left_behind
from mspctl.wiring.preparing import Prepared, prepare
from mspctl.wiring.request import Request, Target
from mspctl.wiring.requestfile import keep_request, read_request
from mspctl.wiring.running import Job, Watch, equip, new_run, take_locks, work

GIVEN_UP = Failure(Outcome.LOST, ABANDONED, "nobody waits for this host's result any more", "run again")


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run to go on with: its request made again from the present files, and what is open of it."""

    run: Run
    prepared: Prepared
    open: tuple[HostRun, ...]


def load_run(app: App, run_id: str) -> Run:
    """The run as recorded, by its id or as `last`. Raises StorageError if there is none."""
    with closing(app.open_store(write=False)) as store:
        return store.load(named_run(store, run_id))


def named_run(store: RunStore, name: str) -> str:
    """The id itself; for `last` that of the run that started last. Raises UsageError if there is none."""
    if name != "last":
        return name
    for run in store.runs(last=1):
        return run.id
    raise UsageError("there are no runs yet")


def request_of(app: App, run: Run, hosts: Sequence[HostRun]) -> Request:
    """What was asked for when the run began, for these of its hosts."""
    target = Target(clients=(run.client,), limit=",".join(row.host for row in hosts))
    asked = read_request(app.journals, run.id)
    return replace(asked, playbook=run.playbook, target=target, check_mode=run.check_mode)


def resumption(app: App, run: Run, request: Request, rows: Sequence[HostRun]) -> Resumption:
    """Compile again and compare.

    Raises:
        UsageError: the files say something else now, so the result could not be told from another plan's.
    """
    prepared = prepare(app, request)
    made = {bundle.host.key: bundle for _, plan in prepared.plans for bundle in plan.bundles}
    different = [row.host for row in rows if made[row.host].digest != row.bundle_digest]
    if different:
        raise UsageError(
            f"the files would now make other bundles than run {run.id} had for {', '.join(different)}",
            hint="restore them, or give the run up with --abandon and run again",
        )
    return Resumption(run, prepared, tuple(rows))


def resume(app: App, resumption: Resumption, watch: Watch) -> tuple[Run, ...]:
    """Go on with pending hosts in their run; collect `lost` ones in a new run that names the old one."""
    with ExitStack() as stack:
        (lock,) = take_locks(app, resumption.prepared, stack)
        equipment = equip(app, resumption.prepared)
        store = stack.enter_context(closing(app.open_store()))
        # Read again under the lock: what was open may have ended meanwhile.
        current = store.load(resumption.run.id)
        ((_, plan),) = resumption.prepared.plans
        known = _remembering(store, current)
        run = known if current.finished is None else _collecting(app, known, plan)
        # A clean end clears the lock, so what other dead ones left behind has its end before.
        close_left_behind(store, [name for name in lock.left_behind if name != run.id], app.clock.now())
        lock.announce([run.id])
        if run.id != current.id:
            keep_request(app.journals, run.id, resumption.prepared.frozen(run.client))
            store.plan(_without_traces(run), plan)
        job = Job(_only_pending(plan, run), run, lock)
        return work(app, store, [job], equipment, resumption.prepared, watch)


def abandon(app: App, run: Run) -> Run:
    """Give every open host of a run the word `lost`; nothing is connected to. Raises LockHeld."""
    with ExitStack() as stack:
        stack.enter_context(app.lock(run.client, run.playbook, ("mspctl", "runs", "resume")))
        store = stack.enter_context(closing(app.open_store()))
        now = app.clock.now()
        current = store.load(run.id)
        if current.finished is None:
            store.record(run.id, [ended(row.host, now, abandoned(row)) for row in current.pending])
            store.finish(run.id, now)
        return store.load(run.id)


def abandoned(row: HostRun) -> Failure:
    """The word on an open host that is given up; it may still be as `controller_before` has left it."""
    if not owes_last_line(row.reports):
        return GIVEN_UP
    detail = f"{GIVEN_UP.detail}, and its controller_after was not run"
    return replace(GIVEN_UP, detail=detail, remedy="do by hand what it would have done, then run again")


def _collecting(app: App, before: Run, plan: Plan) -> Run:
    """A new run for the lost hosts, which remembers where their work can be found."""
    rows = {row.host: row for row in before.hosts}
    run = new_run(app, before.client, plan, resumes=before.id, override=before.override)
    hosts = tuple(_with_trace(row, rows[row.host]) for row in run.hosts)
    return replace(run, nonce=before.nonce, hosts=hosts)


def _remembering(store: RunStore, run: Run) -> Run:
    """A run that collects, with what is on record of its open hosts in the runs whose hosts it collects."""
    if not run.resumes:
        return run
    rows = {row.host: row for row in _remembering(store, store.load(run.resumes)).hosts}
    hosts = tuple(_with_trace(row, rows[row.host]) if _open(row) else row for row in run.hosts)
    return replace(run, hosts=hosts)


def _open(row: HostRun) -> bool:
    return row.outcome is None or row.outcome is Outcome.LOST


def _with_trace(row: HostRun, before: HostRun) -> HostRun:
    """The row with what the earlier one knew: the trace, the verdicts and lines so far.

    What the later run has heard itself counts first; of the earlier one come the steps before its bundle.
    """
    heard = {step.index for step in row.steps}
    bundle = row.trace.first_step if row.trace else None
    earlier = tuple(
        step for step in before.steps if step.index not in heard and (bundle is None or step.index < bundle)
    )
    return replace(
        row,
        trace=row.trace or before.trace,
        attempt=max(row.attempt, before.attempt),
        steps=tuple(sorted((*earlier, *row.steps), key=lambda step: step.index)),
        reports=(*before.reports, *row.reports),
    )


def _without_traces(run: Run) -> Run:
    """As the run log wants a new run: rows that know nothing yet."""
    hosts = tuple(replace(row, trace=None, attempt=0, steps=(), reports=()) for row in run.hosts)
    return replace(run, hosts=hosts)


def _only_pending(plan: Plan, run: Run) -> Plan:
    open_hosts = {row.host for row in run.pending}
    bundles: tuple[Bundle, ...] = tuple(bundle for bundle in plan.bundles if bundle.host.key in open_hosts)
    return replace(plan, bundles=bundles, selection=Selection(tuple(bundle.host for bundle in bundles)))


def open_rows(run: Run) -> tuple[HostRun, ...]:
    """What `runs resume` can still find out about: pending hosts, or the lost ones of a finished run."""
    return run.pending or tuple(row for row in run.hosts if row.outcome is Outcome.LOST)


def bad_rows(run: Run) -> tuple[HostRun, ...]:
    """What `runs resume --failed` runs again: what ended badly, and what did not get its turn for that."""
    return tuple(row for row in run.hosts if row.due_again)
