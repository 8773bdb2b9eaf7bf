"""Once too many hosts ended badly, no program goes to a host that is only being connected to."""

from threading import Event as Flag

import pytest

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.policy import MaxFail, RunPolicy, Share
from mspctl.engine.verdict import no_beginning
from mspctl.model.event import Event, StepEnded
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.testing.clock import SystemClock
from mspctl.testing.shell_transport import Faults, ShellLink, ShellTransport
from tests.unit.engine.bundles import bundle, endings, host, no_secrets, pending, plan, step, texts


class SlowDoor(ShellTransport):
    """Lets `slow1` in only when it is told to: it is being connected to meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.knocked, self.open = Flag(), Flag()

    def connect(self, host: Host) -> ShellLink | Failure:
        if host.name == "slow1":
            self.knocked.set()
            assert self.open.wait(100)
        return super().connect(host)


def test_a_host_at_the_door_is_not_begun() -> None:
    door = SlowDoor()
    bad = bundle(step(0, 'check() { failed "no"; }'), at=host("bad1"))
    made = plan(bundle(step(0, 'check() { ok "touched"; }'), at=host("slow1")), bad)
    policy = RunPolicy(forks=2, max_fail=MaxFail(Share(0)))
    equipment = Equipment(door, no_secrets, texts(), SystemClock(), no_beginning)
    found: list[Event] = []
    for batch in Execution(made, pending(made), equipment, policy, owner="a test").batches():
        found += batch
        if "acme/bad1" in endings(found) and door.knocked.is_set():
            door.open.set()
    ending = endings(found)["acme/slow1"]
    assert (ending.outcome, ending.reason) == (Outcome.SKIPPED, "max-fail")
    assert not [each for each in found if isinstance(each, StepEnded) and each.host == "acme/slow1"]


@pytest.mark.parametrize("cut", [40, 200])
def test_a_host_that_was_begun_is_followed_to_its_end_all_the_same(cut: int) -> None:
    transport = ShellTransport(faults=lambda each: Faults(cuts=[cut] if each.name == "slow1" else []))
    slow = bundle(step(0, 'check() { sleep 1; ok "done"; }'), at=host("slow1"))
    made = plan(slow, bundle(step(0, 'check() { failed "no"; }'), at=host("bad1")))
    policy = RunPolicy(forks=2, max_fail=MaxFail(Share(0)))
    equipment = Equipment(transport, no_secrets, texts(), SystemClock(), no_beginning)
    execution = Execution(made, pending(made), equipment, policy, owner="a test")
    found = [event for batch in execution.batches() for event in batch]
    assert endings(found)["acme/slow1"].outcome is Outcome.OK
