"""The run log read across all hosts: a few queries bounded by time, whatever the number of hosts."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from mspctl.model.event import Report, ReportKind
from mspctl.model.fleet import HostAtSite, HostFinding, LastRun, Waiting
from mspctl.model.monitoring import IncidentRecord, IncidentWord
from mspctl.model.outcome import Outcome
from mspctl.model.scan import PACKAGE_MODULES
from mspctl.runstore import tables
from mspctl.runstore.codec import digest, outline_value, report_value, time_text, time_value
from mspctl.runstore.ledger import stored_time
from mspctl.runstore.monitoring import incident_record

_LEFT_ALONE = (Outcome.HELD.value, Outcome.SKIPPED.value)
_GOOD = tuple(outcome.value for outcome in Outcome if outcome.good)


def read_last_runs(connection: Connection, clients: Collection[str], since: datetime) -> tuple[LastRun, ...]:
    """The last real runs since then of each playbook on each host of these clients, by host, newest first.

    Those that ended well, ended badly, left the host alone and are pending are told apart: each has its last.
    """
    host, run = tables.host_run.c, tables.run.c
    way = case(
        (host.outcome.is_(None), 0), (host.outcome.in_(_LEFT_ALONE), 1), (host.outcome.in_(_GOOD), 2), else_=3
    )
    place = func.row_number().over(partition_by=(host.host, run.playbook, way), order_by=run.seq.desc())
    ranked = (
        select(
            host.host,
            host.outcome,
            host.reason,
            host.finished,
            host.outline,
            run.seq,
            run.id,
            run.playbook,
            run.started,
            place.label("place"),
        )
        .join_from(tables.run, tables.host_run, run.seq == host.run)
        .where(run.client.in_(tuple(clients)), run.started >= time_text(since), run.check_mode.is_(False))
        .subquery()
        .c
    )
    rows = connection.execute(
        select(*ranked).where(ranked.place == 1).order_by(ranked.host, ranked.seq.desc())
    ).all()
    scanning = _scanning(connection, {row.outline for row in rows})
    return tuple(
        LastRun(
            row.host,
            row.playbook,
            row.id,
            stored_time(row.started),
            None if row.outcome is None else Outcome(row.outcome),
            row.reason,
            time_value(row.finished),
            row.outline in scanning,
        )
        for row in rows
    )


def _scanning(connection: Connection, digests: Collection[str]) -> frozenset[str]:
    """Of these outlines, those with a step that looks for updates."""
    table = tables.outline
    rows = connection.execute(select(table).where(table.c.digest.in_(tuple(digests))))
    return frozenset(
        row.digest for row in rows if any(step.module in PACKAGE_MODULES for step in outline_value(row.steps))
    )


def read_traces(connection: Connection, client: str) -> Mapping[str, tuple[datetime, datetime]]:
    """Host (client/name) → when the first and the last run began that it took part in, dry runs included."""
    host, run = tables.host_run.c, tables.run.c
    query = (
        select(host.host, func.min(run.started), func.max(run.started))
        .join_from(tables.run, tables.host_run, run.seq == host.run)
        .where(run.client == client)
        .group_by(host.host)
        .order_by(host.host)
    )
    return {row[0]: (stored_time(row[1]), stored_time(row[2])) for row in connection.execute(query)}


def read_sites(connection: Connection, client: str) -> tuple[HostAtSite, ...]:
    """Where runs knew each host to be, and from when to when."""
    host, run = tables.host_run.c, tables.run.c
    query = (
        select(host.host, host.site, func.min(run.started), func.max(run.started))
        .join_from(tables.run, tables.host_run, run.seq == host.run)
        .where(run.client == client)
        .group_by(host.host, host.site)
        .order_by(host.host, host.site)
    )
    return tuple(
        HostAtSite(row[0], row[1], stored_time(row[2]), stored_time(row[3]))
        for row in connection.execute(query)
    )


def read_waiting(connection: Connection, clients: Collection[str]) -> Mapping[str, Waiting]:
    """Host (client/name) → its pending updates; a host without any has no entry."""
    table = tables.patch_pending.c
    query = (
        select(
            table.host,
            _count(table.held == ""),
            _count(and_(table.held == "", table.security)),
            _count(table.held != ""),
        )
        .where(table.client.in_(tuple(clients)))
        .group_by(table.host)
    )
    return {row[0]: Waiting(*(int(count) for count in row[1:])) for row in connection.execute(query)}


def _count(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((holds, 1), else_=0))


def read_open_incidents(connection: Connection, clients: Collection[str]) -> tuple[IncidentRecord, ...]:
    """All that happened to the incidents of these clients that are not over, in the order of writing."""
    table = tables.incident_record
    over = select(table.c.number).where(table.c.word == IncidentWord.CLOSED.value)
    query = (
        select(table)
        .where(table.c.client.in_(tuple(clients)), table.c.number.not_in(over))
        .order_by(table.c.seq)
    )
    return tuple(incident_record(row) for row in connection.execute(query))


def read_findings(connection: Connection, host: str, runs: Collection[str]) -> tuple[HostFinding, ...]:
    """What these runs found on a host, the newest run first."""
    row, run, report = tables.host_run.c, tables.run.c, tables.report.c
    query = (
        select(run.id, run.playbook, report.kind, report.name, report.value, report.fields)
        .join_from(tables.run, tables.host_run, run.seq == row.run)
        .join(tables.report, and_(report.run == row.run, report.position == row.position))
        .where(run.id.in_(tuple(runs)), row.host == host, report.kind == ReportKind.FINDING.value)
        .order_by(run.seq.desc(), report.step, report.number)
    )
    return tuple(
        HostFinding(
            each.id,
            each.playbook,
            each.name,
            _told(report_value(each.kind, each.name, each.value, each.fields)),
        )
        for each in connection.execute(query)
    )


def _told(report: Report) -> str:
    """The words of a finding."""
    fields = dict(report.fields)
    return (
        fields.get("reason") or report.value or " ".join(f"{name}={value}" for name, value in report.fields)
    )


def read_mark(connection: Connection) -> str:
    """A text that is another one as soon as anything that the views of the fleet show has changed."""
    run, firing = tables.run.c, tables.firing.c
    asked = (
        select(func.max(run.seq), func.max(run.finished), func.count(run.finished)),
        select(func.count()).where(run.finished.is_(None)),
        select(func.count(tables.host_run.c.finished), func.max(tables.host_run.c.finished)).where(
            tables.host_run.c.run.in_(select(run.seq).where(run.finished.is_(None)))
        ),
        select(func.max(tables.incident_record.c.seq)),
        select(func.max(tables.patch_decision.c.seq)),
        select(func.count(), func.max(firing.began), func.max(firing.ended)),
    )
    return digest(repr([tuple(connection.execute(query).one()) for query in asked]))
