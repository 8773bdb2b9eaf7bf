"""What follows when a bundle has ended: all is put on record, then the host may forget it, or reboots."""

from dataclasses import replace

from mspctl.engine import verdict
from mspctl.engine.follow import Ended, NoSpool
from mspctl.engine.hoststate import HostState, Ways
from mspctl.engine.rebootrecord import overruled
from mspctl.engine.verdict import Final
from mspctl.model.event import Rebooting
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.ports import Channel

EXIT_WITHIN = 15.0
STOP_WITHIN = 8.0
FORGET = b"mspctl_acknowledge\n"
REBOOT = b"mspctl_acknowledge_and_reboot\n"


class BundleEnd:
    """The end of each bundle of one host."""

    def __init__(self, state: HostState, ways: Ways) -> None:
        self._state = state
        self._ways = ways

    def acknowledge(self, channel: Channel, ending: Ended) -> Ended | Final | Failure:
        """Only when everything is on record may the host forget it (and, if it is to, reboot)."""
        state = self._state
        self._ways.settle()
        if state.barrier is None:
            state.barrier = verdict.barrier(state.track)
        if state.barrier is not None:
            return self._at_barrier(channel, ending, state.barrier)
        channel.send(FORGET)
        channel.end()
        if state.track.last_word is None:
            return verdict.no_last_word(ending, state.track, state.boot_id)
        bad = verdict.of_exit(channel.exit_status(EXIT_WITHIN))
        return Final(replace(bad, outcome=Outcome.LOST)) if bad else ending

    def _at_barrier(self, channel: Channel, ending: Ended, index: int) -> Ended | Final | Failure:
        """That the host heard us shows in a clean exit, or later in its having forgotten the bundle."""
        state, clock = self._state, self._ways.clock
        word = self._refusal(index)
        # On another boot than its worker it has rebooted already: nobody reboots it a second time.
        order = word is None and ending.boot_id == state.boot_id
        if order:
            now = clock.now()
            state.told_to_reboot(index, now, clock.monotonic())
            self._ways.emit(Rebooting(state.task.bundle.host.key, now, ending.boot_id))
        channel.send(REBOOT if order else FORGET)
        channel.end()
        bad = verdict.of_exit(channel.exit_status(EXIT_WITHIN))
        if word is not None and word.outcome is Outcome.CANCELLED:
            return Final(word)
        if bad is None:
            return ending
        state.unsure = True
        return replace(bad, outcome=Outcome.LOST)

    def _refusal(self, index: int) -> Failure | None:
        """Why the host is not told to reboot; that is on record before the host forgets what it said."""
        state = self._state
        if not verdict.due(state.track, index):
            return state.stays
        word = verdict.reboot_shut(state.task.reboot_admission, self._ways.clock.now())
        if self._ways.stop.cancel.is_set():
            word = verdict.stopped_before(verdict.not_rebooted(state.track))
        if word is not None:
            self._overrule(index, word)
            state.stays = word
        return word

    def _overrule(self, index: int, word: Failure) -> None:
        for event in self._state.track.overrule(index, word.detail, overruled(word)):
            self._ways.emit(event)
        self._ways.settle()

    def stopped(self, channel: Channel) -> None:
        """The worker has stopped because it was asked to: no host reboots any more."""
        track = self._state.track
        index = verdict.barrier(track)
        if index is None:
            self._ways.settle()
        else:
            self._overrule(index, verdict.stopped_before(verdict.not_rebooted(track)))
        channel.send(FORGET)
        channel.end()
        channel.exit_status(STOP_WITHIN)

    def without_spool(self, said: NoSpool) -> Ended | Final:
        """The worker's folder is gone: it was told to forget it, by us on a lost link or before a crash."""
        state = self._state
        heard = Ended("", "", said.boot_id)
        if state.unsure and state.barrier is not None:
            return heard
        if state.resumed:
            state.as_recorded()
            # A reboot that was due is awaited even if no step comes after it.
            if state.barrier is not None and state.stays is None:
                return heard
            if len(state.task.recorded) == len(state.task.bundle.steps):
                return Final(state.stays or verdict.of_steps(state.track))
            if state.barrier is not None:
                return self._goes_on(heard)
        return verdict.no_spool(said, state.boot_id, begun=state.begun)

    def _goes_on(self, heard: Ended) -> Ended | Final:
        stays = self._state.stays
        return Final(stays) if stays and stays.outcome is Outcome.CANCELLED else heard
