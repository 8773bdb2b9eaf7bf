"""Month-end snapshots of the health score in the run log. No row ever changes: a month has editions.

The rows of a month are `2026-10`, `2026-10.2`, `2026-10.3` and so on. The last one stands; after a final one
there is none.
"""

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from mspctl.model.snapshot import Snapshot
from mspctl.runstore import tables
from mspctl.runstore.codec import canonical, time_text
from mspctl.runstore.ledger import stored_time

_FINAL = "final"
"""Stands among the figures of a final edition."""


def write_snapshot(connection: Connection, snapshot: Snapshot) -> None:
    """Keep it as the month's next edition, unless one is final or the last one says the same."""
    table = tables.health_snapshot
    query = select(table).where(table.c.client == snapshot.client, table.c.version == snapshot.version)
    rows = [row for row in connection.execute(query) if _month(row) == snapshot.month]
    known = [_value(row) for row in _in_order(rows)]
    if known and (known[-1].final or _says(known[-1]) == _says(snapshot)):
        return
    edition = f".{len(rows) + 1}" if rows else ""
    figures = dict(snapshot.figures) | ({_FINAL: "1"} if snapshot.final else {})
    row = {
        "client": snapshot.client,
        "month": f"{snapshot.month}{edition}",
        "version": snapshot.version,
        "made": time_text(snapshot.made),
        "figures": canonical(figures),
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).values(row).on_conflict_do_nothing())


def read_snapshots(connection: Connection, client: str) -> tuple[Snapshot, ...]:
    """What each month of a client came to, by month and version: the last edition of each."""
    table = tables.health_snapshot
    rows = connection.execute(select(table).where(table.c.client == client))
    found = {(_month(row), row.version): row for row in _in_order(rows)}
    return tuple(_value(found[key]) for key in sorted(found))


def _in_order(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    return sorted(rows, key=lambda row: int(row.month.partition(".")[2] or 1))


def _month(row: Row[Any]) -> str:
    return str(row.month.partition(".")[0])


def _says(snapshot: Snapshot) -> tuple[bool, dict[str, str | None]]:
    return snapshot.final, dict(snapshot.figures)


def _value(row: Row[Any]) -> Snapshot:
    figures = json.loads(row.figures)
    final = figures.pop(_FINAL, None) is not None
    made = stored_time(row.made)
    return Snapshot(row.client, _month(row), row.version, made, MappingProxyType(figures), final)
