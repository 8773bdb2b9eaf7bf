"""Monitoring in the run log: incidents are added to and never changed, the rest is what was seen last."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, select, text

from mspctl.model.monitoring import (
    IncidentRecord,
    IncidentWord,
    Phase,
    Seen,
    Span,
    Standing,
    VolumeDay,
)
from mspctl.runstore import tables
from mspctl.runstore.codec import time_text
from mspctl.runstore.dialect import insert_of
from mspctl.runstore.ledger import stored_time

_LOCK = 4_203_703
"""The advisory lock under which PostgreSQL hands out numbers; SQLite has one writer anyway."""


def write_incidents(connection: Connection, records: Sequence[IncidentRecord]) -> tuple[IncidentRecord, ...]:
    """Add records; one of number 0 begins the next incident. Returns them with their numbers."""
    table = tables.incident_record
    if connection.dialect.name == "postgresql" and records:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    written: list[IncidentRecord] = []
    for record in records:
        number = record.number
        if not number:
            number = int(connection.execute(select(func.max(table.c.number))).scalar() or 0) + 1
        row = {
            "number": number,
            "client": record.client,
            "key": record.key,
            "word": record.word.value,
            "at": time_text(record.at),
            "seen": record.seen.value,
            "text": record.text,
            "author": record.author,
            "evidence": record.evidence,
        }
        seq = connection.execute(insert(table).returning(table.c.seq), row).scalar_one()
        written.append(replace(record, number=number, seq=int(seq)))
    return tuple(written)


def read_incidents(connection: Connection, clients: Collection[str]) -> tuple[IncidentRecord, ...]:
    """All that happened to incidents of these clients, in the order of writing."""
    table = tables.incident_record
    query = select(table).where(table.c.client.in_(tuple(clients))).order_by(table.c.seq)
    return tuple(incident_record(row) for row in connection.execute(query))


def incident_record(row: Row[Any]) -> IncidentRecord:
    """A record from its row."""
    return IncidentRecord(
        row.number,
        row.client,
        row.key,
        IncidentWord(row.word),
        stored_time(row.at),
        Seen(row.seen),
        row.text,
        row.author,
        row.evidence,
        row.seq,
    )


def read_standings(connection: Connection, client: str) -> tuple[Standing, ...]:
    """How each key of a client stands, by key."""
    table = tables.standing
    query = select(table).where(table.c.client == client).order_by(table.c.key)
    return tuple(
        Standing(
            row.key,
            Phase(row.phase),
            Seen(row.seen),
            stored_time(row.since),
            stored_time(row.at),
            row.failures,
            row.history,
            row.detail,
        )
        for row in connection.execute(query)
    )


def write_standings(connection: Connection, client: str, standings: Sequence[Standing]) -> None:
    """Replace all standings of a client."""
    table = tables.standing
    connection.execute(delete(table).where(table.c.client == client))
    rows = [
        {
            "client": client,
            "key": each.key,
            "phase": each.phase.value,
            "seen": each.seen.value,
            "since": time_text(each.since),
            "at": time_text(each.at),
            "failures": each.failures,
            "history": each.history,
            "detail": each.detail,
        }
        for each in standings
    ]
    if rows:
        connection.execute(insert(table), rows)


def read_last_spans(connection: Connection, client: str) -> Mapping[str, Span]:
    """The last span of each key of a client."""
    table = tables.seen_span
    last = (
        select(table.c.key, func.max(table.c.begins).label("begins"))
        .where(table.c.client == client)
        .group_by(table.c.key)
        .subquery()
    )
    query = select(table).join(last, and_(table.c.key == last.c.key, table.c.begins == last.c.begins))
    return {row.key: _span(row) for row in connection.execute(query.where(table.c.client == client))}


def read_spans(connection: Connection, client: str, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The spans of a client that touch [since, until), by key and time."""
    table = tables.seen_span
    query = (
        select(table)
        .where(table.c.client == client, table.c.ends > time_text(since), table.c.begins < time_text(until))
        .order_by(table.c.key, table.c.begins)
    )
    return tuple(_span(row) for row in connection.execute(query))


def _span(row: Row[Any]) -> Span:
    return Span(row.client, row.key, row.seen, stored_time(row.begins), stored_time(row.ends))


def write_spans(connection: Connection, spans: Sequence[Span], forget: datetime) -> None:
    """Add spans, or move the end of those that are there; those that ended before `forget` go."""
    table = tables.seen_span
    rows = [
        {
            "client": each.client,
            "key": each.key,
            "begins": time_text(each.begins),
            "ends": time_text(each.ends),
            "seen": each.seen,
        }
        for each in spans
    ]
    _upsert(connection, table, rows, ("ends", "seen"))
    connection.execute(delete(table).where(table.c.ends < time_text(forget)))


def read_volumes(connection: Connection, client: str, since: str) -> tuple[VolumeDay, ...]:
    """The file systems of a client since a day, by host, mount and day."""
    table = tables.volume_day
    query = select(table).where(table.c.client == client, table.c.day >= since)
    rows = connection.execute(query.order_by(table.c.host, table.c.mount, table.c.day))
    return tuple(VolumeDay(row.host, row.mount, row.day, row.used, row.size) for row in rows)


def write_volumes(connection: Connection, client: str, days: Sequence[VolumeDay], forget: str) -> None:
    """Replace what is known of these file systems on these days; days before `forget` go."""
    table = tables.volume_day
    rows = [
        {
            "client": client,
            "host": each.host,
            "mount": each.mount,
            "day": each.day,
            "used": each.used,
            "size": each.size,
        }
        for each in days
    ]
    _upsert(connection, table, rows, ("used", "size"))
    connection.execute(delete(table).where(table.c.client == client, table.c.day < forget))


def read_digest(connection: Connection, client: str) -> tuple[datetime, int] | None:
    """When the client's last digest went out, and the last record that was in it."""
    table = tables.digest_sent
    row = connection.execute(select(table).where(table.c.client == client)).first()
    return None if row is None else (stored_time(row.at), int(row.seq))


def write_digest(connection: Connection, client: str, at: datetime, seq: int) -> None:
    """A digest went out."""
    _upsert(
        connection,
        tables.digest_sent,
        [{"client": client, "at": time_text(at), "seq": seq}],
        ("at", "seq"),
    )


def _upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], changing: Sequence[str]
) -> None:
    if not rows:
        return
    made = insert_of(connection.dialect.name)(table)
    keys = [column.name for column in table.primary_key.columns]
    changes = {name: made.excluded[name] for name in changing}
    connection.execute(made.on_conflict_do_update(index_elements=keys, set_=changes), list(map(dict, rows)))
