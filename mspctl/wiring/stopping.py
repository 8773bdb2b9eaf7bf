"""Signals while hosts are at work: the first asks to stop, the second does not wait."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol


class Stoppable(Protocol):
    """What a signal stops; safe to call from a signal handler."""

    def cancel(self, *, at_once: bool = False) -> None: ...


class Stopping:
    """Counts the signals that came; `at_once` once there were two."""

    def __init__(self, work: Stoppable) -> None:
        self._work = work
        self.signals = 0

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The body of the signal's reaction."""
        del number, frame
        self.signals += 1
        self._work.cancel(at_once=self.signals > 1)


@contextmanager
def stopped_by_signals(work: Stoppable) -> Iterator[Stopping]:
    """SIGINT and SIGTERM stop `work`, SIGHUP too if there is no terminal (work survives a closed one)."""
    stopping = Stopping(work)
    reactions = {signal.SIGINT: stopping.receive, signal.SIGTERM: stopping.receive}
    before = {number: signal.signal(number, reaction) for number, reaction in reactions.items()}
    on_hangup = signal.SIG_IGN if any(map(_is_terminal, range(3))) else stopping.receive
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup has said so already
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, on_hangup)
    try:
        yield stopping
    finally:
        for number, reaction in before.items():
            signal.signal(number, reaction)


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False
