"""The FleetBook over SQLAlchemy Core: reads the run log across hosts and clients, writes nothing."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection

from mspctl.model.fleet import HostAtSite, HostFinding, LastRun, Waiting
from mspctl.model.monitoring import IncidentRecord
from mspctl.runstore.fleet import (
    read_findings,
    read_last_runs,
    read_mark,
    read_open_incidents,
    read_sites,
    read_traces,
    read_waiting,
)


class SqlFleetBook:
    """A FleetBook (mspctl.ports). Every call is one transaction."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def last_runs(self, clients: Collection[str], since: datetime) -> tuple[LastRun, ...]:
        with self._reading() as connection:
            return read_last_runs(connection, clients, since)

    def waiting(self, clients: Collection[str]) -> Mapping[str, Waiting]:
        with self._reading() as connection:
            return read_waiting(connection, clients)

    def open_incidents(self, clients: Collection[str]) -> tuple[IncidentRecord, ...]:
        with self._reading() as connection:
            return read_open_incidents(connection, clients)

    def findings(self, host: str, runs: Collection[str]) -> tuple[HostFinding, ...]:
        with self._reading() as connection:
            return read_findings(connection, host, runs)

    def traces(self, client: str) -> Mapping[str, tuple[datetime, datetime]]:
        with self._reading() as connection:
            return read_traces(connection, client)

    def sites(self, client: str) -> tuple[HostAtSite, ...]:
        with self._reading() as connection:
            return read_sites(connection, client)

    def mark(self) -> str:
        with self._reading() as connection:
            return read_mark(connection)
