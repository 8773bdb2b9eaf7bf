"""What a worker needs for one host, and how it is stopped from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Flag

from mspctl.engine.follow import NoBeginning
from mspctl.engine.openings import Admission
from mspctl.engine.sending import RuntimeTexts
from mspctl.model.bundle import Bundle
from mspctl.model.event import HostEnded, Report
from mspctl.model.failure import Failure
from mspctl.model.outcome import StepStatus
from mspctl.model.run import StepRun, Trace
from mspctl.model.secret import Secret
from mspctl.ports import LocalShell

BEGIN_WITHIN = 45.0
"""Seconds from sending the program to its first word: a slow sudo (DNS) takes ten or more."""
Explain = Callable[[NoBeginning], Failure]


@dataclass(frozen=True, slots=True)
class HostTask:
    """What a worker needs for one host.

    `trace`, `steps`, `outside` (what is on record of steps and of no step) and `attempt` tell of an earlier,
    interrupted try.
    `explain` names what an account did instead of running our program.
    """

    bundle: Bundle
    secrets: tuple[Secret, ...]
    texts: RuntimeTexts
    nonce: str
    owner: str
    explain: Explain
    trace: Trace | None = None
    steps: Sequence[StepRun] = ()
    outside: Sequence[Report] = ()
    attempt: int = 1
    gone: tuple[str, ...] = ()
    """The names of earlier spools on the host that nobody will ask for."""
    cancel_grace: float = 10.0
    admission: Admission | None = None
    """Until when work may begin on the host; None: at any time."""
    reboot_admission: Admission | None = None
    """Until when the host may be told to reboot; None: at any time."""
    shell: LocalShell | None = None
    """Runs the lines that stand around the bundle; only needed where there are any."""

    @property
    def recorded(self) -> Mapping[int, StepStatus]:
        """Step → its verdict on record."""
        return {step.index: step.status for step in self.steps if step.status is not None}

    @property
    def reasons(self) -> Mapping[int, str]:
        """Step → the reason of its verdict on record."""
        return {step.index: step.reason for step in self.steps if step.status is not None}

    @property
    def reports(self) -> Mapping[int, Sequence[Report]]:
        """Step → what it said, on record."""
        return {step.index: step.reports for step in self.steps}


@dataclass(frozen=True, slots=True)
class Stop:
    """How the outside stops a host: `cancel` asks, `at_once` does not wait for the host.

    `halted`: the run begins nothing new, because too many hosts ended badly.
    """

    cancel: Flag
    at_once: Flag
    halted: Flag = field(default_factory=Flag)


def budget(bundle: Bundle) -> float:
    """Seconds for the whole host: the run's own limit, and what surrounds it."""
    deadlines = bundle.host.access.deadlines
    reboots = sum(step.reboots for step in bundle.steps)
    around = deadlines.connect + deadlines.banner + deadlines.auth + deadlines.lock_wait + BEGIN_WITHIN
    return (deadlines.run + deadlines.reboot) * (1 + reboots) + around


def ended(host: str, at: datetime, word: Failure, seconds: float = 0.0, round_trips: int = 0) -> HostEnded:
    """The terminal event that says `word`."""
    return HostEnded(host, at, word.outcome, word.reason, word.detail, word.remedy, seconds, round_trips)
