"""A host is told to reboot by the clock of that moment, not by that of the plan."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.openings import Admission
from mspctl.engine.policy import RunPolicy
from mspctl.engine.verdict import no_beginning
from mspctl.model.event import Event, Rebooting, StepStarted
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.playbook import OnFailure
from mspctl.testing.clock import SystemClock
from mspctl.testing.shell_transport import ShellTransport
from tests.unit.engine.bundles import bundle, endings, no_secrets, pending, plan, step, step_endings, texts

REBOOT = "check() { needed reboot; }\napply() { changed reboot; }"
OK = 'check() { ok "looked again"; }'


def night(closes: datetime, on_failure: OnFailure) -> list[Event]:
    reboot = replace(step(0, REBOOT, reboots=True), on_failure=on_failure)
    made = replace(bundle(reboot, step(1, OK)), check_mode=False)
    word = Failure(Outcome.HELD, "window", "the window reboot closed at Sun 05:00")
    policy = RunPolicy(reboots={"acme/web1": Admission(word, closes)})
    equipment = Equipment(ShellTransport(), no_secrets, texts(), SystemClock(), no_beginning)
    execution = Execution(plan(made), pending(plan(made)), equipment, policy, owner="a test")
    return [event for batch in execution.batches() for event in batch]


@pytest.mark.parametrize("on_failure", [OnFailure.CONTINUE, OnFailure.STOP])
def test_after_the_window_there_is_no_reboot_and_the_log_says_so(on_failure: OnFailure) -> None:
    found = night(datetime.now(UTC) - timedelta(minutes=1), on_failure)
    assert not any(isinstance(event, Rebooting) for event in found)
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "reboot-window")
    assert ending.detail == "not rebooted: the window reboot closed at Sun 05:00"
    last = {event.index: event for event in step_endings(found)}
    assert (last[0].status, last[0].reason) == (StepStatus.FAILED, ending.detail)
    assert (1 in last and last[1].status is StepStatus.OK) is (on_failure is OnFailure.CONTINUE)


def test_a_run_that_is_stopped_at_the_reboot_does_not_call_it_made() -> None:
    slow = "check() { needed reboot; }\napply() { sleep 5; changed reboot; }"
    made = plan(bundle(replace(step(0, slow, reboots=True), interruptible=False), step(1, OK)))
    equipment = Equipment(ShellTransport(), no_secrets, texts(), SystemClock(), no_beginning)
    policy = RunPolicy(cancel_grace=0.2)
    execution = Execution(made, pending(made), equipment, policy, owner="a test")
    found: list[Event] = []
    for batch in execution.batches():
        found += batch
        if any(isinstance(event, StepStarted) for event in batch):
            execution.cancel()
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.detail) == (Outcome.CANCELLED, "not rebooted: the run was stopped")
    last = [event for event in step_endings(found) if event.index == 0][-1]
    assert (last.status, last.reason) == (StepStatus.FAILED, ending.detail)
    assert not any(isinstance(event, Rebooting) for event in found)
