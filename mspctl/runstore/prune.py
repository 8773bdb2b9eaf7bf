"""Making the run log smaller without making it lie.

By default only what steps printed is forgotten (nearly all of the bytes); its digest stays, so the chain can
still be verified, and verdicts and reports stay, so a report of that month can still be rebuilt. Security
advice for providers (CISA/NCSC AA22-131A) asks to keep logs six months at least.
"""

from contextlib import closing

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update

from mspctl.model.run import Pruned
from mspctl.runstore import tables


def prune(connection: Connection, before: str, *, everything: bool) -> Pruned:
    """Prune runs that finished before the time text `before`."""
    table = tables.run.c
    old = select(table.seq).where(table.finished.is_not(None), table.finished < before)
    if not everything:
        old = old.where(table.outputs_pruned.is_(False))
    runs = list(connection.execute(old).scalars())
    if not runs:
        return Pruned(0, 0)
    # The triggers let go of the runs named in `pruning`, until the same transaction takes them out again.
    connection.execute(insert(tables.pruning), [{"run": seq} for seq in runs])
    size = _output_size(connection)
    if everything:
        _delete_runs(connection)
    else:
        _delete(connection, tables.output)
        named = table.seq.in_(select(tables.pruning.c.run))
        connection.execute(update(tables.run).where(named).values(outputs_pruned=True))
    connection.execute(delete(tables.pruning))
    return Pruned(len(runs), size)


def _output_size(connection: Connection) -> int:
    columns = tables.output.c
    size = func.sum(func.length(columns.head) + func.length(columns.tail))
    named = columns.run.in_(select(tables.pruning.c.run))
    return int(connection.execute(select(size).where(named)).scalar() or 0)


def _delete_runs(connection: Connection) -> None:
    for table in (tables.output, tables.report, tables.step_run, tables.host_run, tables.override):
        _delete(connection, table)
    connection.execute(delete(tables.run).where(tables.run.c.seq.in_(select(tables.pruning.c.run))))
    used = select(tables.host_run.c.outline)
    connection.execute(delete(tables.outline).where(tables.outline.c.digest.not_in(used)))


def _delete(connection: Connection, table: Table) -> None:
    connection.execute(delete(table).where(table.c.run.in_(select(tables.pruning.c.run))))


def reclaim(engine: Engine) -> None:
    """Give the freed pages back to the file system (SQLite; PostgreSQL's autovacuum does it by itself)."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:  # without the BEGIN of our transactions
            cursor = connection.cursor()
            cursor.execute("PRAGMA incremental_vacuum").fetchall()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
