"""Recomputing the run log, to see whether it still says what was written, and all of it."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mspctl.model.hostfold import OUTSIDE
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import StepRun, Violation
from mspctl.runstore import tables
from mspctl.runstore.chain import first_link, last_link, next_link, step_digest
from mspctl.runstore.codec import digest, outline_text, output_digest
from mspctl.runstore.failures import UNREADABLE
from mspctl.runstore.reading import Extent, bare_run, host_rows, host_value, read_outlines, read_steps
from mspctl.runstore.triggers import FIND, NAMES

_OUTCOMES = frozenset(outcome.value for outcome in Outcome)
_GOOD = frozenset(outcome.value for outcome in Outcome if outcome.good)
_BAD_STEPS = frozenset({StepStatus.FAILED, StepStatus.BROKEN})


def verify_database(connection: Connection) -> Iterator[Violation]:
    """What concerns no single run: the database's own integrity, and no prune left half done."""
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(20)").all():
            if said != "ok":
                yield Violation("integrity", str(said))
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            yield Violation("integrity", f"a row of {row[0]} belongs to nothing in {row[2]}")
    present = {name for (name,) in connection.exec_driver_sql(FIND[connection.dialect.name])}
    for name in sorted(NAMES - present):
        yield Violation("F3", f"the trigger {name} is missing: terminal rows can be changed")
    left = connection.execute(select(func.count()).select_from(tables.pruning)).scalar_one()
    if left:
        yield Violation("integrity", f"{left} runs are open to deletion: a prune was left half done")


def verify_run(connection: Connection, row: Row[Any]) -> Iterator[Violation]:
    """F1 (every planned host, once), F2 (good only with proof), F3 (unchanged since), F4 (it adds up)."""
    hosts = connection.execute(host_rows(row.seq)).all()
    pending = sum(1 for host in hosts if host.outcome is None)
    counted = sum(1 for host in hosts if host.outcome in _OUTCOMES)
    if len(hosts) != row.planned:
        yield Violation("F1", f"{row.planned} hosts were planned, {len(hosts)} are recorded", row.id)
    if row.finished is not None and pending:
        yield Violation("F1", f"the run is finished and {pending} hosts are pending", row.id)
    if counted + pending != row.planned:
        yield Violation("F4", f"{counted} outcomes and {pending} pending hosts are not {row.planned}", row.id)
    try:
        yield from _verify_chain(connection, row)
    except UNREADABLE as error:
        yield Violation("F3", f"what is written there makes no sense: {error}", row.id)


def _verify_chain(connection: Connection, row: Row[Any]) -> Iterator[Violation]:
    ended = tables.host_run.c.ended_as
    query = host_rows(row.seq).where(tables.host_run.c.outcome.is_not(None)).order_by(None).order_by(ended)
    outlines = read_outlines(connection, row.seq)
    chain = first_link(bare_run(connection, row))
    for number, host in enumerate(connection.execute(query).all(), 1):
        if host.ended_as != number:
            yield Violation("F3", f"the host that ended as number {number} is missing", row.id, host.host)
            return
        outline = outlines.get(host.outline)
        if outline is None or digest(outline_text(outline)) != host.outline:
            yield Violation("F3", "the names of its steps are missing or changed", row.id, host.host)
            return
        steps = yield from _verify_steps(connection, row, host, len(outline))
        chain = next_link(chain, host_value(host, outline, ()), steps)
        if chain != host.chain:
            problem = "its row, its steps or an earlier row changed after it ended"
            yield Violation("F3", problem, row.id, host.host)
            return
    closed = None if row.finished is None else last_link(chain, row.finished)
    if row.chain_head != closed:
        yield Violation("F3", "the last link of the chain is not the one the run finished with", row.id)


def _verify_steps(
    connection: Connection, row: Row[Any], host: Row[Any], planned: int
) -> Generator[Violation, None, list[tuple[int, str]]]:
    extent = Extent(row.seq, host.position, outputs=not row.outputs_pruned)
    stored = select(tables.step_run).where(
        tables.step_run.c.run == row.seq, tables.step_run.c.position == host.position
    )
    columns = {step.step: step for step in connection.execute(stored)}
    digests = []
    steps = read_steps(connection, extent)[host.position]
    if host.outcome in _GOOD:
        # A run that collects what an earlier one had lost has the steps from before in that one's record.
        inside = [step for step in steps if step.index != OUTSIDE]
        expected = len(inside) if row.resumes else planned
        for problem in _without_proof(host, inside, expected, began=_began(connection, row, host)):
            yield Violation("F2", f"{host.outcome}, but {problem}", row.id, host.host)
    for step in steps:
        printed = columns[step.index].output_digest
        if not row.outputs_pruned and output_digest(step.output) != printed:
            problem = f"the output of step {step.index} changed after it was written"
            yield Violation("F3", problem, row.id, host.host)
        digests.append((step.index, step_digest(step, printed)))
    return digests


def _began(connection: Connection, row: Row[Any], host: Row[Any]) -> bool:
    """True if a bundle began here, or in the run that lost the host, which has then forgotten it."""
    if host.spool or not row.resumes:
        return bool(host.spool)
    before = connection.execute(select(tables.run).where(tables.run.c.id == row.resumes)).one_or_none()
    if before is None:
        return True  # pruned since, and nobody can say
    query = host_rows(before.seq).where(tables.host_run.c.host == host.host)
    found = connection.execute(query).one_or_none()
    return found is not None and before.seq < row.seq and _began(connection, before, found)


def _without_proof(host: Row[Any], steps: Sequence[StepRun], planned: int, *, began: bool) -> Iterator[str]:
    """What a good host lacks: a verified host key, a worker that began, a good verdict of every step."""
    if not host.fingerprint:
        yield "no host key was verified"
    if not began:
        yield "no bundle began"
    ended = [step for step in steps if step.status is not None]
    if len(ended) != planned:
        yield f"{len(ended)} of {planned} steps gave a verdict"
    for step in ended:
        if step.status in _BAD_STEPS:
            yield f"step {step.index + 1} is {step.status}"
