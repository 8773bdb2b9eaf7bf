"""Carries the stream of events into the run log, client by client."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from mspctl.errors import StorageError
from mspctl.model.event import Event
from mspctl.model.run import Run
from mspctl.ports import RunStore
from mspctl.runstore.jsonl import JsonLines


class Recorder:
    """Writes each event into the run of its host's client. `runs` maps client → run.

    When `take` returns, the events are on the disk; the journals for log shippers follow, and may lag.
    What the run log does not take goes to `spill`, so that nothing that a host said is lost with it.
    """

    def __init__(
        self,
        store: RunStore,
        runs: Mapping[str, Run],
        journals: Mapping[str, JsonLines],
        spill: Callable[[str], None],
    ) -> None:
        self._spill = spill
        self._store = store
        self._runs = runs
        self._journals = journals

    def take(self, events: Sequence[Event]) -> None:
        """Record a batch.

        Raises:
            StorageError: what could not be recorded was handed to `spill`, a JSON line an event.
        """
        shares = _by_client(events)
        for client in tuple(shares):
            try:
                self._store.record(self._runs[client].id, shares[client])
            except StorageError:
                self._spill_all(shares)
                raise
            self._journals[client].record(shares.pop(client))

    def _spill_all(self, shares: Mapping[str, Sequence[Event]]) -> None:
        for client, share in shares.items():
            for line in self._journals[client].spilled(share):
                self._spill(line)

    def finish(self, at: datetime) -> None:
        """Close every run: all its hosts have ended."""
        for client, run in self._runs.items():
            self._store.finish(run.id, at)
            self._journals[client].finish(at)


def _by_client(events: Sequence[Event]) -> dict[str, list[Event]]:
    shares: dict[str, list[Event]] = {}
    for event in events:
        shares.setdefault(event.host.partition("/")[0], []).append(event)
    return shares


def unfinished(error: StorageError, runs: Sequence[Run]) -> StorageError:
    """The error of a run log that failed in the middle, with what that means for the hosts."""
    calls = "; ".join(f"mspctl runs resume {run.id}" for run in runs)
    problem = error.problems[0]
    return StorageError(
        f"the run log failed in the middle of the run: {problem.problem}",
        place=problem.place,
        hint=f"no further host was started, those at work go on; mend it, then: {calls}",
    )
