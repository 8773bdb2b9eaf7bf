"""The numbers of many runs, without reading the runs: what lines over months are drawn from."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from mspctl.model.event import ReportKind
from mspctl.model.sample import Sample
from mspctl.runstore import tables
from mspctl.runstore.codec import time_text
from mspctl.runstore.ledger import stored_time


def read_samples(
    connection: Connection, client: str, prefixes: Collection[str], since: datetime, until: datetime
) -> tuple[Sample, ...]:
    """The metrics with these beginnings that runs in [since, until) told, by run and host."""
    run, host, report = tables.run, tables.host_run, tables.report
    query = (
        select(host.c.host, report.c.name, func.coalesce(host.c.finished, run.c.started), report.c.value)
        .join(host, host.c.run == run.c.seq)
        .join(report, (report.c.run == host.c.run) & (report.c.position == host.c.position))
        .where(
            run.c.client == client,
            run.c.started >= time_text(since),
            run.c.started < time_text(until),
            report.c.kind == ReportKind.METRIC.value,
            or_(*(report.c.name.startswith(prefix, autoescape=True) for prefix in prefixes)),
        )
        .order_by(run.c.started, run.c.seq, host.c.position, report.c.step, report.c.number)
    )
    rows = connection.execute(query)
    return tuple(Sample(name, metric, stored_time(at), value) for name, metric, at, value in rows)
