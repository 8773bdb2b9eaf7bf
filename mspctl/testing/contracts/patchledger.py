"""What it means to be a PatchLedger that a RunStore fills.

Inherit, give the fixture `opener`, and run it with pytest, as with mspctl.testing.contracts.runstore.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from mspctl.errors import StorageError
from mspctl.model.event import Event, HostStarted, Report, ReportKind, StepEnded, StepReported, StepStarted
from mspctl.model.ledger import Decision, PatchFailure, Pending, Seen, Verdict
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.ports import PatchLedger, RunStore
from mspctl.testing.runs import START, ended, made_plan, made_run, story

COUNT = Report(ReportKind.METRIC, "packages.pending", "1")
DAY = timedelta(days=1)


class LedgerStore(RunStore, PatchLedger, Protocol):
    """Both in one, as the run log is."""


class LedgerOpener(Protocol):
    """Opens the storage under test."""

    def __call__(self) -> LedgerStore: ...


def pending(name: str, new: str = "2", security: str = "no") -> Report:
    """A finding of a scan."""
    fields = (("old", "1"), ("new", new), ("security", security))
    return Report(ReportKind.FINDING, f"pending:{name}", "", fields)


_UPGRADE = (pending("curl"), COUNT, Report(ReportKind.CHANGE, "curl", "", (("old", "1"), ("new", "2"))))
"""What a scan found and an upgrade then put in."""


def told(host: str, reports: tuple[Report, ...], status: StepStatus = StepStatus.OK) -> list[Event]:
    """A step of the module `packages` that says this."""
    said: list[Event] = [StepReported(host, 0, report) for report in reports]
    return [StepStarted(host, 0, 100.0), *said, StepEnded(host, 0, status)]


class PatchLedgerContract:
    """The suite. Every test begins with an empty storage."""

    @pytest.fixture
    def opener(self) -> LedgerOpener:
        """Override it."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opener: LedgerOpener) -> Iterator[LedgerStore]:
        """An open store."""
        store = opener()
        yield store
        store.close()

    def scanned(
        self,
        store: LedgerStore,
        *reports: Report,
        day: int = 0,
        host: str = "acme/web1",
        status: StepStatus = StepStatus.OK,
    ) -> None:
        """A whole run with one host, that many days after START, whose step says `reports`."""
        client, _, name = host.partition("/")
        plan = made_plan(name, client=client)
        run = made_run(plan, f"{day:04}-{client}-{name}", START + day * DAY)
        store.plan(run, plan)
        begun: list[Event] = [HostStarted(host, run.started)]
        outcome = Outcome.FAILED if status is StepStatus.FAILED else Outcome.CHANGED
        store.record(run.id, [*begun, *told(host, reports, status), ended(host, outcome, run.started)])
        store.finish(run.id, run.started + timedelta(minutes=2))

    def test_the_first_sight_stays(self, store: LedgerStore) -> None:
        self.scanned(store, pending("curl"), pending("vim", "9", "yes"), COUNT)
        self.scanned(store, pending("curl"), pending("curl-doc"), COUNT, day=3, host="acme/db1")
        assert store.seen("acme", START) == (
            Seen("curl", "2", security=False, first=START),
            Seen("curl-doc", "2", security=False, first=START + 3 * DAY),
            Seen("vim", "9", security=True, first=START),
        )
        assert [each.package for each in store.seen("acme", START + DAY)] == ["curl", "curl-doc"]
        assert store.seen("bolt", START) == ()

    def test_a_security_update_is_one_wherever_somebody_says_so(self, store: LedgerStore) -> None:
        self.scanned(store, pending("curl"), COUNT)
        self.scanned(store, pending("curl", security="yes"), COUNT, day=1)
        self.scanned(store, pending("curl"), COUNT, day=2)
        assert store.seen("acme", START) == (Seen("curl", "2", security=True, first=START),)

    def test_the_last_scan_of_each_host_is_what_is_pending(self, store: LedgerStore) -> None:
        held = Report(ReportKind.HELD, "mysql", "", (("old", "1"), ("new", "2"), ("reason", "hold")))
        self.scanned(store, pending("curl"), pending("vim"), held, COUNT)
        self.scanned(store, pending("curl"), COUNT, host="bolt/web1")
        first = Pending("acme/web1", "curl", "1", "2", security=False)
        kept = Pending("acme/web1", "mysql", "1", "2", security=False, held="hold")
        vim = Pending("acme/web1", "vim", "1", "2", security=False)
        assert store.pending(["acme"]) == (first, kept, vim)
        # Without a count the resolver gave no answer.
        self.scanned(store, pending("vim"), day=1, status=StepStatus.FAILED)
        assert store.pending(["acme"]) == (first, kept, vim)
        # A step that fails for one package, and has put in the others, knows what is left.
        said = (*_UPGRADE, pending("vim"), COUNT)
        self.scanned(store, *said, day=2, status=StepStatus.FAILED)
        assert store.pending(["acme"]) == (vim,)
        self.scanned(store, pending("curl"), COUNT, day=3)
        self.scanned(store, pending("vim"), COUNT, day=4)
        assert store.pending(["acme"]) == (vim,)
        self.scanned(store, COUNT, day=5)
        assert [each.host for each in store.pending(["acme", "bolt"])] == ["bolt/web1"]

    def test_one_batch_or_many_give_the_same(self, store: LedgerStore) -> None:
        plan = made_plan("web1", "web2")
        run = made_run(plan)
        store.plan(run, plan)
        for host in ("acme/web1", "acme/web2"):
            for event in told(host, (pending("curl"), COUNT)):
                store.record(run.id, [event])
        for event in told("acme/web1", (pending("vim"), COUNT)):  # the spool is read again
            store.record(run.id, [event])
        assert [(each.host, each.package) for each in store.pending(["acme"])] == [
            ("acme/web1", "vim"),
            ("acme/web2", "curl"),
        ]

    def test_failures_are_kept_with_their_latest_time(self, store: LedgerStore) -> None:
        state = Report(
            ReportKind.CHANGE, "php", "", (("old", "1"), ("new", "8.3"), ("state", "half-configured"))
        )
        self.scanned(store, state, status=StepStatus.FAILED)
        self.scanned(store, state, status=StepStatus.FAILED, day=1)
        self.scanned(store, state, status=StepStatus.FAILED, day=2, host="bolt/web1")
        assert store.failures() == (
            PatchFailure("acme", "php", "8.3", START + DAY),
            PatchFailure("bolt", "php", "8.3", START + 2 * DAY),
        )

    def test_a_hostile_name_never_becomes_a_rule(self, store: LedgerStore) -> None:
        broken = Report(ReportKind.FINDING, "broken:*", "", (("version", "*"),))
        self.scanned(store, pending("*", "*"), broken, COUNT, status=StepStatus.FAILED)
        assert (store.seen("acme", START), store.failures()) == ((), ())

    def test_decisions_are_kept_in_their_order_for_ever(self, opener: LedgerOpener) -> None:
        store = opener()
        made = [
            Decision(Verdict.REJECT, "nginx", "*", "", "ops", START, "too new ü"),
            Decision(Verdict.APPROVE, "curl", "2", "acme", "ops", START - DAY, "tried"),
        ]
        store.decide(made)
        store.decide([])
        store.close()
        again = opener()
        assert list(again.decisions()) == made
        again.close()

    def test_good_runs(self, store: LedgerStore) -> None:
        self.scanned(store, COUNT)
        self.scanned(store, COUNT, day=2)
        self.scanned(store, COUNT, day=3, status=StepStatus.FAILED)
        good = START + 2 * DAY + timedelta(minutes=1)
        assert store.good_runs(["patch"], START) == {"acme/web1": good}
        assert store.good_runs(["other"], START) == {}
        assert store.good_runs(["patch"], START + 3 * DAY) == {}

    def test_the_ledger_outlives_pruned_runs(self, store: LedgerStore) -> None:
        self.scanned(store, pending("curl"), COUNT)
        store.decide([Decision(Verdict.APPROVE, "curl", "2", "", "ops", START, "x")])
        assert store.prune(START + DAY, everything=True).runs == 1
        assert len(store.seen("acme", START)) == len(store.pending(["acme"])) == len(store.decisions()) == 1
        assert store.verify() == ()

    def test_a_run_keeps_why_windows_were_not_obeyed(self, store: LedgerStore) -> None:
        plan = made_plan("web1")
        run = replace(made_run(plan), override="zero day")
        store.plan(run, plan)
        assert store.load(run.id) == run
        store.record(run.id, list(story("acme/web1", outcome=Outcome.OK)))
        store.finish(run.id, START)
        assert store.verify() == ()
        assert [each.override for each in store.runs()] == ["zero day"]
        assert store.prune(START + DAY, everything=True).runs == 1
        with pytest.raises(StorageError):
            store.load(run.id)
