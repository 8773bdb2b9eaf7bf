"""What the run log remembers of a run that it is writing: enough to add to it without reading it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mspctl.errors import InternalError
from mspctl.model.event import Event, StepEnded, StepOutput, StepReported
from mspctl.model.hostfold import OUTSIDE, HostFold, StepFold
from mspctl.model.window import Redactor
from mspctl.runstore import tables
from mspctl.runstore.chain import first_link
from mspctl.runstore.reading import Extent, bare_run, host_rows, host_value, read_outlines, read_steps


@dataclass(slots=True)
class LiveStep:
    """What is in the tables of a step: its digest, and how many reports and bytes of output."""

    digest: str
    reports: int
    output_bytes: int
    output_digest: str


@dataclass(slots=True)
class LiveHost:
    """A host that has not ended. Steps with a verdict leave the memory once written; `written` knows them."""

    position: int
    fold: HostFold
    written: dict[int, LiveStep] = field(default_factory=dict)

    def apply(self, event: Event, connection: Connection, seq: int) -> bool:
        """Take an event (False: refused). A step that left the memory is read back if it is added to."""
        if isinstance(event, StepOutput | StepReported | StepEnded):
            inside = 0 <= event.index < len(self.fold.row.outline)
            index = event.index if inside else OUTSIDE
            if index in self.written and index not in self.fold.steps:
                self._read_back(index, connection, seq)
        return self.fold.apply(event)

    def _read_back(self, index: int, connection: Connection, seq: int) -> None:
        for step in read_steps(connection, Extent(seq, self.position))[self.position]:
            if step.index == index:
                self.fold.steps[index] = StepFold.resuming(step)


@dataclass(slots=True)
class LiveRun:
    """A run being written: its hosts that have not ended, and the last link of its chain."""

    seq: int
    client: str
    started: str
    check_mode: bool
    chain: str
    ended: int
    hosts: dict[str, LiveHost]
    over: set[str]

    def host(self, key: str, run_id: str) -> LiveHost | None:
        """The host of an event; None if it has ended and the event is refused.

        Raises:
            InternalError: the host is not planned in this run.
        """
        host = self.hosts.get(key)
        if host is None and key not in self.over:
            raise InternalError(f"an event of {key!r}, which is not planned in run {run_id}")
        return host


def read_live(connection: Connection, row: Row[Any], redactor: Redactor) -> LiveRun:
    """The memory of a run that is in the tables: of this process's plan, or of one that died."""
    outlines = read_outlines(connection, row.seq)
    written = _written(connection, row.seq)
    hosts, over, last = {}, set(), (0, "")
    for host in connection.execute(host_rows(row.seq)):
        if host.outcome is None:
            value = host_value(host, outlines[host.outline], ())
            hosts[host.host] = LiveHost(
                host.position, HostFold(value, redactor), written.get(host.position, {})
            )
        else:
            over.add(host.host)
            last = max(last, (host.ended_as, host.chain))
    chain = last[1] or first_link(bare_run(connection, row))
    return LiveRun(row.seq, row.client, row.started, row.check_mode, chain, last[0], hosts, over)


def _written(connection: Connection, seq: int) -> Mapping[int, dict[int, LiveStep]]:
    steps, reports = tables.step_run.c, tables.report.c
    count = (
        select(func.count())
        .where(reports.run == steps.run, reports.position == steps.position, reports.step == steps.step)
        .scalar_subquery()
    )
    pending = (tables.host_run.c.run == seq) & tables.host_run.c.outcome.is_(None)
    positions = select(tables.host_run.c.position).where(pending)
    query = select(tables.step_run, count.label("reports")).where(
        steps.run == seq, steps.position.in_(positions)
    )
    found: dict[int, dict[int, LiveStep]] = {}
    for row in connection.execute(query):
        step = LiveStep(row.digest, row.reports, row.output_bytes, row.output_digest)
        found.setdefault(row.position, {})[row.step] = step
    return found
