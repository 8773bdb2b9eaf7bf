"""Watches a host through its reboot: told to, down, back on another boot, or an alarm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mspctl.engine.follow import SameBoot
from mspctl.model.event import Event, RebootSeen, RebootState, Report, ReportKind, StepReported
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome

IGNORED = "reboot-ignored"
"""The reason of a host that was told to reboot and stayed on its boot."""
_NOTHING = frozenset({"timeout-connect", "unreachable-net"})
_REFUSED = frozenset({"refused"})


@dataclass(slots=True)
class RebootWatch:
    """One reboot of one host, by its step `index`.

    `told` is when the host was told to reboot, None if an earlier mspctl told it and nobody noted when;
    `began` the same moment (or that of taking over) in monotonic seconds. `drained`: it was taken out of
    service before.
    """

    host: str
    index: int
    began: float
    told: datetime | None = None
    drained: bool = False
    down: float | None = None
    """When it was first seen to be away, in monotonic seconds."""

    def miss(self, answer: SameBoot | Failure, at: datetime, now: float) -> Iterator[Event]:
        """A try that did not reach the new boot."""
        if self.down is None and isinstance(answer, Failure):
            self.down = now
            yield RebootSeen(self.host, at, RebootState.DOWN, _said(answer))

    def back(self, at: datetime, now: float) -> Iterator[Event]:
        """It answers on another boot than before."""
        seconds = f"{now - self.began:.1f}"
        yield RebootSeen(self.host, at, RebootState.UP, "with a new boot id")
        if self.told is not None:
            yield StepReported(self.host, self.index, Report(ReportKind.METRIC, "reboot.seconds", seconds))

    def given_up(self, last: SameBoot | Failure, now: float) -> Failure:
        """The time for the reboot is over."""
        order = f"told to reboot at {self.told:%H:%M:%S}Z" if self.told else "told to reboot before"
        if isinstance(last, SameBoot):
            return not_heeded(f"{order}, the host is still on the same boot {now - self.began:.0f} s later")
        away = "not seen since" if self.down is None else f"away since {self.down - self.began:.0f} s later"
        return Failure(
            Outcome.LOST,
            "not-back",
            f"{order}, {away}, not back after {now - self.began:.0f} s: {_state(last)}{self._service}",
            "look at its console now (hypervisor, BMC, power): it may hang at boot; once it is up, "
            "`mspctl runs resume` does the rest",
        )

    @property
    def _service(self) -> str:
        return "; it is out of service (drained)" if self.drained else ""


def not_heeded(detail: str) -> Failure:
    """The host stayed up."""
    remedy = "see its journal for what keeps it from going down, and reboot it by hand"
    return Failure(Outcome.FAILED, IGNORED, detail, remedy)


def _state(last: Failure) -> str:
    """What the last try says about the machine, and its own words."""
    if last.reason in _REFUSED:
        return f"the machine is up, but no sshd listens ({_said(last)})"
    if last.reason in _NOTHING:
        return f"the machine does not answer at all ({_said(last)})"
    return f"something answers, but does not let us work ({_said(last)})"


def _said(answer: Failure) -> str:
    return f"{answer.reason}: {answer.detail}" if answer.detail else answer.reason
