"""What steps say about packages, as rows of the ledger, written in the transaction of the events."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, case, delete, insert, or_

from mspctl.model.outcome import StepStatus
from mspctl.model.run import StepRun
from mspctl.model.scan import (
    ANSWERED,
    INSTALLING_MODULES,
    PACKAGE_MODULES,
    failed_updates,
    last_scan,
    updates,
)
from mspctl.runstore import tables
from mspctl.runstore.dialect import insert_of

Columns = dict[str, Any]
_YES = frozenset({"yes", "1", "true"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose words they are: the run's client, the host, since when (time text), and if it was a dry run."""

    client: str
    host: str
    at: str
    check_mode: bool


@dataclass(slots=True)
class LedgerRows:
    """Rows to be written; the same key once, so that any order of events gives the same ledger."""

    seen: dict[tuple[str, str, str], Columns] = field(default_factory=dict)
    scanned: dict[str, list[Columns]] = field(default_factory=dict)
    """Host → what its last scan found."""
    failed: dict[tuple[str, str, str], Columns] = field(default_factory=dict)

    def note(self, step: StepRun, origin: Origin) -> None:
        """Take what an ended step said."""
        if step.module not in PACKAGE_MODULES or step.status is None:
            return
        scan = last_scan(step.reports, check_mode=origin.check_mode)
        if scan is not None:
            found = [_pending(origin, name, fields) for name, fields in updates(scan)]
            for row in found:
                self._see(row, origin)
            if step.status in ANSWERED:
                self.scanned[origin.host] = list({row["package"]: row for row in found}.values())
        installed = step.module in INSTALLING_MODULES and not origin.check_mode
        if installed and step.status is StepStatus.FAILED:
            for package, version in failed_updates(step.reports):
                key = (origin.client, package, version)
                columns = dict(zip(("client", "package", "version"), key, strict=True))
                before = self.failed.get(key)
                latest = max(origin.at, before["failed"]) if before else origin.at
                self.failed[key] = {**columns, "failed": latest}

    def _see(self, row: Columns, origin: Origin) -> None:
        key = (origin.client, row["package"], row["version"])
        columns = dict(zip(("client", "package", "version"), key, strict=True))
        before = self.seen.get(key)
        security = row["security"] or bool(before and before["security"])
        self.seen[key] = {
            **columns,
            "security": security,
            "first_seen": before["first_seen"] if before else origin.at,
            "last_seen": origin.at,
        }

    def write(self, connection: Connection) -> None:
        """Send the rows, in the order of their keys: two writers cannot wait for each other."""
        if self.seen:
            connection.execute(_upsert_seen(connection), [self.seen[key] for key in sorted(self.seen)])
        if self.scanned:
            hosts = sorted(self.scanned)
            table = tables.patch_pending
            connection.execute(
                delete(table).where(
                    table.c.client == bindparam("the_client"), table.c.host == bindparam("the_host")
                ),
                [{"the_client": host.partition("/")[0], "the_host": host} for host in hosts],
            )
            if rows := [row for host in hosts for row in self.scanned[host]]:
                connection.execute(insert(table), rows)
        if self.failed:
            connection.execute(_upsert_failed(connection), [self.failed[key] for key in sorted(self.failed)])


def _pending(origin: Origin, name: str, fields: Any) -> Columns:  # noqa: ANN401 - a map of texts
    return {
        "client": origin.client,
        "host": origin.host,
        "package": name,
        "old_version": fields.get("old", ""),
        "version": fields["new"],
        "security": fields.get("security") in _YES,
        "held": fields.get("reason", ""),
    }


def _upsert_seen(connection: Connection) -> Insert:
    """The first sight stays; an update that somebody calls a security update is one."""
    table = tables.patch_seen
    statement = insert_of(connection.dialect.name)(table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["client", "package", "version"],
        set_={"last_seen": new.last_seen, "security": or_(table.c.security, new.security)},
    )


def _upsert_failed(connection: Connection) -> Insert:
    """The latest failure counts: one after a release quarantines anew."""
    table = tables.patch_failure
    statement = insert_of(connection.dialect.name)(table)
    new = statement.excluded.failed
    latest = case((new > table.c.failed, new), else_=table.c.failed)
    return statement.on_conflict_do_update(
        index_elements=["client", "package", "version"], set_={"failed": latest}
    )
