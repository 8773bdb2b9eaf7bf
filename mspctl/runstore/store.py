"""The run log over SQLAlchemy Core: the same code for SQLite and PostgreSQL."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from mspctl.errors import InternalError, NoSuchRun
from mspctl.model.advisory import PackageList
from mspctl.model.bundle import Plan
from mspctl.model.call import CallRecord
from mspctl.model.event import Event
from mspctl.model.invoice import Invoice
from mspctl.model.ledger import Decision, PatchFailure, Pending, Seen
from mspctl.model.posture import CheckFinding, Look
from mspctl.model.run import Pruned, Run, Violation
from mspctl.model.sample import Sample
from mspctl.model.schedule import Firing, Installed
from mspctl.model.snapshot import Snapshot
from mspctl.model.window import Redactor
from mspctl.runstore import tables
from mspctl.runstore.calls import read_call_records, storable_record, write_call_record
from mspctl.runstore.chain import last_link
from mspctl.runstore.codec import time_text
from mspctl.runstore.failures import sense_expected, storage_errors
from mspctl.runstore.invoices import read_invoices, write_invoice
from mspctl.runstore.ledger import (
    read_decisions,
    read_failures,
    read_good_runs,
    read_pending,
    read_seen,
    write_decisions,
)
from mspctl.runstore.live import LiveRun, read_live
from mspctl.runstore.looks import read_check_findings, read_looks, read_package_lists
from mspctl.runstore.prune import prune, reclaim
from mspctl.runstore.reading import read_run, run_rows, with_modules
from mspctl.runstore.samples import read_samples
from mspctl.runstore.schedules import (
    claim_firing,
    end_firing,
    read_firings,
    read_installed,
    write_installed,
)
from mspctl.runstore.snapshots import read_snapshots, write_snapshot
from mspctl.runstore.spools import read_left_spools
from mspctl.runstore.sqlite import WRITES
from mspctl.runstore.verify import verify_database, verify_run
from mspctl.runstore.writing import gather, write_plan

if TYPE_CHECKING:
    from mspctl.runstore.fleetbook import SqlFleetBook
    from mspctl.runstore.watchbook import SqlWatchBook


@dataclass(frozen=True, slots=True)
class _Transactions:
    """How others of this package get at the database."""

    writing: Callable[[], AbstractContextManager[Connection]]
    reading: Callable[[], AbstractContextManager[Connection]]


class SqlRunStore:
    """A RunStore, a PatchLedger, a CallBook, a ScheduleBook, a HealthBook and a PostureBook, up to date.

    Every call is one transaction; one thread calls. Every text and every byte goes through `redactor` before
    it is written.
    """

    def __init__(self, engine: Engine, where: str, redactor: Redactor) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._where = where
        self._redactor = redactor
        self._live: dict[str, LiveRun] = {}

    @property
    def where(self) -> str:
        """The database, for people: never with a password."""
        return self._where

    def plan(self, run: Run, plan: Plan) -> None:
        """Record the run with one pending row per host of the plan.

        Raises:
            InternalError: the run's hosts are not the plan's, or not all pending.
            StorageError: nothing was recorded.
        """
        planned = [bundle.host.key for bundle in plan.bundles]
        if [host.host for host in run.hosts] != planned or len(run.pending) != len(planned) or not planned:
            raise InternalError(f"run {run.id} does not hold one pending row for each planned host")
        with self._writing() as connection:
            write_plan(connection, run, plan)

    def record(self, run_id: str, events: Sequence[Event]) -> None:
        """Add events, in order, in one transaction; on return they are on the disk.

        Events of a host that has ended are refused: left out, because its row is final.

        Raises:
            InternalError: an event of a host that was not planned; nothing of the batch is recorded.
            StorageError: nothing of the batch is recorded; it may be handed in again.
        """
        try:
            with self._writing() as connection:
                live = self._live.get(run_id) or self._read_live(connection, run_id)
                touched: dict[str, None] = {}
                for event in events:
                    host = live.host(event.host, run_id)
                    if host is not None and host.apply(event, connection, live.seq):
                        touched[event.host] = None
                gather(live, touched, self._redactor).write(connection)
        except BaseException:
            self._live.pop(run_id, None)  # the memory is ahead of the tables: read them again
            raise

    def finish(self, run_id: str, at: datetime) -> None:
        """Every host has its outcome. The first call counts.

        Raises:
            InternalError: hosts are still pending.
        """
        with self._writing() as connection:
            row = self._row(connection, run_id)
            if row.finished is not None:
                return
            live = read_live(connection, row, self._redactor)
            if live.hosts:
                raise InternalError(f"run {run_id} cannot finish: {len(live.hosts)} hosts are pending")
            finished = time_text(at)
            values = {"finished": finished, "chain_head": last_link(live.chain, finished)}
            connection.execute(update(tables.run).where(tables.run.c.seq == row.seq).values(values))
        self._live.pop(run_id, None)

    def load(self, run_id: str, *, outputs: bool = True) -> Run:
        """The run as recorded. Without `outputs`, an Output only tells how many bytes there were."""
        with self._reading() as connection:
            row = self._row(connection, run_id)
            with sense_expected(self._where):
                return read_run(connection, row, outputs=outputs)

    def runs(
        self,
        *,
        client: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        modules: Collection[str] = (),
        last: int | None = None,
    ) -> Iterator[Run]:
        """Runs that started in [since, until), oldest first; what their steps printed is left out."""
        query = run_rows(client, since, until).limit(last)
        if modules:
            query = query.where(with_modules(modules))
        with self._reading() as connection:
            rows = connection.execute(query).all()
        for row in reversed(rows):
            with self._reading() as connection, sense_expected(self._where):
                run = read_run(connection, row, outputs=False)
            yield run

    def left_spools(self, clients: Collection[str], since: datetime) -> Mapping[str, tuple[str, ...]]:
        with self._reading() as connection:
            return read_left_spools(connection, clients, since)

    def verify(self, run_id: str | None = None) -> tuple[Violation, ...]:
        """Recompute all that can be recomputed, of one run or of the whole database. Empty if all is well."""
        with self._reading() as connection:
            if run_id is not None:
                return tuple(verify_run(connection, self._row(connection, run_id)))
            found = list(verify_database(connection))
            for row in connection.execute(select(tables.run).order_by(tables.run.c.seq)).all():
                found.extend(verify_run(connection, row))
            return tuple(found)

    def ended_before(self, before: datetime) -> tuple[str, ...]:
        run = tables.run.c
        with self._reading() as connection:
            return tuple(connection.execute(select(run.id).where(run.finished < time_text(before))).scalars())

    def prune(self, before: datetime, *, everything: bool = False) -> Pruned:
        """Forget what steps printed in runs finished before `before`; with `everything`, the runs as well.

        Without `everything` outcomes, verdicts, reports and the chain stay, so that a report of that time can
        still be made. Unfinished runs are left alone.
        """
        with self._writing() as connection:
            pruned = prune(connection, time_text(before), everything=everything)
        with storage_errors(self._where):
            reclaim(self._engine)
        return pruned

    def seen(self, client: str, since: datetime) -> tuple[Seen, ...]:
        with self._reading() as connection:
            return read_seen(connection, client, since)

    def pending(self, clients: Collection[str]) -> tuple[Pending, ...]:
        with self._reading() as connection:
            return read_pending(connection, clients)

    def failures(self) -> tuple[PatchFailure, ...]:
        with self._reading() as connection:
            return read_failures(connection)

    def decisions(self) -> tuple[Decision, ...]:
        with self._reading() as connection:
            return read_decisions(connection)

    def decide(self, decisions: Sequence[Decision]) -> None:
        with self._writing() as connection:
            write_decisions(connection, decisions)

    def good_runs(self, playbooks: Collection[str], since: datetime) -> Mapping[str, datetime]:
        with self._reading() as connection:
            return read_good_runs(connection, playbooks, since)

    def write_call(self, record: CallRecord) -> int:
        with self._writing() as connection:
            return write_call_record(connection, storable_record(record, self._redactor))

    def call_records(self, clients: Collection[str]) -> tuple[CallRecord, ...]:
        with self._reading() as connection, sense_expected(self._where):
            return read_call_records(connection, clients)

    def write_invoice(self, invoice: Invoice) -> Invoice:
        with self._writing() as connection:
            return write_invoice(connection, invoice)

    def invoices(self) -> tuple[Invoice, ...]:
        with self._reading() as connection:
            return read_invoices(connection)

    def write_snapshot(self, snapshot: Snapshot) -> None:
        with self._writing() as connection:
            write_snapshot(connection, snapshot)

    def snapshots(self, client: str) -> tuple[Snapshot, ...]:
        with self._reading() as connection:
            return read_snapshots(connection, client)

    def claim_firing(self, firing: Firing, forget: datetime) -> bool:
        with self._writing() as connection:
            return claim_firing(connection, firing, forget)

    def end_firing(self, firing: Firing) -> None:
        with self._writing() as connection:
            end_firing(connection, firing)

    def firings(self, clients: Collection[str], since: datetime) -> tuple[Firing, ...]:
        with self._reading() as connection, sense_expected(self._where):
            return read_firings(connection, clients, since)

    def installed(self, clients: Collection[str]) -> tuple[Installed, ...]:
        with self._reading() as connection, sense_expected(self._where):
            return read_installed(connection, clients)

    def install(self, clients: Collection[str], rows: Sequence[Installed]) -> None:
        with self._writing() as connection:
            write_installed(connection, clients, rows)

    def watch_book(self) -> "SqlWatchBook":
        """What monitoring keeps, in the same database; it is closed with this."""
        from mspctl.runstore.watchbook import SqlWatchBook  # noqa: PLC0415 - few commands watch

        return SqlWatchBook(_Transactions(self._writing, self._sensible), self._redactor)

    def fleet_book(self) -> "SqlFleetBook":
        """The run log read across all hosts; it is closed with this."""
        from mspctl.runstore.fleetbook import SqlFleetBook  # noqa: PLC0415 - few commands look at all hosts

        return SqlFleetBook(self._sensible)

    @contextmanager
    def _sensible(self) -> Iterator[Connection]:
        with self._reading() as connection, sense_expected(self._where):
            yield connection

    def samples(
        self, client: str, prefixes: Collection[str], since: datetime, until: datetime
    ) -> tuple[Sample, ...]:
        with self._reading() as connection, sense_expected(self._where):
            return read_samples(connection, client, prefixes, since, until)

    def looks(self, client: str, since: datetime, until: datetime) -> tuple[Look, ...]:
        with self._sensible() as connection:
            return read_looks(connection, client, since, until)

    def check_findings(self, runs: Collection[str]) -> tuple[CheckFinding, ...]:
        with self._sensible() as connection:
            return read_check_findings(connection, runs)

    def package_lists(self, client: str, since: datetime, until: datetime) -> tuple[PackageList, ...]:
        with self._sensible() as connection:
            return read_package_lists(connection, client, since, until)

    def count(self, *, unfinished: bool = False) -> int:
        """How many runs are recorded, or of those how many have no end."""
        query = select(func.count()).select_from(tables.run)
        if unfinished:
            query = query.where(tables.run.c.finished.is_(None))
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        self._engine.dispose()

    def _row(self, connection: Connection, run_id: str) -> Row[Any]:
        row = connection.execute(select(tables.run).where(tables.run.c.id == run_id)).first()
        if row is None:
            raise NoSuchRun(f"there is no run {run_id!r} in {self._where}", hint="see `mspctl runs list`")
        return row

    def _read_live(self, connection: Connection, run_id: str) -> LiveRun:
        row = self._row(connection, run_id)
        live = self._live[run_id] = read_live(connection, row, self._redactor)
        return live

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with storage_errors(self._where), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with storage_errors(self._where), self._engine.begin() as connection:
            yield connection
