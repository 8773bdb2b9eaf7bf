"""From folded hosts to rows, many at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, Update, bindparam, delete, insert, update

from mspctl.model.bundle import Plan
from mspctl.model.hostfold import OUTSIDE
from mspctl.model.run import HostRun, Run, StepRun
from mspctl.model.window import Redactor
from mspctl.runstore import tables
from mspctl.runstore.chain import next_link, step_digest
from mspctl.runstore.codec import digest, outline_text, output_digest, pack, report_columns, time_text
from mspctl.runstore.dialect import insert_of
from mspctl.runstore.ledgerrows import LedgerRows, Origin
from mspctl.runstore.live import LiveHost, LiveRun, LiveStep

Columns = dict[str, Any]


@dataclass(slots=True)
class Batch:
    """Rows to be written in one transaction, in an order that the triggers accept: terminal hosts last."""

    restarted: list[Columns] = field(default_factory=list)
    steps: list[Columns] = field(default_factory=list)
    reports: list[Columns] = field(default_factory=list)
    outputs: list[Columns] = field(default_factory=list)
    hosts: list[Columns] = field(default_factory=list)
    ledger: LedgerRows = field(default_factory=LedgerRows)

    def write(self, connection: Connection) -> None:
        """Send the rows."""
        dialect = connection.dialect.name
        for statement, rows in (
            (_delete_reports(), self.restarted),
            (_upsert(tables.step_run, dialect), self.steps),
            (insert(tables.report), self.reports),
            (_upsert(tables.output, dialect), self.outputs),
            (_update_host(), self.hosts),
        ):
            if rows:
                connection.execute(statement, rows)
        self.ledger.write(connection)


@cache
def _upsert(table: Table, dialect: str) -> Insert:
    statement = insert_of(dialect)(table)
    keys = [column.name for column in table.primary_key]
    values = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def _delete_reports() -> Delete:
    columns = tables.report.c
    return delete(tables.report).where(
        columns.run == bindparam("the_run"),
        columns.position == bindparam("the_position"),
        columns.step == bindparam("the_step"),
    )


@cache
def _update_host() -> Update:
    columns = tables.host_run.c
    return update(tables.host_run).where(
        columns.run == bindparam("the_run"), columns.position == bindparam("the_position")
    )


def write_plan(connection: Connection, run: Run, plan: Plan) -> int:
    """One row for the run, one pending row per planned host; returns the run's number."""
    outlines = {digest(text): text for text in (outline_text(host.outline) for host in run.hosts)}
    dialect = connection.dialect.name
    make = insert_of(dialect)
    connection.execute(
        make(tables.outline).on_conflict_do_nothing(),
        [{"digest": key, "steps": text} for key, text in outlines.items()],
    )
    row = {
        "id": run.id,
        "client": run.client,
        "playbook": run.playbook,
        "check_mode": run.check_mode,
        "digest": run.digest,
        "inventory_digest": run.inventory_digest,
        "started": time_text(run.started),
        "version": run.version,
        "nonce": run.nonce,
        "resumes": run.resumes,
        "planned": len(plan.bundles),
        "outputs_pruned": False,
    }
    result = connection.execute(insert(tables.run).returning(tables.run.c.seq), row)
    seq = int(result.scalar_one())
    if run.override:
        connection.execute(insert(tables.override), {"run": seq, "reason": run.override})
    pending = [_pending_columns(seq, position, host) for position, host in enumerate(run.hosts)]
    connection.execute(insert(tables.host_run), pending)
    return seq


def _pending_columns(seq: int, position: int, host: HostRun) -> Columns:
    fixed = {
        "run": seq,
        "position": position,
        "host": host.host,
        "site": host.site,
        "bundle_digest": host.bundle_digest,
        "outline": digest(outline_text(host.outline)),
    }
    return fixed | _changing_columns(host)


def _changing_columns(host: HostRun) -> Columns:
    trace = host.trace
    return {
        "outcome": host.outcome and host.outcome.value,
        "reason": host.reason,
        "detail": host.detail,
        "remedy": host.remedy,
        "started": host.started and time_text(host.started),
        "finished": host.finished and time_text(host.finished),
        "seconds": host.seconds,
        "round_trips": host.round_trips,
        "attempt": host.attempt,
        "fingerprint": host.fingerprint,
        "nonce": trace and trace.nonce,
        "spool": trace and trace.spool,
        "boot_id": trace and trace.boot_id,
        "first_step": trace and trace.first_step,
    }


def gather(live: LiveRun, keys: Iterable[str], redactor: Redactor) -> Batch:
    """The rows for what changed of the hosts `keys`; ended hosts leave the memory."""
    batch = Batch()
    for key in keys:
        host = live.hosts[key]
        for index in sorted(host.fold.touched):
            step = _gather_step(batch, live.seq, host, index, redactor)
            batch.ledger.note(step, _origin(live, host))
        host.fold.touched.clear()
        host.fold.restarted.clear()
        columns = _changing_columns(host.fold.row)
        columns |= {"the_run": live.seq, "the_position": host.position, "ended_as": None, "chain": None}
        if host.fold.terminal:
            steps = [(index, host.written[index].digest) for index in sorted(host.written)]
            live.chain = next_link(live.chain, host.fold.row, steps)
            live.ended += 1
            columns |= {"ended_as": live.ended, "chain": live.chain}
            live.over.add(key)
            del live.hosts[key]
        batch.hosts.append(columns)
    return batch


def _origin(live: LiveRun, host: LiveHost) -> Origin:
    row = host.fold.row
    since = time_text(row.started) if row.started else live.started
    return Origin(live.client, row.host, since, live.check_mode)


def _gather_step(batch: Batch, seq: int, host: LiveHost, index: int, redactor: Redactor) -> StepRun:
    fold = host.fold.steps[index]
    place = {"run": seq, "position": host.position, "step": index}
    old = host.written.get(index)
    if old and index in host.fold.restarted:
        batch.restarted.append({f"the_{name}": value for name, value in place.items()})
        old.reports = 0
    total = fold.window.total
    step = fold.value(host.fold.row.outline, redactor)
    changed = index in host.fold.restarted or old is None or old.output_bytes != total
    printed = output_digest(step.output) if changed or old is None else old.output_digest
    if changed and (total or old):
        batch.outputs.append(place | _output_columns(step))
    first = old.reports if old else 0
    for number, report in enumerate(step.reports[first:], first):
        batch.reports.append({**place, "number": number, **report_columns(report)})
    written = LiveStep(step_digest(step, printed), len(step.reports), total, printed)
    host.written[index] = written
    batch.steps.append(place | _step_columns(step, written))
    if step.status is not None and index != OUTSIDE:
        del host.fold.steps[index]
    return step


def _step_columns(step: StepRun, written: LiveStep) -> Columns:
    return {
        "status": step.status and step.status.value,
        "reason": step.reason,
        "seconds": step.seconds,
        "forecast": step.forecast and step.forecast.value,
        "unkept": step.unkept,
        "output_bytes": written.output_bytes,
        "output_digest": written.output_digest,
        "digest": written.digest,
    }


def _output_columns(step: StepRun) -> Columns:
    output = step.output
    return {"head": pack(output.head), "tail": pack(output.tail), "dropped": output.dropped}
