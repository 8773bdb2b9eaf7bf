"""What it means to be a FleetBook beside a RunStore and its ledger.

Inherit, give the fixture `opener`, and run it with pytest, as with mspctl.testing.contracts.runstore.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import pytest

from mspctl.model.event import Report, ReportKind
from mspctl.model.fleet import HostAtSite, Waiting
from mspctl.model.monitoring import IncidentWord
from mspctl.model.outcome import Outcome
from mspctl.ports import FleetBook, RunStore, WatchBook
from mspctl.testing.contracts.watchbook import OPENED, result
from mspctl.testing.runs import START, ended, made_plan, made_run, story

HOUR = timedelta(hours=1)
SCAN = (
    Report(ReportKind.FINDING, "pending:openssl", "", (("old", "1"), ("new", "2"), ("security", "yes"))),
    Report(ReportKind.FINDING, "pending:nano", "", (("old", "1"), ("new", "2"), ("security", "no"))),
    Report(
        ReportKind.HELD, "nginx", "", (("old", "1"), ("new", "2"), ("security", "yes"), ("reason", "hold"))
    ),
    Report(ReportKind.METRIC, "packages.pending", "2"),
)


class FleetStore(RunStore, Protocol):
    """The run log with both of its other books."""

    def fleet_book(self) -> FleetBook: ...
    def watch_book(self) -> WatchBook: ...


class FleetOpener(Protocol):
    """Opens the storage under test."""

    def __call__(self) -> FleetStore: ...


@dataclass(frozen=True, slots=True)
class Night:
    """One run of one host."""

    outcome: Outcome
    hours: int = 0
    playbook: str = "patch"
    client: str = "acme"
    check_mode: bool = False
    reports: tuple[Report, ...] = ()
    site: str = "hq"


def keep(store: FleetStore, *nights: Night) -> None:
    """Write them down, each as a run of its own of the host web1."""
    for number, night in enumerate(nights):
        plan = made_plan("web1", client=night.client, playbook=night.playbook, site=night.site)
        plan = replace(plan, check_mode=night.check_mode)
        at = START + night.hours * HOUR
        run = made_run(plan, f"{at:%Y%m%dT%H%MZ}-{night.client}-{night.playbook}-{number:04x}", at)
        host = f"{night.client}/web1"
        store.plan(run, plan)
        if night.reports:
            store.record(run.id, list(story(host, outcome=night.outcome, reports=night.reports, started=at)))
        else:
            store.record(run.id, [ended(host, night.outcome, at, "because")])
        store.finish(run.id, at + HOUR)


class FleetBookContract:
    """The suite. Every test begins with an empty storage."""

    @pytest.fixture
    def opener(self) -> FleetOpener:
        """Override it."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opener: FleetOpener) -> Iterator[FleetStore]:
        """An open store."""
        store = opener()
        yield store
        store.close()

    def test_a_night_held_back_does_not_hide_one_that_failed(self, store: FleetStore) -> None:
        keep(
            store,
            Night(Outcome.OK, 1),
            Night(Outcome.FAILED, 2),
            Night(Outcome.FAILED, 3),
            Night(Outcome.HELD, 4),
            Night(Outcome.OK, 5, "health"),
            Night(Outcome.OK, 6, "health", check_mode=True),
            Night(Outcome.FAILED, 7, client="beta"),
        )
        found = store.fleet_book().last_runs(["acme"], START)
        assert [(each.playbook, each.outcome, (each.started - START) // HOUR) for each in found] == [
            ("health", Outcome.OK, 5),
            ("patch", Outcome.HELD, 4),
            ("patch", Outcome.FAILED, 3),
            ("patch", Outcome.OK, 1),
        ]
        failed = found[2]
        assert (failed.host, failed.reason, failed.worked, failed.scanned) == (
            "acme/web1",
            "because",
            True,
            True,
        )
        assert failed.finished is not None
        assert store.fleet_book().last_runs(["acme"], START + 6 * HOUR) == ()
        assert store.fleet_book().last_runs([], START) == ()

    def test_a_host_is_known_from_its_first_run_to_its_last(self, store: FleetStore) -> None:
        keep(store, Night(Outcome.OK, 5), Night(Outcome.HELD, 1, check_mode=True))
        keep(store, Night(Outcome.UNREACHABLE, 9), Night(Outcome.OK, 12, client="beta"))
        traces = store.fleet_book().traces("acme")
        assert traces == {"acme/web1": (START + HOUR, START + 9 * HOUR)}
        assert store.fleet_book().traces("gamma") == {}

    def test_a_host_is_known_at_each_site_that_it_was_at(self, store: FleetStore) -> None:
        keep(store, Night(Outcome.OK, 5), Night(Outcome.HELD, 1, check_mode=True))
        keep(store, Night(Outcome.OK, 9, site="branch"), Night(Outcome.OK, 12, client="beta"))
        assert list(store.fleet_book().sites("acme")) == [
            HostAtSite("acme/web1", "branch", START + 9 * HOUR, START + 9 * HOUR),
            HostAtSite("acme/web1", "hq", START + HOUR, START + 5 * HOUR),
        ]
        assert list(store.fleet_book().sites("gamma")) == []

    def test_who_is_at_work_has_no_outcome_yet(self, store: FleetStore) -> None:
        keep(store, Night(Outcome.FAILED, 1))
        plan = made_plan("web1")
        store.plan(made_run(plan, started=START + 2 * HOUR), plan)
        pending, failed = store.fleet_book().last_runs(["acme"], START)
        assert (pending.outcome, pending.worked, failed.outcome) == (None, False, Outcome.FAILED)

    def test_updates_are_counted_and_held_ones_apart(self, store: FleetStore) -> None:
        keep(store, Night(Outcome.OK, reports=SCAN), Night(Outcome.OK, client="beta"))
        assert dict(store.fleet_book().waiting(["acme", "beta"])) == {"acme/web1": Waiting(2, 1, 1)}

    def test_findings_are_those_of_one_host_in_the_runs_named(self, store: FleetStore) -> None:
        keep(store, Night(Outcome.OK, reports=SCAN), Night(Outcome.OK, 1, "health", reports=SCAN[:1]))
        keep(store, Night(Outcome.OK, client="beta", reports=SCAN))
        book = store.fleet_book()
        runs = [each.run for each in book.last_runs(["acme", "beta"], START)]
        found = book.findings("acme/web1", runs)
        assert [(each.playbook, each.name) for each in found] == [
            ("health", "pending:openssl"),
            ("patch", "pending:openssl"),
            ("patch", "pending:nano"),
        ]
        assert found[0].text == "old=1 new=2 security=yes"
        assert book.findings("acme/web1", []) == ()

    def test_incidents_that_are_over_are_left_out(self, store: FleetStore) -> None:
        book = store.watch_book()
        first, second = book.write("acme", result(OPENED, OPENED))
        book.write("beta", result(replace(OPENED, client="beta")))
        book.tell(replace(first, word=IncidentWord.CLOSED))
        noted = book.tell(replace(second, word=IncidentWord.NOTED, text="on it"))
        assert tuple(store.fleet_book().open_incidents(["acme"])) == (second, noted)

    def test_the_mark_changes_with_what_is_shown(self, store: FleetStore) -> None:
        book = store.fleet_book()
        marks = [book.mark(), book.mark()]
        assert marks[0] == marks[1]
        plan = made_plan("web1", "web2")
        run = made_run(plan)
        store.plan(run, plan)
        marks.append(book.mark())
        for host in ("acme/web1", "acme/web2"):
            store.record(run.id, [ended(host, Outcome.OK)])
            marks.append(book.mark())
        store.finish(run.id, START + HOUR)
        marks.append(book.mark())
        store.watch_book().write("acme", result(OPENED))
        marks.append(book.mark())
        assert len(set(marks)) == len(marks) - 1
