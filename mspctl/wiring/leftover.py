"""Runs whose mspctl died: their open rows get the word that nobody can say."""

from collections.abc import Sequence
from datetime import datetime

from mspctl.engine.hosttask import ended
from mspctl.errors import StorageError
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.ports import RunStore

DIED = Failure(
    Outcome.LOST,
    "interrupted",
    "mspctl ended before this host did; the host may have gone on alone",
    "`mspctl runs resume` collects what it did; a rerun is safe too",
)


def close_left_behind(
    store: RunStore, runs: Sequence[str], at: datetime, word: Failure = DIED
) -> tuple[str, ...]:
    """End what is open of `runs`, such as an earlier holder of the lock announced; those that are on record.

    An id that the run log does not know was announced and never begun, or belongs to another database.
    """
    known = []
    for name in runs:
        try:
            run = store.load(name)
        except StorageError:
            continue
        known.append(name)
        if run.finished is None:
            store.record(name, [ended(row.host, at, word) for row in run.pending])
            store.finish(name, at)
    return tuple(known)
