"""The ledger of patches in the run log: what is pending since when, what failed where, what was decided."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from mspctl.model.ledger import Decision, PatchFailure, Pending, Seen, Verdict
from mspctl.model.outcome import Outcome
from mspctl.runstore import tables
from mspctl.runstore.codec import time_text, time_value


def read_seen(connection: Connection, client: str, since: datetime) -> tuple[Seen, ...]:
    """The updates that scans at this client have reported since then, by name and version."""
    table = tables.patch_seen
    query = select(table).where(table.c.client == client, table.c.last_seen >= time_text(since))
    rows = connection.execute(query.order_by(table.c.package, table.c.version))
    return tuple(Seen(row.package, row.version, row.security, stored_time(row.first_seen)) for row in rows)


def read_pending(connection: Connection, clients: Collection[str]) -> tuple[Pending, ...]:
    """What the last scan of each host of these clients found, by host and name."""
    table = tables.patch_pending
    query = select(table).where(table.c.client.in_(tuple(clients)))
    rows = connection.execute(query.order_by(table.c.client, table.c.host, table.c.package))
    return tuple(
        Pending(row.host, row.package, row.old_version, row.version, row.security, row.held) for row in rows
    )


def read_failures(connection: Connection) -> tuple[PatchFailure, ...]:
    """Every version that could not be installed somewhere."""
    table = tables.patch_failure
    rows = connection.execute(select(table).order_by(table.c.package, table.c.version, table.c.client))
    return tuple(PatchFailure(row.client, row.package, row.version, stored_time(row.failed)) for row in rows)


def read_decisions(connection: Connection) -> tuple[Decision, ...]:
    """Everything that was ever decided, the oldest first."""
    table = tables.patch_decision
    rows = connection.execute(select(table).order_by(table.c.seq))
    return tuple(
        Decision(
            Verdict(row.verdict),
            row.package,
            row.version,
            row.client,
            row.author,
            stored_time(row.decided),
            row.reason,
        )
        for row in rows
    )


def write_decisions(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Add decisions."""
    rows = [
        {
            "verdict": each.verdict.value,
            "package": each.package,
            "version": each.version,
            "client": each.client,
            "author": each.by,
            "decided": time_text(each.at),
            "reason": each.reason,
        }
        for each in decisions
    ]
    if rows:
        connection.execute(insert(tables.patch_decision), rows)


def read_good_runs(
    connection: Connection, playbooks: Collection[str], since: datetime
) -> Mapping[str, datetime]:
    """Host (client/name) → when it last ended well in a real run of one of these playbooks since then."""
    host, run = tables.host_run, tables.run
    query = (
        select(host.c.host, func.max(host.c.finished))
        .join(run, run.c.seq == host.c.run)
        .where(
            run.c.playbook.in_(tuple(playbooks)),
            run.c.started >= time_text(since),
            run.c.check_mode.is_(False),
            host.c.outcome.in_([outcome.value for outcome in Outcome if outcome.good]),
            host.c.finished.is_not(None),
        )
        .group_by(host.c.host)
    )
    return {name: stored_time(finished) for name, finished in connection.execute(query)}


def stored_time(text: str) -> datetime:
    """The time in a column that is never empty."""
    at = time_value(text)
    assert at is not None  # noqa: S101 - the columns are NOT NULL
    return at
