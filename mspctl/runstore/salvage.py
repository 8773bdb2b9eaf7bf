"""Reading on in a SQLite table of which some pages are damaged."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Table

SalvagedRow = tuple[object, ...]
Hosts = Callable[[], Iterable[tuple[int, int]]]

_LAST = 2**62
"""No rowid of ours is higher."""


def columns(table: Table) -> str:
    """The names of all columns, for a statement."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


def readable(source: sqlite3.Connection, table: Table, hosts: Hosts) -> Iterator[SalvagedRow | None]:
    """The rows of a table; None stands for a stretch of them that cannot be read.

    A damaged page is lost with all rows on it, and so are those below it if it leads to others. Rows of runs
    are looked for host by host, and `hosts` gives these as (run, position).
    """
    if table.dialect_options["sqlite"]["with_rowid"]:
        yield from _by_number(source, table)
    elif {"run", "position"} <= set(table.columns.keys()):
        for part in hosts():
            yield from _from_both_ends(source, table, " WHERE run = ? AND position = ?", part)
    else:
        yield from _from_both_ends(source, table)


def _from_both_ends(
    source: sqlite3.Connection, table: Table, where: str = "", part: tuple[int, ...] = ()
) -> Iterator[SalvagedRow | None]:
    found: dict[SalvagedRow, None] = {}
    for direction in ("ASC", "DESC"):
        order = ", ".join(f'"{column.name}" {direction}' for column in table.primary_key)
        try:
            query = f'SELECT {columns(table)} FROM "{table.name}"{where} ORDER BY {order}'  # noqa: S608 - names of ours
            for row in source.execute(query, part):
                found[row] = None
        except sqlite3.DatabaseError:
            continue
        yield from found
        return
    yield from found
    yield None


def _by_number(source: sqlite3.Connection, table: Table) -> Iterator[SalvagedRow | None]:
    """By rowid: behind the last good row the next one is sought in growing steps, then halved in on."""
    query = f'SELECT rowid, {columns(table)} FROM "{table.name}" NOT INDEXED WHERE rowid >= ? ORDER BY rowid'  # noqa: S608 - names of ours
    begin: int | None = 0
    seen: set[int] = set()
    astray = False
    while begin is not None and begin <= _LAST:
        try:
            for number, *row in source.execute(query, (begin,)):
                if number < begin and not astray:  # a page is not in its place, so another one may be nowhere
                    yield None
                astray = number < begin
                begin = max(begin, number + 1)
                if number not in seen:
                    seen.add(number)
                    yield tuple(row)
        except sqlite3.DatabaseError:
            yield None
            begin = _next(source, query, begin)
        else:
            return


def _next(source: sqlite3.Connection, query: str, broken: int) -> int | None:
    """The first rowid behind `broken` from which on something can be read; None if there is none."""
    low, step = broken, 1
    while not _can_read(source, query, broken + step):
        low, step = broken + step, step * 2
        if broken + step > _LAST:
            return None
    high = broken + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _can_read(source, query, middle) else (middle, high)
    return high


def _can_read(source: sqlite3.Connection, query: str, number: int) -> bool:
    try:
        source.execute(f"{query} LIMIT 1", (number,)).fetchall()
    except sqlite3.DatabaseError:
        return False
    return True
