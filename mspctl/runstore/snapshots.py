"""Month-end snapshots of the health score in the run log: the first of a month and version stands."""

import json
from types import MappingProxyType

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from mspctl.model.snapshot import Snapshot
from mspctl.runstore import tables
from mspctl.runstore.codec import canonical, time_text
from mspctl.runstore.ledger import stored_time


def write_snapshot(connection: Connection, snapshot: Snapshot) -> None:
    """Keep it, unless there is one of that month and version already."""
    row = {
        "client": snapshot.client,
        "month": snapshot.month,
        "version": snapshot.version,
        "made": time_text(snapshot.made),
        "figures": canonical(dict(snapshot.figures)),
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(tables.health_snapshot).values(row).on_conflict_do_nothing())


def read_snapshots(connection: Connection, client: str) -> tuple[Snapshot, ...]:
    """All of a client, by month and version."""
    table = tables.health_snapshot
    query = select(table).where(table.c.client == client).order_by(table.c.month, table.c.version)
    return tuple(
        Snapshot(
            row.client,
            row.month,
            row.version,
            stored_time(row.made),
            MappingProxyType(json.loads(row.figures)),
        )
        for row in connection.execute(query)
    )
