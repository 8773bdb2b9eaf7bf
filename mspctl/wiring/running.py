"""The run itself: locks, secrets, rows on record, then hosts at work until each has its one outcome."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.fold import pending_run
from mspctl.engine.follow import NoBeginning
from mspctl.engine.runid import run_id
from mspctl.engine.sending import SPOOL_DAYS, RuntimeTexts, without_comments
from mspctl.engine.verdict import UNTOUCHED
from mspctl.errors import LockHeld, StorageError
from mspctl.model.bundle import NOTHING_AROUND, Bundle, Plan
from mspctl.model.event import Event
from mspctl.model.failure import Failure
from mspctl.model.run import Run
from mspctl.model.selection import Selection
from mspctl.ports import Library, LocalShell
from mspctl.runstore.jsonl import JsonLines
from mspctl.wiring.app import App
from mspctl.wiring.leftover import close_left_behind
from mspctl.wiring.locks import JobLock
from mspctl.wiring.ordering import order_of
from mspctl.wiring.preparing import Prepared
from mspctl.wiring.recorder import Recorder, unfinished
from mspctl.wiring.requestfile import keep_request
from mspctl.wiring.stopping import stopped_by_signals
from mspctl.wiring.version import version

if TYPE_CHECKING:
    from mspctl.runstore.store import SqlRunStore


_HANDED_ON = ("HOME", "LANG", "LOGNAME", "PATH", "SSH_AUTH_SOCK", "USER")
"""What a line for this machine finds in its environment, beside what it is told of its host."""


class Watch(Protocol):
    """Somebody who looks on: progress on a terminal, or nobody."""

    @property
    def whole(self) -> bool:
        """True if the end of the run is wanted with all that hosts printed."""

    def begin(self, runs: Sequence[Run]) -> None:
        """All rows are on record; the first connection comes next."""

    def see(self, events: Sequence[Event]) -> None:
        """These are on record; often an empty batch, twice a second."""

    def stopping(self, signals: int) -> None:
        """So many signals asked to stop."""

    def warn(self, text: str) -> None:
        """Something beside the run went wrong; the run goes on."""

    def spill(self, line: str) -> None:
        """The run log did not take this event, told as a JSON line: put it where it is not lost."""


@dataclass(frozen=True, slots=True)
class Job:
    """One client's share of a run under way."""

    plan: Plan
    run: Run
    lock: JobLock


def carry_out(app: App, prepared: Prepared, watch: Watch) -> tuple[Run, ...]:
    """Do it; the runs as the run log has them at the end, one per client.

    Raises:
        LockHeld: another process is at one of these jobs; nothing was touched.
        SecretError, ConfigurationError: a secret or a pinned key cannot be had; nothing was touched.
        StorageError: the run log cannot be used, before the first connection or in the middle (see its hint).
    """
    with ExitStack() as stack:
        try:
            locks = take_locks(app, prepared, stack)
        except LockHeld as error:
            app.audited("job-refused", {"command": " ".join(prepared.request.command), "why": str(error)})
            raise
        equipment = equip(app, prepared)
        store = stack.enter_context(closing(app.open_store()))
        for lock in locks:
            close_left_behind(store, lock.left_behind, app.clock.now())
        clients = [client.slug for client, _ in prepared.plans]
        since = app.clock.now() - timedelta(days=SPOOL_DAYS)
        equipment = replace(equipment, left=store.left_spools(clients, since))
        jobs = [
            Job(plan, new_run(app, client.slug, plan, override=prepared.override), lock)
            for (client, plan), lock in zip(prepared.plans, locks, strict=True)
        ]
        jobs = _one_nonce(jobs)
        try:
            for job in jobs:
                job.lock.announce([job.run.id])
                keep_request(app.journals, job.run.id, prepared.frozen(job.run.client))
                store.plan(job.run, job.plan)
                app.audited("run-started", _told_of_start(job, prepared))
            return work(app, store, jobs, equipment, prepared, watch)
        except KeyboardInterrupt:
            # Before the first host or after the last one: while they are at work a signal is no exception.
            known = close_left_behind(store, [job.run.id for job in jobs], app.clock.now(), UNTOUCHED)
            if not known:
                raise
            return tuple(final(store, run, whole=watch.whole) for run in known)


def _told_of_start(job: Job, prepared: Prepared) -> Mapping[str, str]:
    told = {"run": job.run.id, "client": job.run.client, "playbook": job.run.playbook}
    told |= {"hosts": str(len(job.run.hosts)), "check": "yes" if job.run.check_mode else "no"}
    if job.run.override:
        told |= {"windows": "not obeyed", "reason": job.run.override}
    return told | {"command": " ".join(prepared.request.command)}


def take_locks(app: App, prepared: Prepared, stack: ExitStack) -> tuple[JobLock, ...]:
    """All or none, in the order of the clients' names, so that two calls cannot wait for each other."""
    command = prepared.request.command
    return tuple(
        stack.enter_context(app.lock(client.slug, plan.playbook, command)) for client, plan in prepared.plans
    )


def equip(app: App, prepared: Prepared) -> Equipment:
    """Everything the hosts' threads need, secrets resolved. Raises SecretError, ConfigurationError."""
    from mspctl.transports.no_begin import classify_no_begin  # noqa: PLC0415 - only runs connect
    from mspctl.transports.no_begin_windows import classify_no_begin_windows  # noqa: PLC0415 - as above

    transport = app.transport(prepared.inventory)
    bundles = [bundle for _, plan in prepared.plans for bundle in plan.bundles]
    for bundle in bundles:
        for ref in bundle.secrets:
            app.secrets.resolve(ref)
    transport.prepare(bundle.host for bundle in bundles)

    def explain(said: NoBeginning) -> Failure:
        classify = classify_no_begin_windows if said.windows else classify_no_begin
        return classify(said.exit_status, said.stdout, said.stderr)

    texts = runtime_texts(app.library, windows=any(bundle.host.windows for bundle in bundles))
    return Equipment(transport, app.secrets.resolve, texts, app.clock, explain, _local_shell(app, bundles))


def _local_shell(app: App, bundles: Iterable[Bundle]) -> LocalShell | None:
    """Only where the plan has lines for this machine; they find none of the secrets in our environment."""
    if all(bundle.around == NOTHING_AROUND for bundle in bundles):
        return None
    from mspctl.transports.localshell import SystemShell  # noqa: PLC0415 - few inventories have such lines

    variables = app.environment.variables
    return SystemShell({name: variables[name] for name in _HANDED_ON if name in variables})


def runtime_texts(library: Library, *, windows: bool = False) -> RuntimeTexts:
    """The shell texts of the bundle's frame, as they travel."""
    names = ("launch", "worker", "finish")
    launch, worker, finish = (without_comments(library.shell(name)) for name in names)
    if not windows:
        return RuntimeTexts(launch, worker, finish)
    powershell = RuntimeTexts(*(without_comments(library.powershell(name)) for name in names))
    return RuntimeTexts(launch, worker, finish, windows=powershell)


def new_run(app: App, client: str, plan: Plan, *, resumes: str = "", override: str = "") -> Run:
    """A run with its pending rows, not yet on record."""
    started = app.clock.now()
    run = pending_run(
        plan,
        run_id(started, client, plan.playbook, secrets.token_bytes(2)),
        client,
        started=started,
        version=version(),
        nonce=secrets.token_hex(16),
        resumes=resumes,
    )
    return replace(run, override=override)


def _one_nonce(jobs: Sequence[Job]) -> list[Job]:
    """The runs of one call share their random bits; the engine derives each host's from them and its name."""
    nonce = jobs[0].run.nonce
    return [replace(job, run=replace(job.run, nonce=nonce)) for job in jobs]


def work(
    app: App,
    store: "SqlRunStore",
    jobs: Sequence[Job],
    equipment: Equipment,
    prepared: Prepared,
    watch: Watch,
) -> tuple[Run, ...]:
    """Hosts at work until every row is terminal; all rows are on record already."""
    runs = {job.run.client: job.run for job in jobs}
    journals = {
        client: JsonLines(app.journals, run, warn=watch.warn, redactor=app.secrets)
        for client, run in runs.items()
    }
    recorder = Recorder(store, runs, journals, watch.spill)
    execution = Execution(
        joined_plan([job.plan for job in jobs]),
        joined_run(jobs),
        equipment,
        prepared.policy,
        owner=owner(app, runs),
        order=order_of(prepared, (row.host for job in jobs for row in job.run.hosts)),
    )
    watch.begin(tuple(runs.values()))
    try:
        follow(execution, recorder, watch)
        recorder.finish(app.clock.now())
    except StorageError as error:
        raise unfinished(error, tuple(runs.values())) from error
    for job in jobs:
        job.lock.release(clean=True)
    ended = tuple(
        final(store, run.id, whole=watch.whole or bool(prepared.request.line)) for run in runs.values()
    )
    for run in ended:
        audit_end(app, run, watch)
    return ended


def audit_end(app: App, run: Run, watch: Watch) -> None:
    """How the run ended, and each host that did not show its key. The run is over: trouble is a warning."""
    try:
        for row in run.hosts:
            if row.reason.startswith("host-key"):
                told = {"run": run.id, "host": row.host, "reason": row.reason, "detail": row.detail}
                app.audited("host-key-refused", told)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.counts.items()))
        app.audited("run-ended", {"run": run.id, "hosts": counts})
    except StorageError as error:
        watch.warn(str(error))


def final(store: "SqlRunStore", run_id: str, *, whole: bool) -> Run:
    """The run as recorded; what hosts printed only if wanted or something went wrong: it can be much."""
    run = store.load(run_id, outputs=False)
    wanted = whole or any(outcome.bad for outcome in run.counts)
    return store.load(run_id) if wanted else run


def follow(execution: Execution, recorder: Recorder, watch: Watch) -> None:
    """Events into the run log first, then before the eyes."""
    seen = 0
    with stopped_by_signals(execution) as stopping:
        for batch in execution.batches():
            if batch:
                recorder.take(batch)
            watch.see(batch)
            if stopping.signals != seen:
                seen = stopping.signals
                watch.stopping(seen)


def joined_plan(plans: Sequence[Plan]) -> Plan:
    """The plans of several clients as one, for their execution side by side."""
    hosts = tuple(host for plan in plans for host in plan.selection.hosts)
    bundles = tuple(bundle for plan in plans for bundle in plan.bundles)
    return replace(plans[0], selection=Selection(hosts), bundles=bundles)


def joined_run(jobs: Sequence[Job]) -> Run:
    """The rows of several clients as one run, for their execution side by side."""
    return replace(jobs[0].run, hosts=tuple(row for job in jobs for row in job.run.hosts))


def owner(app: App, runs: Mapping[str, Run]) -> str:
    """How a host that is locked names us to others: never with the name of another client."""
    first = next(iter(runs.values()))
    if len(runs) == 1:
        return f"{app.environment.user} with mspctl run {first.id}"
    return f"{app.environment.user} with mspctl {first.playbook}, begun {first.started:%Y-%m-%d %H:%M:%S}Z"
