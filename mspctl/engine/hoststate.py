"""What is known of one host while it is at work: over all its links, bundles and reboots."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from mspctl.engine import rebootrecord
from mspctl.engine.errands import errand, first_errand
from mspctl.engine.follow import Allowance
from mspctl.engine.hosttask import HostTask, Stop, budget
from mspctl.engine.rebootwatch import RebootWatch
from mspctl.engine.sending import Errand
from mspctl.engine.steptrack import StepTrack
from mspctl.model.event import Event
from mspctl.model.failure import Failure
from mspctl.ports import Clock, Transport


@dataclass(frozen=True, slots=True)
class Ways:
    """Out of a host's thread: `emit` hands on an event, `settle` returns when all are durably recorded."""

    transport: Transport
    clock: Clock
    stop: Stop
    emit: Callable[[Event], None]
    settle: Callable[[], None]


@dataclass(slots=True)
class HostState:
    """One host at work. Times are monotonic seconds."""

    task: HostTask
    track: StepTrack
    errand: Errand
    started: float
    heard_at: float
    """When the host was last heard of: patience counts from there."""
    give_up_at: float
    boot_id: str
    """Of the boot on which the worker was started."""
    begun: bool
    """A worker of this bundle is known to have started."""
    sent: bool
    """A program was sent: a worker may have started."""
    reboot: RebootWatch | None
    """While the host is on its way from one boot to the next, or was when the earlier try ended."""
    stays: Failure | None
    """Why it was not rebooted: its last word, if the steps after that go well."""
    unheard: bool = False
    """A link was lost after a program was sent: what another one meets says nothing about that worker."""
    announced: bool = False
    attached: bool = False
    """The present link has found the worker."""
    barrier: int | None = None
    """The reboot step at which the bundle has ended."""
    unsure: bool = False
    """The host was told what to do at the bundle's end, and the link broke before it said that it heard."""
    round_trips: int = 0
    allowance: Allowance = field(default_factory=Allowance)

    @classmethod
    def of(cls, task: HostTask, now: float) -> "HostState":
        """As the record of an earlier try has it, or new."""
        host, trace = task.bundle.host, task.trace
        track = StepTrack(host.key, len(task.bundle.steps), task.bundle.check_mode)
        for reports in task.reports.values():
            for report in reports:
                track.keep(report)
        first = trace.first_step if trace else 0
        for index in [index for index in task.recorded if index < first]:
            track.statuses[index], track.reasons[index] = task.recorded[index], task.reasons[index]
        due = rebootrecord.under_way(task)
        return cls(
            task=task,
            track=track,
            errand=first_errand(task, track.kept),
            started=now,
            heard_at=now,
            give_up_at=now + budget(task.bundle),
            boot_id=trace.boot_id if trace else "",
            begun=trace is not None,
            sent=trace is not None,
            reboot=None if due is None else RebootWatch(host.key, due, now),
            stays=rebootrecord.earlier_word(task),
        )

    @property
    def resumed(self) -> bool:
        """It is known only from the record that a worker has started: no link has found it yet."""
        return self.begun and self.task.trace is not None and not self.announced

    def told_to_reboot(self, index: int, at: datetime, now: float) -> None:
        """The order goes out now."""
        drained = "drained" in self.track.kept
        self.reboot = RebootWatch(self.task.bundle.host.key, index, now, at, drained)

    def await_boot(self, index: int, now: float) -> None:
        """The bundle after that reboot step, on another boot than the last one."""
        if self.reboot is None:
            drained = "drained" in self.track.kept
            self.reboot = RebootWatch(self.task.bundle.host.key, index, now, drained=drained)
        self._begin_at(index + 1, self.boot_id)

    def stay_on_boot(self, index: int) -> None:
        """The bundle after a reboot step, on whatever boot the host is."""
        self.reboot = None
        self._begin_at(index + 1, "")

    def _begin_at(self, step: int, not_boot: str) -> None:
        made = errand(self.task, step, self.track.kept, not_boot)
        self.errand = replace(made, room=self.allowance.left)
        self.begun = self.sent = self.unheard = self.announced = self.unsure = False
        self.barrier = None
        self.track.restart(step)

    def as_recorded(self) -> None:
        """The worker's output is gone because it was all on record: the record takes its place."""
        self.track.statuses.update(self.task.recorded)
        self.track.reasons.update(self.task.reasons)
        self.barrier = rebootrecord.last_reboot(self.task)
        if self.barrier is not None:
            self.stays = rebootrecord.word_on(self.task, self.barrier) or self.stays
