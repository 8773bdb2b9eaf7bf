"""The engine at work on one Windows host, for the tests here."""

from collections.abc import Iterable
from dataclasses import replace

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.follow import NoBeginning
from mspctl.engine.policy import RunPolicy
from mspctl.library.folders import open_library
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.ports import Transport
from mspctl.testing.clock import SystemClock
from mspctl.transports.no_begin_windows import classify_no_begin_windows
from mspctl.wiring.running import runtime_texts
from tests.unit.engine.bundles import bundle as compiled
from tests.unit.engine.bundles import endings, no_secrets, pending, plan, step


def run(host: Host, transport: Transport, steps: int, hurry: float = 1.0) -> Failure:
    """What the engine makes of a host: its one word."""
    work = execution([host], transport, steps, hurry=hurry)
    (word,) = endings([event for batch in work.batches() for event in batch]).values()
    return Failure(word.outcome, word.reason, word.detail, word.remedy)


def execution(
    hosts: Iterable[Host],
    transport: Transport,
    steps: int,
    policy: RunPolicy | None = None,
    hurry: float = 1.0,
    *,
    interruptible: bool = True,
) -> Execution:
    """Of so many steps on each host."""
    made = plan(
        *(
            compiled(
                *(replace(step(n, ""), module="facts", interruptible=interruptible) for n in range(steps)),
                at=host,
            )
            for host in hosts
        )
    )
    texts = runtime_texts(open_library(None), windows=True)
    equipment = Equipment(transport, no_secrets, texts, Hasty(hurry), explain)
    return Execution(made, pending(made), equipment, policy or RunPolicy(), owner="a test")


class Hasty(SystemClock):
    """The engine's time runs faster, the transport's does not."""

    def __init__(self, factor: float) -> None:
        self._factor = factor

    def monotonic(self) -> float:
        return super().monotonic() * self._factor


def explain(said: NoBeginning) -> Failure:
    assert said.windows
    return classify_no_begin_windows(said.exit_status, said.stdout, said.stderr)
