"""One host from its first connection to its one terminal word: links, bundles, reboots, resumption."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from mspctl.engine import verdict
from mspctl.engine.aroundhost import AroundHost
from mspctl.engine.assemble import Errand, Mode, program
from mspctl.engine.follow import (
    Attached,
    Ended,
    Ending,
    Heard,
    NoBeginning,
    NoSpool,
    NotRoot,
    SameBoot,
    follow,
)
from mspctl.engine.frames import Frame
from mspctl.engine.hosttask import BEGIN_WITHIN, HostTask, Stop, budget, ended
from mspctl.engine.rebootwatch import IGNORED, RebootWatch
from mspctl.engine.runid import derive
from mspctl.engine.steptrack import StepTrack
from mspctl.engine.verdict import Final
from mspctl.model.bundle import NOTHING_AROUND
from mspctl.model.event import (
    BundleStarted,
    Connected,
    Event,
    HostStarted,
    LinkLost,
    Rebooting,
)
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.ports import Channel, Clock, Link, Transport

EXIT_WITHIN = 15.0
STOP_WITHIN = 8.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 10.0
ANSWERS = frozenset(
    {
        "auth",
        "privilege",
        "shell",
        "shell-init",
        "forced-command",
        "login-refused",
        "asked-for-input",
        "unsupported",
    }
)
"""Reasons by which a host has answered: no worker was started."""

Answer = Ended | SameBoot | Final | Failure


class HostWork:
    """Runs one host; hands every event to `emit`; `settle` returns when all are durably recorded."""

    def __init__(
        self,
        task: HostTask,
        transport: Transport,
        clock: Clock,
        stop: Stop,
        emit: Callable[[Event], None],
        settle: Callable[[], None],
    ) -> None:
        self._task = task
        self._host = task.bundle.host
        self._transport = transport
        self._clock = clock
        self._stop = stop
        self._emit = emit
        self._settle = settle
        self._track = StepTrack(self._host.key, len(task.bundle.steps), task.bundle.check_mode)
        for report in task.reports:
            self._track.keep(report)
        self._started = clock.monotonic()
        barrier = verdict.recorded_barrier(task.recorded, task.bundle)
        self._reboot = None if barrier is None else RebootWatch(self._host.key, barrier, self._started)
        """While the host is on its way from one boot to the next, or was when the earlier try ended."""
        self._give_up_at = self._started + budget(task.bundle)
        self._round_trips = 0
        self._cancelled_at: float | None = None
        self._boot_id = task.trace.boot_id if task.trace else ""
        self._begun = task.trace is not None
        """A worker of this bundle is known to have started."""
        self._sent = self._begun
        """A program was sent: a worker may have started."""
        self._announced = False
        self._attached = False
        """The present link has found the worker."""
        self._heard_at = self._started
        """When the host was last heard of (monotonic): patience counts from there."""
        self._errand = self._first_errand()
        self._told_to_reboot: datetime | None = None
        self._ignored: Failure | None = None
        self._shut: Failure | None = None

    def run(self) -> None:
        """Everything; the last event is HostEnded, always."""
        self._emit(HostStarted(self._host.key, self._clock.now(), self._task.attempt))
        word = self._surrounded()
        seconds = round(self._clock.monotonic() - self._started, 2)
        self._emit(ended(self._host.key, self._clock.now(), word, seconds, self._round_trips))

    def _surrounded(self) -> Failure:
        """The bundles between the lines for this machine; a resumed host has had its first line."""
        shell, bundle = self._task.shell, self._task.bundle
        if shell is None or bundle.around == NOTHING_AROUND:
            return self._bundles()
        lines = AroundHost(bundle, shell, self._emit)
        if self._task.trace is None:
            if self._stop.cancel.is_set():
                return self._bundles()
            refused = lines.before()
            if refused is not None:
                return refused
            self._give_up_at = self._clock.monotonic() + budget(bundle)
        return lines.after(self._bundles())

    def _bundles(self) -> Failure:
        """Bundle after bundle, a reboot between them; the final word (which may be a good one)."""
        while True:
            ending = self._one_bundle()
            if isinstance(ending, Failure):
                if self._stays(ending):
                    continue
                self._tell(self._track.interrupt(ending.detail or ending.reason))
                return ending
            index = verdict.barrier(self._track)
            if index is None:
                return self._ignored or verdict.of_worker(self._track)
            self._next_bundle(index)
            if self._shut is not None and not self._stays(self._shut):
                self._tell(self._track.overrule(index, self._shut.detail))
                return self._shut

    def _stays(self, word: Failure) -> bool:
        """True if steps are to follow (back into service, a last look) on a host that was not rebooted."""
        if (
            self._reboot is None
            or word.reason not in {IGNORED, verdict.REBOOT_SHUT}
            or not verdict.goes_on(self._reboot.index, self._task.bundle)
        ):
            return False
        self._tell(self._track.overrule(self._reboot.index, word.detail))
        self._ignored, self._reboot = word, None
        self._errand = replace(self._errand, not_boot="")
        return True

    def _one_bundle(self) -> Ended | Failure:
        """The bundle to its end frame, over as many links as it takes, for as long as patience lasts."""
        self._heard_at = self._clock.monotonic()
        pause = FIRST_PAUSE
        while True:
            heard_before = self._heard_at
            answer = self._one_link()
            if isinstance(answer, Ended):
                return answer
            if isinstance(answer, Final):
                return answer.failure
            now = self._clock.monotonic()
            if self._reboot is not None:
                self._tell(self._reboot.miss(answer, self._clock.now(), now))
            if isinstance(answer, Failure) and not self._worth_another_link(answer):
                return answer
            if self._stop.cancel.is_set():
                return self._cancelled(stopped=False).failure
            if self._heard_at != heard_before:
                pause = FIRST_PAUSE
            patience = self._heard_at + self._host.access.deadlines.reboot
            if now > min(patience, self._give_up_at):
                watch = self._reboot
                return watch.given_up(answer, now) if watch else verdict.patience_lost(answer, self._track)
            self._stop.cancel.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._emit(event)

    def _worth_another_link(self, failure: Failure) -> bool:
        """Once a worker may be at work, or a reboot is under way, link trouble is waited out."""
        if failure.reason.startswith("host-key"):
            return False
        if self._begun or self._errand.not_boot:
            return True
        return self._sent and failure.reason not in ANSWERS

    def _one_link(self) -> Answer:
        if self._stop.cancel.is_set() and not self._begun:
            return self._cancelled(stopped=False)
        if self._halted():
            return Final(verdict.HALTED)
        began = self._clock.monotonic()
        link = self._transport.connect(self._host)
        if isinstance(link, Failure):
            return link
        try:
            seconds = round(self._clock.monotonic() - began, 3)
            self._emit(Connected(self._host.key, self._clock.now(), link.fingerprint, seconds))
            # Asked after it was said: whoever gave us up has not heard of it, so nothing may begin.
            if self._stop.at_once.is_set() and not self._begun:
                return self._cancelled(stopped=False)
            if self._halted():
                return Final(verdict.HALTED)
            return self._talk(link)
        finally:
            self._round_trips += link.round_trips
            link.close()

    def _halted(self) -> bool:
        return self._stop.halted.is_set() and not self._sent and self._errand.first_step == 0

    def _talk(self, link: Link) -> Answer:
        self._attached = False
        channel = self._start(link)
        if isinstance(channel, Failure):
            return channel
        try:
            ending = self._hear(channel)
            if ending is None:
                return self._stop_worker(link, channel)
            return self._conclude(channel, ending)
        finally:
            channel.close()

    def _start(self, link: Link) -> Channel | Failure:
        known = {
            index: status for index, status in self._track.statuses.items() if index < self._errand.first_step
        }
        task = self._task
        channel = link.start(program(self._errand, task.bundle, task.secrets, task.texts, known))
        self._sent = self._sent or not isinstance(channel, Failure)
        return channel

    def _hear(self, channel: Channel) -> Ending | Final | None:
        """Everything until the end; None if it was interrupted by a cancellation."""
        within = BEGIN_WITHIN + self._host.access.deadlines.auth
        conversation = follow(channel, self._errand.nonce, self._clock, begin_within=within)
        while True:
            try:
                heard = next(conversation)
            except StopIteration as stopped:
                ending: Ending = stopped.value
                return ending
            self._take(heard)
            if self._clock.monotonic() > self._give_up_at:
                return verdict.run_timeout(self._track)
            if self._interrupted():
                return None

    def _take(self, heard: Heard) -> None:
        match heard:
            case Attached():
                self._attach(heard)
            case Frame():
                self._errand = replace(self._errand, offset=self._errand.offset + heard.size)
                self._tell(self._track.frame(heard))
            case bytes():
                self._errand = replace(self._errand, offset=self._errand.offset + len(heard))
                self._tell(self._track.output(heard))

    def _attach(self, attached: Attached) -> None:
        self._begun = self._attached = True
        if self._reboot is not None and self._errand.first_step > self._reboot.index:
            self._tell(self._reboot.back(self._clock.now(), self._clock.monotonic()))
        self._reboot = None
        self._boot_id = attached.worker_boot
        self._errand = replace(self._errand, mode=Mode.ATTACH, not_boot="")
        if self._announced:
            return
        self._announced = True
        now, first = self._clock.now(), self._errand.first_step
        nonce, spool = self._errand.nonce, attached.spool
        self._emit(BundleStarted(self._host.key, now, first, nonce, spool, attached.worker_boot))

    def _conclude(self, channel: Channel, ending: Ending | Final) -> Answer:
        match ending:
            case Ended():
                return self._acknowledge(channel, ending)
            case NoSpool():
                return self._without_spool(ending)
            case NotRoot():
                return verdict.not_root(ending)
            case NoBeginning():
                return self._task.explain(ending)
            case Failure(reason="max-output"):
                return Final(ending)
            case Failure() if self._begun:
                if self._attached:
                    self._heard_at = self._clock.monotonic()
                self._emit(LinkLost(self._host.key, self._clock.now(), f"{ending.reason}: {ending.detail}"))
        return ending

    def _acknowledge(self, channel: Channel, ending: Ended) -> Answer:
        """Only when everything is on record may the host forget it (and, if it is to, reboot)."""
        self._settle()
        self._shut = verdict.reboot_shut(self._task.reboot_closes, self._clock.now())
        if verdict.barrier(self._track) is not None and self._shut is None:
            self._told_to_reboot = self._clock.now()
            self._emit(Rebooting(self._host.key, self._told_to_reboot, ending.boot_id))
            channel.send(b"mspctl_acknowledge_and_reboot\n")
            channel.end()
            channel.exit_status(EXIT_WITHIN)
            return ending
        channel.send(b"mspctl_acknowledge\n")
        channel.end()
        if self._track.last_word is None:
            return verdict.no_last_word(ending, self._track, self._boot_id)
        bad = verdict.of_exit(channel.exit_status(EXIT_WITHIN))
        return Final(replace(bad, outcome=Outcome.LOST)) if bad else ending

    def _without_spool(self, said: NoSpool) -> Answer:
        """The worker's folder is gone; with all verdicts on record it was acknowledged before a crash."""
        recorded = self._task.recorded
        index = verdict.recorded_barrier(recorded, self._task.bundle)
        if self._begun and self._task.trace is not None and not self._announced:
            if len(recorded) == len(self._task.bundle.steps):
                self._track.statuses.update(recorded)
                return Final(verdict.of_steps(self._track))
            if index is not None:
                self._track.statuses.update(recorded)
                self._next_bundle(index)
                return SameBoot(said.boot_id)
        return verdict.no_spool(said, self._boot_id, begun=self._begun)

    def _stop_worker(self, link: Link, channel: Channel) -> Final:
        """The grace is over: ask the worker to stop at the next safe place, and hear what it says."""
        channel.close()
        if self._stop.at_once.is_set() or not self._begun:
            return self._cancelled(stopped=False)
        self._errand = replace(self._errand, mode=Mode.CANCEL)
        second = self._start(link)
        if isinstance(second, Failure):
            return self._cancelled(stopped=False)
        by = self._clock.monotonic() + STOP_WITHIN
        for heard in follow(second, self._errand.nonce, self._clock, begin_within=STOP_WITHIN):
            self._take(heard)
            if self._clock.monotonic() > by or self._track.last_word is not None:
                break
        stopped, barrier = self._track.last_word is not None, verdict.barrier(self._track)
        if stopped:
            if barrier is not None:
                self._tell(self._track.overrule(barrier, verdict.not_rebooted(self._track)))
            self._settle()
            second.send(b"mspctl_acknowledge\n")
            second.end()
            second.exit_status(STOP_WITHIN)
        second.close()
        return self._cancelled(stopped=stopped)

    def _interrupted(self) -> bool:
        if not self._stop.cancel.is_set():
            return False
        now = self._clock.monotonic()
        if self._cancelled_at is None:
            self._cancelled_at = now
        return self._stop.at_once.is_set() or now - self._cancelled_at > self._task.cancel_grace

    def _cancelled(self, *, stopped: bool) -> Final:
        if self._reboot is not None:
            return verdict.cancelled_reboot()
        return verdict.cancelled(self._track, self._task.bundle, begun=self._begun, stopped=stopped)

    def _next_bundle(self, reboot: int) -> None:
        """The steps after the reboot step of that index, on another boot than this one."""
        if self._reboot is None:
            told, drained = self._told_to_reboot, "drained" in self._track.kept
            self._reboot = RebootWatch(self._host.key, reboot, self._clock.monotonic(), told, drained)
        self._errand = self._named(reboot + 1, not_boot=self._boot_id)
        self._begun = self._sent = self._announced = False
        self._track.restart(reboot + 1)

    def _first_errand(self) -> Errand:
        trace = self._task.trace
        if trace is None:
            return self._named(0)
        before = {index: status for index, status in self._task.recorded.items() if index < trace.first_step}
        self._track.statuses.update(before)
        return replace(self._named(trace.first_step), mode=Mode.ATTACH)

    def _named(self, first_step: int, not_boot: str = "") -> Errand:
        nonce = derive(self._task.nonce, self._host.key, str(first_step))
        spool = f"mspctl-{derive(nonce, 'spool')[:16]}"
        kept = dict(self._track.kept)
        return Errand(
            nonce, spool, first_step=first_step, not_boot=not_boot, owner=self._task.owner, kept=kept
        )
