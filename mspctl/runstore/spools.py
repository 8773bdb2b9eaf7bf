"""Which spool folders on hosts nobody will ask for any more."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, or_, select

from mspctl.model.outcome import Outcome
from mspctl.model.run import ABANDONED
from mspctl.runstore import tables
from mspctl.runstore.codec import time_text

_FORGOTTEN = (Outcome.OK.value, Outcome.CHANGED.value)
"""With these the host was told to forget its spool, and has said that it heard."""


def read_left_spools(
    connection: Connection, clients: Collection[str], since: datetime
) -> Mapping[str, tuple[str, ...]]:
    """Host (client/name) → spools, the newest first, of runs since then that no `runs resume` asks for.

    A run that collects another's hosts works with the spools of that one: one open row keeps a spool.
    """
    run, host = tables.run.c, tables.host_run.c
    query = (
        select(host.host, host.spool, host.outcome, host.reason)
        .join_from(tables.host_run, tables.run, run.seq == host.run)
        .where(run.client.in_(tuple(clients)), run.started >= time_text(since), host.spool.is_not(None))
        .where(or_(host.outcome.is_(None), host.outcome.not_in(_FORGOTTEN)))
        .order_by(run.started.desc(), run.seq.desc())
    )
    over: dict[str, dict[str, None]] = defaultdict(dict)
    asked_for: set[tuple[str, str]] = set()
    for row in connection.execute(query):
        if row.outcome is None or (row.outcome == Outcome.LOST.value and row.reason != ABANDONED):
            asked_for.add((row.host, row.spool))
        else:
            over[row.host][row.spool] = None
    return {
        name: tuple(spool for spool in spools if (name, spool) not in asked_for)
        for name, spools in over.items()
    }
