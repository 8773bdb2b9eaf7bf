"""What a worker needs for one host, and how it is stopped from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag

from mspctl.engine.assemble import RuntimeTexts
from mspctl.engine.follow import NoBeginning
from mspctl.model.bundle import Bundle
from mspctl.model.event import Report
from mspctl.model.failure import Failure
from mspctl.model.outcome import StepStatus
from mspctl.model.run import Trace
from mspctl.model.secret import Secret
from mspctl.ports import LocalShell

Explain = Callable[[NoBeginning], Failure]


@dataclass(frozen=True, slots=True)
class HostTask:
    """What a worker needs for one host.

    `trace`, `recorded` (statuses on record), `reports` and `attempt` tell of an earlier, interrupted try.
    `explain` names what an account did instead of running our program.
    """

    bundle: Bundle
    secrets: tuple[Secret, ...]
    texts: RuntimeTexts
    nonce: str
    owner: str
    explain: Explain
    trace: Trace | None = None
    recorded: Mapping[int, StepStatus] = field(default_factory=dict)
    reports: Sequence[Report] = ()
    attempt: int = 1
    cancel_grace: float = 10.0
    shell: LocalShell | None = None
    """Runs the lines that stand around the bundle; only needed where there are any."""


@dataclass(frozen=True, slots=True)
class Stop:
    """How the outside stops a host: `cancel` asks, `at_once` does not wait for the host."""

    cancel: Flag
    at_once: Flag
