"""Calls in the run log: records are added and never changed; a call's number is the next free one."""

import json
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import Connection, func, insert, select, text

from mspctl.model.call import CallRecord, CallWord
from mspctl.model.hostfold import plain
from mspctl.model.window import Redactor
from mspctl.runstore import tables
from mspctl.runstore.codec import canonical, time_text
from mspctl.runstore.ledger import stored_time

_LOCK = 4_203_702
"""The advisory lock under which PostgreSQL hands out numbers; SQLite has one writer anyway."""
_LONGEST = 65_536
"""Characters of a note: the rest of a log that somebody pasted stays on the host."""


def storable_record(record: CallRecord, redactor: Redactor) -> CallRecord:
    """As any database can hold it, without secrets; what somebody typed may be no text of any encoding."""
    fields = {name: plain(value, redactor) for name, value in record.fields.items()}
    return replace(record, text=plain(record.text, redactor, _LONGEST), fields=MappingProxyType(fields))


def write_call_record(connection: Connection, record: CallRecord) -> int:
    """Add a record; the number 0 asks for a new call. Returns the call's number."""
    table = tables.call_record
    number = record.call
    if not number:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        highest = connection.execute(select(func.max(table.c.call))).scalar()
        number = int(highest or 0) + 1
    row = {
        "call": number,
        "client": record.client,
        "word": record.word.value,
        "at": time_text(record.at),
        "written": time_text(record.written),
        "author": record.author,
        "text": record.text,
        "fields": canonical(dict(record.fields)),
    }
    connection.execute(insert(table), row)
    return number


def read_call_records(connection: Connection, clients: Collection[str]) -> tuple[CallRecord, ...]:
    """All that was written down about calls of these clients, in the order of writing."""
    table = tables.call_record
    query = select(table).where(table.c.client.in_(tuple(clients))).order_by(table.c.seq)
    return tuple(
        CallRecord(
            row.call,
            row.client,
            CallWord(row.word),
            stored_time(row.at),
            stored_time(row.written),
            row.author,
            row.text,
            MappingProxyType(json.loads(row.fields)),
        )
        for row in connection.execute(query)
    )
