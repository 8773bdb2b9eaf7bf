"""What happens to hosts during a run, in order: all readers see this stream and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mspctl.model.outcome import Forecast, Outcome, StepStatus


class ReportKind(StrEnum):
    """What a step may say besides its verdict."""

    CHANGE = "change"
    """Something was changed (or, in check mode, would be)."""
    FACT = "fact"
    METRIC = "metric"
    FINDING = "finding"
    HELD = "held"
    """A package (or the like) that policy on the host keeps back."""
    NOTE = "note"
    KEPT = "kept"
    """A value for a later step of the same run, also after a reboot; for no reader."""


@dataclass(frozen=True, slots=True)
class Report:
    """One statement of a step, from the host: never trusted as anything but text.

    `name` is the fact's or metric's name, the changed thing, or the finding's id; `value` its value or a
    sentence; `fields` further name=value pairs such as `old=1.0`, `new=1.1`, `security=yes`.
    """

    kind: ReportKind
    name: str
    value: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HostStarted:
    """A worker has taken up the host; `attempt` counts from 1 (2 and more: resumed)."""

    host: str
    at: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Connected:
    """The link stands and the host key was verified; `fingerprint` is `SHA256:…`."""

    host: str
    at: datetime
    fingerprint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BundleStarted:
    """The worker on the host has begun: from here on the host acts alone. Enough to find it again.

    `first_step` is the index of the first step in this bundle (above 0 after a reboot); `spool` the folder on
    the host that holds its output; `boot_id` the kernel's at the start.
    """

    host: str
    at: datetime
    first_step: int
    nonce: str
    spool: str
    boot_id: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins on the host; `uptime` is the host's monotonic clock in seconds."""

    host: str
    index: int
    uptime: float


@dataclass(frozen=True, slots=True)
class StepOutput:
    """Raw bytes that a step printed (index -1: before the first step)."""

    host: str
    index: int
    chunk: bytes


@dataclass(frozen=True, slots=True)
class StepReported:
    """A step said something through the bundle's helper functions."""

    host: str
    index: int
    report: Report


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The verdict on a step; `seconds` by the host's own monotonic clock."""

    host: str
    index: int
    status: StepStatus
    reason: str = ""
    seconds: float = 0.0
    forecast: Forecast | None = None


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link broke while the host works on; a new one will be tried."""

    host: str
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Rebooting:
    """The host was told to reboot; the rest of the bundle follows when it is back."""

    host: str
    at: datetime
    boot_id: str


class RebootState(StrEnum):
    """What was seen of a host that was told to reboot."""

    DOWN = "down"
    """It does not answer any more, or not as before."""
    UP = "up"
    """It is back, on another boot."""


@dataclass(frozen=True, slots=True)
class RebootSeen:
    """A state of the reboot, the first time that it was seen from here; `detail` says by what."""

    host: str
    at: datetime
    state: RebootState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HostEnded:
    """The one terminal word on the host. `round_trips` counts waits for the host after the login.

    `seconds` is how long this try was at work on the host, without the lines that ran on this machine.
    """

    host: str
    at: datetime
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    remedy: str = ""
    seconds: float = 0.0
    round_trips: int = 0


Event = (
    HostStarted
    | Connected
    | BundleStarted
    | StepStarted
    | StepOutput
    | StepReported
    | StepEnded
    | LinkLost
    | Rebooting
    | RebootSeen
    | HostEnded
)
