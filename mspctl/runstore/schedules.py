"""Schedules in the run log: since when they are kept, and each time at which one was started."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from mspctl.model.schedule import Firing, Installed
from mspctl.runstore import tables
from mspctl.runstore.codec import time_text, time_value
from mspctl.runstore.dialect import insert_of
from mspctl.runstore.ledger import stored_time


def claim_firing(connection: Connection, firing: Firing, forget: datetime) -> bool:
    """Add it unless there is one of that time already; those due before `forget` go."""
    table = tables.firing
    row = {
        "client": firing.client,
        "schedule": firing.schedule,
        "due": time_text(firing.due),
        "began": time_text(firing.began),
        "word": firing.word,
    }
    make = insert_of(connection.dialect.name)
    added = connection.execute(make(table).on_conflict_do_nothing().returning(table.c.due), row).all()
    if added:
        old = (table.c.client == firing.client, table.c.schedule == firing.schedule)
        connection.execute(delete(table).where(*old, table.c.due < time_text(forget)))
    return bool(added)


def end_firing(connection: Connection, firing: Firing) -> None:
    """Say what became of a firing that was claimed."""
    table = tables.firing
    ended = None if firing.ended is None else time_text(firing.ended)
    connection.execute(
        update(table)
        .where(
            table.c.client == firing.client,
            table.c.schedule == firing.schedule,
            table.c.due == time_text(firing.due),
        )
        .values(ended=ended, word=firing.word, code=firing.code)
    )


def read_firings(connection: Connection, clients: Collection[str], since: datetime) -> tuple[Firing, ...]:
    """The firings that were due since then, the oldest first."""
    table = tables.firing
    query = select(table).where(table.c.client.in_(tuple(clients)), table.c.due >= time_text(since))
    return tuple(
        Firing(
            row.client,
            row.schedule,
            stored_time(row.due),
            stored_time(row.began),
            time_value(row.ended),
            row.word,
            row.code,
        )
        for row in connection.execute(query.order_by(table.c.due))
    )


def read_installed(connection: Connection, clients: Collection[str]) -> tuple[Installed, ...]:
    """What this machine was told to keep for these clients."""
    table = tables.installed
    query = select(table).where(table.c.client.in_(tuple(clients)))
    return tuple(
        Installed(row.client, row.schedule, stored_time(row.since), row.text)
        for row in connection.execute(query.order_by(table.c.client, table.c.schedule))
    )


def write_installed(connection: Connection, clients: Collection[str], rows: Sequence[Installed]) -> None:
    """Replace all that is kept for these clients."""
    table = tables.installed
    connection.execute(delete(table).where(table.c.client.in_(tuple(clients))))
    if rows:
        connection.execute(
            insert(table),
            [
                {
                    "client": each.client,
                    "schedule": each.schedule,
                    "since": time_text(each.since),
                    "text": each.text,
                }
                for each in rows
            ],
        )
