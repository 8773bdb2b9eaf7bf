"""F2: a host is good only with a verified host key, a bundle that began and a good verdict of each step."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.event import (
    BundleStarted,
    Connected,
    Event,
    HostEnded,
    Report,
    ReportKind,
    StepEnded,
    StepReported,
)
from mspctl.model.hostfold import OUTSIDE
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.runstore import open_run_store
from mspctl.testing.runs import START, made_plan, made_run, story

LIES: dict[str, Callable[[Event], bool]] = {
    "no host key was verified": lambda event: isinstance(event, Connected),
    "no bundle began": lambda event: isinstance(event, BundleStarted),
    "1 of 2 steps gave a verdict": lambda event: isinstance(event, StepEnded) and event.index == 1,
}


def problems(path: Path, events: list[Event]) -> list[tuple[str, str]]:
    store = open_run_store(f"sqlite:///{path}")
    try:
        plan = made_plan("web1")
        run = made_run(plan)
        store.plan(run, plan)
        store.record(run.id, events)
        store.finish(run.id, START)
        return [(found.invariant, found.problem) for found in store.verify()]
    finally:
        store.close()


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.CHANGED])
@pytest.mark.parametrize("lack", LIES)
def test_what_a_good_host_lacks_is_found(tmp_path: Path, lack: str, outcome: Outcome) -> None:
    told = [event for event in story("acme/web1", outcome=outcome) if not LIES[lack](event)]
    assert problems(tmp_path / "runs.db", told) == [("F2", f"{outcome}, but {lack}")]


def test_a_failed_step_does_not_go_with_a_good_host(tmp_path: Path) -> None:
    *begun, _, end = story("acme/web1")
    told = [*begun, StepEnded("acme/web1", 1, StepStatus.FAILED, "no"), end]
    assert problems(tmp_path / "runs.db", told) == [("F2", "changed, but step 2 is failed")]


def test_a_bad_host_needs_no_proof(tmp_path: Path) -> None:
    told: list[Event] = [HostEnded("acme/web1", START, Outcome.UNREACHABLE, "timeout")]
    assert problems(tmp_path / "runs.db", told) == []


@pytest.mark.parametrize("began", [True, False])
def test_the_proof_of_a_collected_host_may_be_in_the_run_that_lost_it(tmp_path: Path, *, began: bool) -> None:
    """The host has forgotten all when the link broke; of the collecting run there is its last line alone."""
    plan, host = made_plan("web1"), "acme/web1"
    lost = made_run(plan)
    collecting = replace(made_run(plan, "20261123T2330Z-acme-patch-7f3b"), resumes=lost.id)
    *told, _ = [event for event in story(host) if began or not isinstance(event, BundleStarted)]
    line = StepReported(host, OUTSIDE, Report(ReportKind.NOTE, "controller_after", "ended"))
    with closing(open_run_store(f"sqlite:///{tmp_path / 'runs.db'}")) as store:
        for run, events in (
            (lost, [*told, HostEnded(host, START, Outcome.LOST, "exit-status")]),
            (collecting, [told[1], line, HostEnded(host, START, Outcome.OK)]),
        ):
            store.plan(run, plan)
            store.record(run.id, events)
            store.finish(run.id, START)
        found = [(each.run, each.problem) for each in store.verify()]
    assert found == ([] if began else [(collecting.id, "ok, but no bundle began")])
