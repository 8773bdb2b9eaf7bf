"""What it means to be a RunStore.

Inherit, give the fixture `opener`, and run it with pytest:

    class TestMyStore(RunStoreContract):
        @pytest.fixture
        def opener(self, tmp_path):
            return lambda redactor=None: my_store(tmp_path, redactor)

Each call of the opener opens the *same* storage anew, as another process would.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from mspctl.engine.fold import Fold
from mspctl.errors import InternalError, StorageError
from mspctl.model.event import (
    BundleStarted,
    Event,
    LinkLost,
    Report,
    ReportKind,
    StepEnded,
    StepOutput,
    StepReported,
    StepStarted,
)
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.run import ABANDONED, Run
from mspctl.model.window import Redactor
from mspctl.ports import RunStore
from mspctl.testing.runs import START, ended, made_plan, made_run, story

CANARY = "hunter2-canary"


class Opener(Protocol):
    """Opens the storage under test."""

    def __call__(self, redactor: Redactor | None = None) -> RunStore: ...


class CanaryRedactor:
    """Takes CANARY out of everything."""

    def text(self, text: str, /) -> str:
        return text.replace(CANARY, "***")

    def blob(self, content: bytes, /) -> bytes:
        return content.replace(CANARY.encode(), b"***")


HOSTILE = Report(
    ReportKind.FINDING,
    "nul \0 and \ud800 and \x1b]52;c;\x07",
    "'; DROP TABLE run; --",
    (("old", "\U0001f600"), ("old", "twice"), ("", "")),
)


class RunStoreContract:
    """The suite. Every test begins with an empty storage."""

    @pytest.fixture
    def opener(self) -> Opener:
        """Override it."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opener: Opener) -> Iterator[RunStore]:
        """An open store."""
        store = opener()
        yield store
        store.close()

    def planned(self, store: RunStore, *hosts: str) -> Run:
        """A run with these pending hosts, recorded."""
        plan = made_plan(*(hosts or ("web1", "db1")))
        run = made_run(plan)
        store.plan(run, plan)
        return run

    def live(self, store: RunStore, run: Run, events: list[Event]) -> Run:
        """Record one by one, comparing with the live run after every event."""
        fold = Fold(run)
        for event in events:
            fold.apply([event])
            store.record(run.id, [event])
            assert store.load(run.id) == fold.run
        return fold.run

    def test_a_planned_host_is_pending_before_anything_happens(self, store: RunStore) -> None:
        run = self.planned(store)
        assert store.load(run.id) == run
        assert [host.host for host in store.load(run.id).pending] == ["acme/web1", "acme/db1"]

    def test_the_run_must_hold_the_hosts_of_the_plan(self, store: RunStore) -> None:
        run = made_run(made_plan("web1"))
        with pytest.raises(InternalError):
            store.plan(run, made_plan("web1", "db1"))
        assert list(store.runs()) == []

    def test_the_same_run_id_is_refused(self, store: RunStore) -> None:
        run = self.planned(store)
        with pytest.raises(StorageError):
            store.plan(run, made_plan("web1", "db1"))
        assert store.load(run.id) == run

    def test_an_unknown_run_is_an_error(self, store: RunStore) -> None:
        for act in (lambda: store.load("x"), lambda: store.record("x", []), lambda: store.finish("x", START)):
            with pytest.raises(StorageError):
                act()

    def test_the_live_run_equals_the_one_read_back(self, store: RunStore) -> None:
        run = self.planned(store)
        events: list[Event] = [
            StepOutput("acme/web1", -1, b"motd\n"),
            *story("acme/web1", reports=(HOSTILE,)),
            StepStarted("acme/db1", 0, 1.0),
            StepOutput("acme/db1", 0, b"\xff\0" * 200_000),
            StepEnded("acme/db1", 0, StepStatus.FAILED, "no \0 disk", 1 / 3, Forecast.UNKNOWN),
            LinkLost("acme/db1", START, "reset"),
            ended("acme/db1", Outcome.FAILED, reason="disk-full"),
        ]
        live = self.live(store, run, events)
        assert live.counts == {Outcome.CHANGED: 1, Outcome.FAILED: 1}
        assert live.hosts[1].steps[0].output.dropped == 400_000 - 128 * 1024

    def test_another_process_reads_what_was_recorded(self, store: RunStore, opener: Opener) -> None:
        run = self.planned(store)
        store.record(run.id, list(story("acme/web1")))
        other = opener()
        assert other.load(run.id) == store.load(run.id)
        other.close()

    def test_another_process_goes_on_with_the_run(self, store: RunStore, opener: Opener) -> None:
        run = self.planned(store, "web1")
        fold = Fold(run)
        events = list(story("acme/web1", steps=2, reports=(HOSTILE,)))
        store.record(run.id, events[:-2])
        other = opener()
        late: list[Event] = [StepOutput("acme/web1", 1, b"more"), StepReported("acme/web1", 1, HOSTILE)]
        other.record(run.id, [*late, *events[-2:]])
        fold.apply([*events[:-2], *late, *events[-2:]])
        assert other.load(run.id) == fold.run
        assert other.verify() == ()
        other.close()

    def test_output_after_the_verdict_is_kept(self, store: RunStore) -> None:
        run = self.planned(store, "web1")
        late: list[Event] = [StepOutput("acme/web1", 0, b"late"), StepReported("acme/web1", 0, HOSTILE)]
        *begun, end = story("acme/web1")
        live = self.live(store, run, [*begun, *late, end])
        assert live.hosts[0].steps[0].output.text.endswith("late")

    def test_reading_a_spool_twice_gives_what_reading_it_once_gives(self, store: RunStore) -> None:
        run = self.planned(store, "web1")
        *begun, end = story("acme/web1", reports=(HOSTILE,))
        once = Fold(run)
        once.apply([*begun, end])
        assert self.live(store, run, [*begun, *begun[3:], end]) == once.run

    def test_a_terminal_host_never_changes(self, store: RunStore) -> None:
        run = self.planned(store, "web1")
        before = self.live(store, run, list(story("acme/web1")))
        for late in story("acme/web1", outcome=Outcome.FAILED, output=b"late"):
            store.record(run.id, [late])
        assert store.load(run.id) == before

    def test_an_event_of_an_unplanned_host_records_nothing_of_its_batch(self, store: RunStore) -> None:
        run = self.planned(store, "web1")
        with pytest.raises(InternalError):
            store.record(run.id, [*story("acme/web1"), ended("acme/other", Outcome.OK)])
        assert store.load(run.id) == run
        store.record(run.id, list(story("acme/web1")))
        assert store.load(run.id).counts == {Outcome.CHANGED: 1}

    def test_a_run_with_pending_hosts_cannot_finish(self, store: RunStore) -> None:
        run = self.planned(store)
        store.record(run.id, [ended("acme/web1", Outcome.FAILED)])
        with pytest.raises(InternalError):
            store.finish(run.id, START)
        store.record(run.id, [ended("acme/db1", Outcome.LOST)])
        store.finish(run.id, START + timedelta(minutes=2))
        store.finish(run.id, START + timedelta(minutes=9))
        assert store.load(run.id).finished == START + timedelta(minutes=2)
        assert store.verify(run.id) == ()

    def test_runs_are_found_by_client_and_time(self, store: RunStore) -> None:
        for day, client in enumerate(("acme", "bolt", "acme")):
            plan = made_plan("web1", client=client)
            run = made_run(plan, f"2026112{day}T0000Z-{client}-patch-0000", START + timedelta(days=day))
            store.plan(run, plan)
            store.record(run.id, list(story(f"{client}/web1")))
        assert [run.client for run in store.runs()] == ["acme", "bolt", "acme"]
        assert [run.id[:8] for run in store.runs(client="acme")] == ["20261120", "20261122"]
        second = START + timedelta(days=1)
        assert [run.client for run in store.runs(since=second)] == ["bolt", "acme"]
        assert [run.client for run in store.runs(until=second)] == ["acme"]
        assert [run.id[:8] for run in store.runs(last=2)] == ["20261121", "20261122"]
        assert [run.id[:8] for run in store.runs(client="acme", last=1)] == ["20261122"]
        assert [run.id[:8] for run in store.runs(until=second, last=9)] == ["20261120"]
        bare = next(iter(store.runs()))
        assert bare == store.load(bare.id, outputs=False)
        assert bare.hosts[0].steps[0].output.dropped == len(b"Reading package lists...\n")

    def test_runs_are_found_by_what_was_planned(self, store: RunStore) -> None:
        for day, module in enumerate(("backup-files", "packages", "backup_files")):
            plan = made_plan("web1")
            bundle = plan.bundles[0]
            steps = (*bundle.steps[1:], replace(bundle.steps[0], module=module))
            plan = replace(plan, bundles=(replace(bundle, steps=steps),))
            run = made_run(plan, f"2026112{day}T0000Z-acme-patch-0000", START + timedelta(days=day))
            store.plan(run, plan)
        assert [run.id[:8] for run in store.runs(modules={"backup-files", "none"})] == ["20261120"]
        assert [run.id[:8] for run in store.runs(modules={"backup_files"})] == ["20261122"]
        assert not list(store.runs(modules={"backup-files"}, since=START + timedelta(days=1)))

    def test_a_spool_is_left_when_no_run_asks_for_it(self, store: RunStore) -> None:
        words = {
            "s1": (Outcome.FAILED, "max-output"),
            "s2": (Outcome.LOST, "link-lost"),
            "s3": (Outcome.LOST, ABANDONED),
            "s4": (Outcome.CHANGED, ""),
            "s5": None,
        }
        for day, (spool, word) in enumerate(words.items()):
            self.told(store, day, spool, word)
        assert store.left_spools(["acme", "bolt"], START) == {"acme/web1": ("/run/s3", "/run/s1")}
        assert store.left_spools(["acme"], START + timedelta(days=1)) == {"acme/web1": ("/run/s3",)}
        assert store.left_spools(["bolt"], START) == {}
        # A run that was to collect s2 is cancelled: that of the lost run is still asked for.
        self.told(store, 5, "s2", (Outcome.CANCELLED, "cancelled"))
        assert "/run/s2" not in store.left_spools(["acme"], START)["acme/web1"]

    def told(self, store: RunStore, day: int, spool: str, word: tuple[Outcome, str] | None) -> None:
        """A run on a day that began in this spool and came to this end, if to any."""
        plan = made_plan("web1")
        run = made_run(plan, f"2026112{day}T0000Z-acme-patch-0000", START + timedelta(days=day))
        store.plan(run, plan)
        begun = BundleStarted("acme/web1", START, 0, "n" * 32, f"/run/{spool}", "b" * 36)
        store.record(run.id, [begun, *([ended("acme/web1", word[0], reason=word[1])] if word else [])])

    def test_no_secret_is_written(self, opener: Opener) -> None:
        store = opener(CanaryRedactor())
        run = self.planned(store, "web1")
        head = b"." * (64 * 1024 - 5) + CANARY.encode() + b"." * 100_000
        *begun, end = story("acme/web1", output=head)
        told = Report(ReportKind.NOTE, CANARY, f"<{CANARY}>", ((CANARY, CANARY),))
        reason = StepEnded("acme/web1", 1, StepStatus.FAILED, f"wrong password {CANARY}")
        store.record(run.id, [*begun, StepReported("acme/web1", 1, told), reason, end])
        text = repr(store.load(run.id))
        assert "hunt" not in text
        assert "canary" not in text
        assert "***" in text
        store.close()

    def test_a_healthy_log_verifies(self, store: RunStore) -> None:
        run = self.planned(store)
        assert store.verify() == ()
        store.record(run.id, list(story("acme/db1", reports=(HOSTILE,), output=b"y" * 300_000)))
        assert store.verify() == ()
        store.record(run.id, list(story("acme/web1", outcome=Outcome.FAILED)))
        store.finish(run.id, START)
        assert store.verify() == ()
        assert store.verify(run.id) == ()

    def test_prune_forgets_outputs_and_keeps_the_truth(self, store: RunStore) -> None:
        run = self.planned(store)
        store.record(run.id, [*story("acme/web1", reports=(HOSTILE,)), *story("acme/db1")])
        bare = store.load(run.id, outputs=False)
        assert store.prune(START + timedelta(days=365)).runs == 0  # not finished: left alone
        assert list(store.ended_before(START + timedelta(days=365))) == []
        store.finish(run.id, START)
        assert store.prune(START).runs == 0
        assert list(store.ended_before(START)) == []
        assert list(store.ended_before(START + timedelta(seconds=1))) == [run.id]
        pruned = store.prune(START + timedelta(seconds=1))
        assert (pruned.runs, pruned.bytes > 0) == (1, True)
        assert store.load(run.id).hosts == bare.hosts
        assert store.verify() == ()
        assert store.prune(START + timedelta(days=1)).runs == 0
        assert store.prune(START + timedelta(days=1), everything=True).runs == 1
        assert list(store.runs()) == []
        assert store.verify() == ()
