"""Events go to the run of their client; a run log that fails in the middle says what that means."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from mspctl.errors import StorageError
from mspctl.model.event import Event, HostStarted
from mspctl.model.run import Run
from mspctl.wiring.recorder import Recorder, unfinished

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Lines:
    """Keeps what it is handed; stands for a run log and for a file of JSON lines."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, tuple[str, ...]]] = []
        self.broken = False

    def record_run(self, run_id: str, events: Sequence[Event]) -> None:
        if self.broken:
            raise StorageError("no space left")
        self.kept.append((run_id, tuple(event.host for event in events)))


class Store(Lines):
    def record(self, run_id: str, events: Sequence[Event]) -> None:
        self.record_run(run_id, events)

    def finish(self, run_id: str, at: datetime) -> None:
        del at
        self.kept.append((run_id, ("finished",)))


class Journal(Lines):
    def record(self, events: Sequence[Event]) -> None:
        self.record_run("", events)

    def finish(self, at: datetime) -> None:
        del at

    def spilled(self, events: Sequence[Event]) -> tuple[str, ...]:
        return tuple(event.host for event in events)


def run(client: str) -> Run:
    return Run(f"run-{client}", client, "patch", False, "d", "i", NOW)  # noqa: FBT003 - check_mode


def recorder(store: Store, journals: dict[str, Journal], spilled: list[str] | None = None) -> Recorder:
    kept: list[str] = [] if spilled is None else spilled
    runs = {name: run(name) for name in journals}
    return Recorder(store, runs, journals, kept.append)  # type: ignore[arg-type] # small fakes


def events(*hosts: str) -> list[Event]:
    return [HostStarted(host, NOW) for host in hosts]


def test_each_client_gets_its_own_events_and_no_others() -> None:
    store, journals = Store(), {"acme": Journal(), "beta": Journal()}
    recorder(store, journals).take(events("acme/a", "beta/a", "acme/b"))
    assert store.kept == [("run-acme", ("acme/a", "acme/b")), ("run-beta", ("beta/a",))]
    assert journals["acme"].kept == [("", ("acme/a", "acme/b"))]
    assert journals["beta"].kept == [("", ("beta/a",))]


def test_what_is_not_on_record_is_not_told_to_log_shippers() -> None:
    store, journals = Store(), {"acme": Journal(), "beta": Journal()}
    store.broken = True
    spilled: list[str] = []
    with pytest.raises(StorageError):
        recorder(store, journals, spilled).take(events("acme/a", "beta/a", "acme/b"))
    assert journals["acme"].kept == journals["beta"].kept == []
    assert spilled == ["acme/a", "acme/b", "beta/a"], "it goes where it is not lost"


def test_a_failure_in_the_middle_names_the_runs_to_resume() -> None:
    error = unfinished(StorageError("no space left"), [run("acme"), run("beta")])
    assert error.exit_code == 4
    assert "mspctl runs resume run-acme; mspctl runs resume run-beta" in str(error)
    assert "no space left" in str(error)
