"""From rows to runs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, or_, select

from mspctl.model.event import Report
from mspctl.model.hostfold import OUTSIDE
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.run import HostRun, Output, Run, StepOutline, StepRun, Trace
from mspctl.runstore import tables
from mspctl.runstore.codec import outline_value, report_value, time_text, time_value, unpack

AnyRow = Row[Any]
StepKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Extent:
    """What to read of a run: all hosts or one (`position`), with or without what the steps printed."""

    seq: int
    position: int | None = None
    outputs: bool = True


def read_run(connection: Connection, row: AnyRow, *, outputs: bool = True) -> Run:
    """A run with its hosts and steps; without `outputs` each Output only tells its size."""
    extent = Extent(row.seq, outputs=outputs)
    steps = read_steps(connection, extent)
    outlines = read_outlines(connection, row.seq)
    hosts = (
        host_value(host, outlines[host.outline], steps.get(host.position, ()))
        for host in connection.execute(host_rows(row.seq))
    )
    return run_value(row, tuple(hosts), read_override(connection, row.seq))


def bare_run(connection: Connection, row: AnyRow) -> Run:
    """A run with its hosts, without their steps and without the names of those."""
    hosts = tuple(host_value(host, (), ()) for host in connection.execute(host_rows(row.seq)))
    return run_value(row, hosts, read_override(connection, row.seq))


def read_override(connection: Connection, seq: int) -> str:
    """Why the run did not obey the windows; empty if it did."""
    query = select(tables.override.c.reason).where(tables.override.c.run == seq)
    return str(connection.execute(query).scalar() or "")


def run_rows(client: str | None, since: datetime | None, until: datetime | None) -> Select[Any]:
    """Runs that started in [since, until), newest first."""
    table = tables.run.c
    query = select(tables.run).order_by(table.started.desc(), table.seq.desc())
    if client is not None:
        query = query.where(table.client == client)
    if since is not None:
        query = query.where(table.started >= time_text(since))
    if until is not None:
        query = query.where(table.started < time_text(until))
    return query


def with_modules(modules: Collection[str]) -> ColumnElement[bool]:
    """Of rows of `run`: one of these modules was planned for some host.

    There are few outlines, as hosts and runs share them; so the text of each is looked at.
    """
    outline, host = tables.outline.c, tables.host_run.c
    told = or_(*(outline.steps.contains(f'"{name}"', autoescape=True) for name in sorted(modules)))
    return exists().where(host.run == tables.run.c.seq, host.outline.in_(select(outline.digest).where(told)))


def run_value(row: AnyRow, hosts: tuple[HostRun, ...], override: str) -> Run:
    """A run from its row."""
    started = time_value(row.started)
    assert started is not None  # noqa: S101 - the column is NOT NULL
    return Run(
        id=row.id,
        client=row.client,
        playbook=row.playbook,
        check_mode=row.check_mode,
        digest=row.digest,
        inventory_digest=row.inventory_digest,
        started=started,
        finished=time_value(row.finished),
        hosts=hosts,
        version=row.version,
        nonce=row.nonce,
        resumes=row.resumes,
        override=override,
    )


def host_rows(seq: int) -> Select[Any]:
    """The hosts of a run in the order of its plan."""
    table = tables.host_run
    return select(table).where(table.c.run == seq).order_by(table.c.position)


def read_outlines(connection: Connection, seq: int) -> Mapping[str, tuple[StepOutline, ...]]:
    """The outlines that the hosts of a run use, by digest."""
    used = select(tables.host_run.c.outline).where(tables.host_run.c.run == seq)
    rows = connection.execute(select(tables.outline).where(tables.outline.c.digest.in_(used)))
    return {row.digest: outline_value(row.steps) for row in rows}


def host_value(row: AnyRow, outline: tuple[StepOutline, ...], steps: Iterable[StepRun]) -> HostRun:
    """A host from its row; steps whose index is OUTSIDE become its preamble and own reports."""
    trace = None if row.nonce is None else Trace(row.nonce, row.spool, row.boot_id, row.first_step)
    outside = StepRun(OUTSIDE, "", "")
    inside = []
    for step in steps:
        if step.index == OUTSIDE:
            outside = step
        else:
            title = outline[step.index]
            inside.append(_named(step, title))
    return HostRun(
        host=row.host,
        site=row.site,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        reason=row.reason,
        detail=row.detail,
        remedy=row.remedy,
        started=time_value(row.started),
        finished=time_value(row.finished),
        seconds=row.seconds,
        round_trips=row.round_trips,
        attempt=row.attempt,
        fingerprint=row.fingerprint,
        trace=trace,
        bundle_digest=row.bundle_digest,
        outline=outline,
        steps=tuple(inside),
        preamble=outside.output,
        reports=outside.reports,
    )


def _named(step: StepRun, title: StepOutline) -> StepRun:
    verdict = (step.status, step.reason, step.seconds, step.forecast)
    return StepRun(step.index, title.name, title.module, *verdict, step.reports, step.unkept, step.output)


def read_steps(connection: Connection, extent: Extent) -> Mapping[int, list[StepRun]]:
    """Steps by the position of their host, in order of their index, yet without names."""
    reports = _reports(connection, extent)
    outputs = _outputs(connection, extent) if extent.outputs else {}
    found: dict[int, list[StepRun]] = defaultdict(list)
    for row in connection.execute(_rows(tables.step_run, extent)):
        key = (row.position, row.step)
        output = outputs.get(key, Output(dropped=row.output_bytes))
        found[row.position].append(_step_value(row, tuple(reports.get(key, ())), output))
    return found


def _rows(table: Table, extent: Extent) -> Select[Any]:
    query = select(table).where(table.c.run == extent.seq).order_by(*table.primary_key.columns)
    return query if extent.position is None else query.where(table.c.position == extent.position)


def _reports(connection: Connection, extent: Extent) -> Mapping[StepKey, list[Report]]:
    found: dict[StepKey, list[Report]] = defaultdict(list)
    for row in connection.execute(_rows(tables.report, extent)):
        found[row.position, row.step].append(report_value(row.kind, row.name, row.value, row.fields))
    return found


def _outputs(connection: Connection, extent: Extent) -> Mapping[StepKey, Output]:
    return {
        (row.position, row.step): Output(unpack(row.head), unpack(row.tail), row.dropped)
        for row in connection.execute(_rows(tables.output, extent))
    }


def _step_value(row: AnyRow, reports: tuple[Report, ...], output: Output) -> StepRun:
    return StepRun(
        index=row.step,
        name="",
        module="",
        status=None if row.status is None else StepStatus(row.status),
        reason=row.reason,
        seconds=row.seconds,
        forecast=None if row.forecast is None else Forecast(row.forecast),
        reports=reports,
        unkept=row.unkept,
        output=output,
    )
