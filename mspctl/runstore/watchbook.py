"""The WatchBook over SQLAlchemy Core, beside the run log in the same database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from mspctl.model.monitoring import IncidentRecord, Span, Standing, VolumeDay
from mspctl.model.window import Redactor
from mspctl.ports import WatchResult
from mspctl.runstore.monitoring import (
    read_digest,
    read_incidents,
    read_last_spans,
    read_spans,
    read_standings,
    read_volumes,
    write_digest,
    write_incidents,
    write_spans,
    write_standings,
    write_volumes,
)


class _Transactions(Protocol):
    """The run log's transactions."""

    @property
    def writing(self) -> Callable[[], AbstractContextManager[Connection]]: ...
    @property
    def reading(self) -> Callable[[], AbstractContextManager[Connection]]: ...


class SqlWatchBook:
    """A WatchBook (mspctl.ports). Every call is one transaction; texts go through `redactor` first."""

    def __init__(self, transactions: _Transactions, redactor: Redactor) -> None:
        self._transactions = transactions
        self._redactor = redactor

    def write(self, client: str, result: WatchResult) -> tuple[IncidentRecord, ...]:
        with self._transactions.writing() as connection:
            told = [replace(each, detail=self._redactor.text(each.detail)) for each in result.standings]
            write_standings(connection, client, told)
            write_spans(connection, result.spans, result.forget)
            write_volumes(connection, client, result.volumes, f"{result.forget:%Y-%m-%d}")
            return write_incidents(connection, [self._clean(record) for record in result.records])

    def tell(self, record: IncidentRecord) -> IncidentRecord:
        with self._transactions.writing() as connection:
            return write_incidents(connection, [self._clean(record)])[0]

    def records(self, clients: Collection[str]) -> Sequence[IncidentRecord]:
        with self._transactions.reading() as connection:
            return read_incidents(connection, clients)

    def standings(self, client: str) -> Sequence[Standing]:
        with self._transactions.reading() as connection:
            return read_standings(connection, client)

    def last_spans(self, client: str) -> Mapping[str, Span]:
        with self._transactions.reading() as connection:
            return read_last_spans(connection, client)

    def spans(self, client: str, since: datetime, until: datetime) -> Sequence[Span]:
        with self._transactions.reading() as connection:
            return read_spans(connection, client, since, until)

    def volumes(self, client: str, since: str) -> Sequence[VolumeDay]:
        with self._transactions.reading() as connection:
            return read_volumes(connection, client, since)

    def digest(self, client: str) -> tuple[datetime, int] | None:
        with self._transactions.reading() as connection:
            return read_digest(connection, client)

    def digest_sent(self, client: str, at: datetime, seq: int) -> None:
        with self._transactions.writing() as connection:
            write_digest(connection, client, at, seq)

    def _clean(self, record: IncidentRecord) -> IncidentRecord:
        return replace(record, text=self._redactor.text(record.text))
