"""Time and processes for the frame's own scripts: each thread of control has its turn, and the clock is ours.

One thread runs at a time. Who waits names what for and how long; when nobody can go on, the clock moves to
the earliest end of a wait. So a run of minutes takes no time and goes the same way each time.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

FOREVER = float("inf")
BOOT = datetime(2026, 11, 29, 3, 0)  # noqa: DTZ001 - the host's time has no zone here


class EndedError(BaseException):
    """The process is over: nothing of it goes on, whatever it would catch."""


@dataclass(eq=False)
class Process:
    """A process of the host; `code` is its exit status, None while it runs."""

    number: int
    parent: int
    began: datetime
    code: int | None = None

    @property
    def alive(self) -> bool:
        return self.code is None


@dataclass(eq=False)
class Actor:
    """A thread of a process: what it waits for, and until when."""

    process: Process
    work: Callable[[], None]
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ready: Callable[[], bool] = bool
    until: float = 0.0
    done: bool = False
    raises: bool = True
    """Whether its error is the end of everything; else somebody on the host asks for it."""
    error: BaseException | None = None


class World:
    """The clock, the processes and whose turn it is."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.processes: dict[int, Process] = {}
        self._actors: list[Actor] = []
        self._current: Actor | None = None
        self._numbers = count(4000, 4)
        self._over = threading.Semaphore(0)

    @property
    def now(self) -> datetime:
        return BOOT + timedelta(seconds=600 + self.clock)

    def process(self, parent: int = 0) -> Process:
        made = Process(next(self._numbers), parent, self.now)
        self.processes[made.number] = made
        return made

    def begin(self, process: Process, work: Callable[[], None], *, raises: bool = True) -> Actor:
        """A thread that has its turn once others wait."""
        actor = Actor(process, work, until=self.clock, raises=raises)
        self._actors.append(actor)
        threading.Thread(target=self._live, args=(actor,), daemon=True).start()
        return actor

    def end(self, process: Process, code: int) -> None:
        """Ends a process from outside or from within."""
        if process.alive:
            process.code = code
        if self._current is not None and self._current.process is process:
            raise EndedError

    def wait(self, ready: Callable[[], bool], seconds: float = FOREVER) -> bool:
        """True once it is ready, False if the time is over before. Raises EndedError."""
        actor = self._current
        assert actor is not None
        actor.ready, actor.until = ready, self.clock + seconds
        self._next()
        actor.turn.acquire()
        self._lives(actor)
        return ready()

    def run(self, work: Callable[[], None]) -> None:
        """Runs the work; with its end everything ends. Raises what the threads of control raised."""

        def whole() -> None:
            work()
            for process in self.processes.values():
                process.code = 1 if process.code is None else process.code

        self.begin(self.process(), whole)
        self._next()
        assert self._over.acquire(timeout=200), "somebody never gives up his turn"
        for actor in self._actors:
            if actor.error is not None:
                raise actor.error

    def _live(self, actor: Actor) -> None:
        actor.turn.acquire()
        try:
            self._lives(actor)
            actor.work()
        except EndedError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            actor.error = error
            if actor.raises:
                self._over.release()
                return
        actor.done = True
        self._next()

    def _lives(self, actor: Actor) -> None:
        if not actor.process.alive:
            raise EndedError

    def _next(self) -> None:
        waiting = [actor for actor in self._actors if not actor.done]
        if not waiting:
            self._over.release()
            return
        chosen = next((a for a in waiting if a.until <= self.clock or self._can(a)), None)
        if chosen is None:
            chosen = min(waiting, key=lambda actor: actor.until)
            if chosen.until == FOREVER:
                chosen.error = AssertionError("everybody waits for somebody else")
                self._over.release()
                return
            self.clock = chosen.until
        # Whoever has had his turn is the last in the row.
        self._actors.remove(chosen)
        self._actors.append(chosen)
        self._current = chosen
        chosen.turn.release()

    def _can(self, actor: Actor) -> bool:
        return not actor.process.alive or actor.ready()
