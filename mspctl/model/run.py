"""A run: what was planned and what became of it. The live one equals the one read back from the run log."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Forecast, Outcome, StepStatus

ABANDONED = "abandoned"
"""The reason of a lost host whose result nobody waits for any more."""

WAVE = "wave"
"""The name of the fact, of no step, that says in which wave a host is."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a step printed: head and tail, each bounded, and how many bytes between them were dropped."""

    head: bytes = b""
    tail: bytes = b""
    dropped: int = 0

    @property
    def text(self) -> str:
        """For people: invalid UTF-8 as U+FFFD, the gap named. Control characters are still in it."""
        if not self.dropped:
            return (self.head + self.tail).decode(errors="replace")
        gap = f"\n[… {self.dropped} bytes not kept …]\n"
        return self.head.decode(errors="replace") + gap + self.tail.decode(errors="replace")

    @property
    def lossy(self) -> bool:
        """True if the text is not all that was printed: bytes dropped, or not valid UTF-8."""
        return self.dropped > 0 or "\ufffd" in self.text


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step of one host; `status` is None while it runs, and stays so if the host ended without a verdict.

    `unkept` counts reports beyond what is kept of one step (see `mspctl.model.hostfold`).
    """

    index: int
    name: str
    module: str
    status: StepStatus | None = None
    reason: str = ""
    seconds: float = 0.0
    forecast: Forecast | None = None
    reports: tuple[Report, ...] = ()
    unkept: int = 0
    output: Output = Output()


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the work on the host can be found again: the last bundle that was started there."""

    nonce: str
    spool: str
    boot_id: str
    first_step: int = 0


@dataclass(frozen=True, slots=True)
class StepOutline:
    """What a bundle's step is called: enough to show a step that was never reached."""

    name: str
    module: str


@dataclass(frozen=True, slots=True)
class HostRun:
    """One host of one run; `outcome` is None while it is pending. Times are aware, UTC."""

    host: str
    """`client/name`"""
    site: str
    outcome: Outcome | None = None
    reason: str = ""
    detail: str = ""
    remedy: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    seconds: float = 0.0
    round_trips: int = 0
    attempt: int = 0
    fingerprint: str = ""
    """The host key that was verified, `SHA256:…`; empty if no link ever stood."""
    trace: Trace | None = None
    bundle_digest: str = ""
    outline: tuple[StepOutline, ...] = ()
    """All steps of the bundle, by index; `steps` holds those that have begun."""
    steps: tuple[StepRun, ...] = ()
    preamble: Output = Output()
    """What came before the first step: noise of the login shell, words of the bundle itself."""
    reports: tuple[Report, ...] = ()
    """What was reported outside any step."""

    @property
    def wave(self) -> str:
        """The wave that the host was in; empty if all hosts went at once."""
        found = (each.value for each in self.reports if each.kind is ReportKind.FACT and each.name == WAVE)
        return next(found, "")

    @property
    def turned_away(self) -> bool:
        """True if the work was not done and nothing went wrong here: others had ended badly, or were at it.

        A host that its lock kept out has begun a step; one to which no step applies has skipped them all.
        """
        at_work = any(step.status is not StepStatus.SKIPPED for step in self.steps)
        return self.outcome is Outcome.SKIPPED and (at_work or not self.steps)

    @property
    def due_again(self) -> bool:
        """True if the work was not done here: it ended badly, or the host was turned away."""
        return self.turned_away or (self.outcome is not None and self.outcome.bad)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one playbook for one client. `id` is sortable by time and safe as a file name."""

    id: str
    client: str
    playbook: str
    check_mode: bool
    digest: str
    inventory_digest: str
    started: datetime
    finished: datetime | None = None
    hosts: tuple[HostRun, ...] = ()
    version: str = ""
    nonce: str = ""
    """128 random bits (hex) from which each host's frame nonce and spool derive, known before the start."""
    resumes: str = ""
    """The id of the run whose lost hosts this one collects; empty for a run of its own."""
    override: str = ""
    """Why the windows were not obeyed (`--now --reason`); empty if they were."""

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Hosts per outcome; pending hosts are in none of them."""
        return Counter(host.outcome for host in self.hosts if host.outcome is not None)

    @property
    def pending(self) -> tuple[HostRun, ...]:
        """Hosts without a terminal outcome."""
        return tuple(host for host in self.hosts if host.outcome is None)


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in the run log that must not be: `invariant` is F1, F2, F3, F4 or F8 (or `integrity`)."""

    invariant: str
    problem: str
    run: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a prune took away: from how many runs, how many bytes of output (compressed), how many files."""

    runs: int
    bytes: int
    files: int = 0
