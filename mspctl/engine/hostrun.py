"""One host from its first connection to its one terminal word: bundle after bundle, reboots between them."""

from collections.abc import Callable, Iterable

from mspctl.engine import verdict
from mspctl.engine.aroundhost import AroundHost
from mspctl.engine.hostlinks import HostLinks
from mspctl.engine.hoststate import HostState, Ways
from mspctl.engine.hosttask import HostTask, Stop, budget, ended
from mspctl.engine.rebootrecord import overruled
from mspctl.engine.rebootwatch import IGNORED
from mspctl.model.bundle import NOTHING_AROUND
from mspctl.model.event import Event, HostStarted
from mspctl.model.failure import Failure
from mspctl.ports import Clock, Transport


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
        self._ways = Ways(transport, clock, stop, emit, settle)
        self._state = HostState.of(task, clock.monotonic())
        self._links = HostLinks(self._state, self._ways)
        self._lines: AroundHost | None = None

    def run(self) -> None:
        """Everything; the last event is HostEnded, always."""
        host, clock, state = self._task.bundle.host.key, self._ways.clock, self._state
        self._ways.emit(HostStarted(host, clock.now(), self._task.attempt))
        word = self._surrounded()
        seconds = clock.monotonic() - state.started - (self._lines.seconds if self._lines else 0.0)
        self._ways.emit(ended(host, clock.now(), word, round(seconds, 2), state.round_trips))

    def _surrounded(self) -> Failure:
        """The bundles between the lines for this machine; a host with a worker has had its first line."""
        shell, bundle, clock = self._task.shell, self._task.bundle, self._ways.clock
        cancelled, sent = self._ways.stop.cancel.is_set(), self._task.trace is not None
        if shell is None or bundle.around == NOTHING_AROUND:
            return self._unasked() if cancelled and sent else self._bundles()
        lines = self._lines = AroundHost(bundle, shell, self._ways, self._task.outside)
        if sent:
            return lines.after(self._unasked() if cancelled else self._bundles())
        if cancelled and not lines.began:
            return self._bundles()
        refused = lines.before()
        if refused is not None:
            return refused
        if cancelled:
            return lines.after(self._unasked())
        self._state.give_up_at = clock.monotonic() + budget(bundle)
        # The line may have taken long: the window is asked again before anything begins on the host.
        admission = self._task.admission
        held = admission.refuses(clock.now()) if admission else None
        return lines.after(held or self._bundles())

    def _unasked(self) -> Failure:
        """The word on a resumed host when the run is stopped before its turn: it is not connected to."""
        if self._state.reboot is not None:
            return verdict.cancelled_reboot().failure
        return verdict.cancelled_before_turn(sent=self._task.trace is not None)

    def _bundles(self) -> Failure:
        """Bundle after bundle, a reboot between them; the final word (which may be a good one)."""
        state = self._state
        while True:
            ending = self._links.bundle()
            if isinstance(ending, Failure):
                if self._stays_up(ending):
                    continue
                self._tell(state.track.interrupt(ending.detail or ending.reason))
                return ending
            if state.barrier is None:
                return state.stays or verdict.of_worker(state.track)
            if verdict.due(state.track, state.barrier):
                state.await_boot(state.barrier, self._ways.clock.monotonic())
            elif state.stays is not None and not verdict.goes_on(state.barrier, self._task.bundle):
                return state.stays
            else:
                state.stay_on_boot(state.barrier)

    def _stays_up(self, word: Failure) -> bool:
        """True if steps are to follow (probes, a last look) on a host that ignored the order to reboot."""
        state = self._state
        if state.reboot is None or word.reason != IGNORED:
            return False
        index = state.reboot.index
        self._tell(state.track.overrule(index, word.detail, overruled(word)))
        state.stays = word
        if not verdict.goes_on(index, self._task.bundle):
            return False
        state.stay_on_boot(index)
        return True

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._ways.emit(event)
