"""Somebody says stop in the middle of a run over WinRM: a true word, soon, and a host at rest."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

from mspctl.engine.policy import RunPolicy
from mspctl.model.event import Event, StepStarted
from mspctl.model.outcome import Outcome
from mspctl.testing.winrm import troubles
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.windows import WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.transport import WinrmTransport
from tests.integration.winrm.engine import execution
from tests.integration.winrm.talking import SHORT, Words, machine, windows
from tests.unit.engine.bundles import endings


@dataclass(frozen=True)
class Case:
    """A host with steps of `pause`, and a worker that is `late`, is told to stop in its step `begun`."""

    detail: str
    pause: float = 200.0
    late: float = 0.0
    begun: int = 1
    heard: int = 0
    """Steps that it has told of by then."""
    hurry: float = 40
    interruptible: bool = True
    at_once: bool = False
    gone: bool = False
    at_rest: bool = True


GOES_ON = "the host was not told, or did not answer: it may go on with its steps"
CASES: Mapping[str, Case] = {
    "in a step": Case("stopped, in step 1 of 3"),
    "in a step that is not to be cut off": Case("stopped, in step 3 of 3", pause=160, interruptible=False),
    "in a later step, heard of": Case("stopped, in step 2 of 3", begun=2, heard=2, pause=160),
    "before the worker has begun": Case("before anything was started on the host", late=600, begun=0),
    "twice, before anything was heard": Case(
        "the work was on its way to the host, which has not said whether it began",
        at_once=True,
        hurry=1,
        at_rest=False,
    ),
    "twice": Case(f"{GOES_ON} (last seen in step “step 0”)", heard=1, at_once=True, at_rest=False),
    "when the host is gone": Case(
        f"{GOES_ON} (last seen in step “step 1”)", pause=160, begun=2, heard=2, gone=True, at_rest=False
    ),
}


def stopped(case: Case) -> tuple[str, object, float]:
    """What is said of the host, how it is then, and the seconds from the stop to the end."""
    host = windows(case.pause, hurry=case.hurry, late=case.late)
    with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
        transport = WinrmTransport(secrets=Words(), known_hosts=KnownHosts("acme"))
        policy = RunPolicy(cancel_grace=0.2)
        hosts = [machine(served.port, deadlines=SHORT)]
        work = execution(hosts, transport, 3, policy, interruptible=case.interruptible)
        found: list[Event] = []
        worker = threading.Thread(target=lambda: found.extend(chain.from_iterable(work.batches())))
        worker.start()
        until(lambda: "Send" in served.actions and len(host.started) >= case.begun)
        until(lambda: sum(isinstance(event, StepStarted) for event in found) >= case.heard)
        told = time.monotonic()
        if case.gone:
            served.trouble = troubles.always(troubles.drop)
        work.cancel(at_once=case.at_once)
        worker.join()
        took = time.monotonic() - told
        (word,) = endings(found).values()
        assert (word.outcome, word.reason) == (Outcome.CANCELLED, "cancelled")
        assert bool(word.remedy) is (case.late == 0)
        rest = at_rest(host, served)
        assert case.gone or served.shells.open == 0, case
    assert len(host.started) == (case.begun if case.interruptible else 1)
    return word.detail, rest, took


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)


def at_rest(host: WindowsHost, served: WinrmEndpoint) -> bool:
    return (host.at_work, host.spools, served.shells.open) == (0, 0, 0)


def test_a_stop_is_heard_and_told_as_it_is() -> None:
    with ThreadPoolExecutor(len(CASES)) as pool:
        seen = dict(zip(CASES, pool.map(stopped, CASES.values()), strict=True))
    assert {name: words for name, (*words, _) in seen.items()} == {
        name: [case.detail, case.at_rest] for name, case in CASES.items()
    }
    late = {name: took for name, (_, _, took) in seen.items() if took > 25}
    assert not late
