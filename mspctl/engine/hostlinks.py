"""One bundle of a host from its sending to its end, over as many links as it takes."""

from collections.abc import Iterable
from dataclasses import replace

from mspctl.engine import verdict
from mspctl.engine.assemble import program
from mspctl.engine.bundleend import BundleEnd
from mspctl.engine.follow import (
    TOO_MUCH,
    Attached,
    Ended,
    Ending,
    Heard,
    NoBeginning,
    NoSpool,
    NotRoot,
    NotStarted,
    SameBoot,
    follow,
)
from mspctl.engine.frames import Frame
from mspctl.engine.hoststate import HostState, Ways
from mspctl.engine.hosttask import BEGIN_WITHIN
from mspctl.engine.sending import Mode, Sending
from mspctl.engine.verdict import Final
from mspctl.model.event import BundleStarted, Connected, Event, LinkLost
from mspctl.model.failure import Failure
from mspctl.ports import Channel, Link

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 10.0
STOP_WITHIN = 8.0
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
        "blocked",
        "bootstrap",
        "constrained",
        "no-memory",
        "not-started",
        "silent",
    }
)
"""Reasons by which a host has answered: no worker was started."""

Answer = Ended | SameBoot | Final | Failure


class HostLinks:
    """The links to one host, one after the other."""

    def __init__(self, state: HostState, ways: Ways) -> None:
        self._state = state
        self._ways = ways
        self._host = state.task.bundle.host
        self._end = BundleEnd(state, ways)
        self._cancelled_at: float | None = None
        self._noise = 0
        """Bytes of the present link's stderr that are counted already."""

    def bundle(self) -> Ended | Failure:
        """To the end of what the worker says and our answer to it, for as long as patience lasts."""
        state, clock = self._state, self._ways.clock
        state.heard_at = clock.monotonic()
        pause = FIRST_PAUSE
        while True:
            heard_before = state.heard_at
            answer = self._one_link()
            if isinstance(answer, Ended):
                return answer
            if isinstance(answer, Final):
                return answer.failure
            if not state.allowance.left:
                return TOO_MUCH
            now = clock.monotonic()
            if state.reboot is not None:
                self._tell(state.reboot.miss(answer, clock.now(), now))
            if isinstance(answer, Failure) and not self._worth_another_link(answer):
                return self._refused(answer)
            if self._ways.stop.cancel.is_set():
                return self._cancelled(stopped=False).failure
            if state.heard_at != heard_before:
                pause = FIRST_PAUSE
            patience = state.heard_at + self._host.access.deadlines.reboot
            if now > min(patience, state.give_up_at):
                watch = state.reboot
                return watch.given_up(answer, now) if watch else verdict.patience_lost(answer, state.track)
            self._ways.stop.cancel.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._ways.emit(event)

    def _refused(self, failure: Failure) -> Failure:
        state = self._state
        begun = state.begun or state.sent or state.errand.first_step > 0
        if begun and failure.reason.startswith("host-key"):
            return verdict.key_refused(failure, state.track)
        return failure

    def _worth_another_link(self, failure: Failure) -> bool:
        """Once something was done on the host, or a reboot is under way, link trouble is waited out."""
        if failure.reason.startswith("host-key"):
            return False
        state = self._state
        state.unheard = state.unheard or (state.sent and failure.reason not in ANSWERS)
        return state.begun or state.unheard or state.errand.first_step > 0

    def _one_link(self) -> Answer:
        state, ways = self._state, self._ways
        if ways.stop.cancel.is_set() and not state.begun:
            return self._cancelled(stopped=False)
        if self._halted():
            return Final(verdict.HALTED)
        began = ways.clock.monotonic()
        link = ways.transport.connect(self._host)
        if isinstance(link, Failure):
            return link
        self._noise = 0
        try:
            seconds = round(ways.clock.monotonic() - began, 3)
            ways.emit(Connected(self._host.key, ways.clock.now(), link.fingerprint, seconds))
            # Asked after it was said: whoever gave us up has not heard of it, so nothing may begin.
            if ways.stop.at_once.is_set() and not state.begun:
                return self._cancelled(stopped=False)
            if self._halted():
                return Final(verdict.HALTED)
            return self._talk(link)
        finally:
            self._count_noise(link)
            state.round_trips += link.round_trips
            link.close()

    def _halted(self) -> bool:
        state = self._state
        return self._ways.stop.halted.is_set() and not state.sent and state.errand.first_step == 0

    def _talk(self, link: Link) -> Answer:
        self._state.attached = False
        channel = self._start(link)
        if isinstance(channel, Failure):
            return channel
        try:
            ending = self._hear(link, channel)
            if ending is None:
                return self._stop_worker(link, channel)
            return self._conclude(channel, ending)
        finally:
            channel.close()

    def _start(self, link: Link) -> Channel | Failure:
        state, task = self._state, self._state.task
        first = state.errand.first_step
        known = {index: status for index, status in state.track.statuses.items() if index < first}
        channel = link.start(program(Sending(state.errand, task.bundle, task.secrets, task.texts, known)))
        state.sent = state.sent or not isinstance(channel, Failure)
        return channel

    def _count_noise(self, link: Link) -> bool:
        """False if the host has sent more than may be read from it."""
        before, self._noise = self._noise, link.noise
        return self._state.allowance.take(self._noise - before)

    def _hear(self, link: Link, channel: Channel) -> Ending | Final | None:
        """Everything until the end; None if it was interrupted by a cancellation."""
        within = BEGIN_WITHIN + self._host.access.deadlines.auth
        nonce, allowance = self._state.errand.nonce, self._state.allowance
        conversation = follow(channel, nonce, self._ways.clock, allowance, begin_within=within)
        while True:
            try:
                heard = next(conversation)
            except StopIteration as stopped:
                ending: Ending = stopped.value
                return ending
            self._take(heard)
            if not self._count_noise(link):
                return Final(TOO_MUCH)
            if self._ways.clock.monotonic() > self._state.give_up_at:
                return verdict.run_timeout(self._state.track)
            if self._interrupted():
                return None

    def _take(self, heard: Heard) -> None:
        state = self._state
        match heard:
            case Attached():
                self._attach(heard)
            case Frame():
                state.errand = replace(state.errand, offset=state.errand.offset + heard.size)
                self._tell(state.track.frame(heard))
            case bytes():
                state.errand = replace(state.errand, offset=state.errand.offset + len(heard))
                self._tell(state.track.output(heard))

    def _attach(self, attached: Attached) -> None:
        state, clock = self._state, self._ways.clock
        state.begun = state.attached = True
        if state.reboot is not None and state.errand.first_step > state.reboot.index:
            self._tell(state.reboot.back(clock.now(), clock.monotonic()))
        state.reboot = None
        state.boot_id = attached.worker_boot
        state.errand = replace(state.errand, mode=Mode.ATTACH, not_boot="")
        if state.announced:
            return
        state.announced = True
        now, first = clock.now(), state.errand.first_step
        nonce, spool = state.errand.nonce, attached.spool
        self._ways.emit(BundleStarted(self._host.key, now, first, nonce, spool, attached.worker_boot))

    def _conclude(self, channel: Channel, ending: Ending | Final) -> Answer:
        state = self._state
        match ending:
            case Ended():
                state.heard_at = self._ways.clock.monotonic()
                return self._end.acknowledge(channel, ending)
            case NoSpool():
                return self._end.without_spool(ending)
            case NotRoot() | NotStarted():
                return verdict.not_begun(ending)
            case NoBeginning():
                return state.task.explain(replace(ending, windows=self._host.windows))
            case Failure(reason="max-output"):
                return Final(ending)
            case Failure() if state.begun:
                if state.attached:
                    state.heard_at = self._ways.clock.monotonic()
                lost = f"{ending.reason}: {ending.detail}"
                self._ways.emit(LinkLost(self._host.key, self._ways.clock.now(), lost))
        return ending

    def _stop_worker(self, link: Link, channel: Channel) -> Final:
        """The grace is over: ask the worker to stop at the next safe place, and hear what it says."""
        state = self._state
        channel.close()
        if self._ways.stop.at_once.is_set():
            return self._cancelled(stopped=False)
        state.errand = replace(state.errand, mode=Mode.CANCEL)
        second = self._start(link)
        if isinstance(second, Failure):
            return self._cancelled(stopped=False)
        ending = self._hear_stop(second)
        stopped = state.track.last_word is not None
        if stopped:
            self._end.stopped(second)
        second.close()
        if isinstance(ending, NoSpool | NotStarted) and not state.begun:
            state.sent = False
        return self._cancelled(stopped=stopped)

    def _hear_stop(self, channel: Channel) -> Ending | None:
        """What the worker says until its last word; None if it ended with that, or said none in time."""
        state, clock = self._state, self._ways.clock
        by = clock.monotonic() + STOP_WITHIN
        conversation = follow(channel, state.errand.nonce, clock, state.allowance, begin_within=STOP_WITHIN)
        while clock.monotonic() <= by and state.track.last_word is None:
            try:
                self._take(next(conversation))
            except StopIteration as stopped:
                ending: Ending = stopped.value
                return ending
        return None

    def _interrupted(self) -> bool:
        if not self._ways.stop.cancel.is_set():
            return False
        now = self._ways.clock.monotonic()
        if self._cancelled_at is None:
            self._cancelled_at = now
        return self._ways.stop.at_once.is_set() or now - self._cancelled_at > self._state.task.cancel_grace

    def _cancelled(self, *, stopped: bool) -> Final:
        state = self._state
        if state.reboot is not None:
            return verdict.cancelled_reboot()
        if not state.begun and state.errand.first_step > 0:
            return verdict.cancelled_between()
        begun = state.begun or (None if state.sent else False)
        return verdict.cancelled(state.track, state.task.bundle, begun=begun, stopped=stopped)
