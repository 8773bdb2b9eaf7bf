"""Many hosts at once: one thread per host at work, one writer, waves, limits, and a way to stop."""

import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Event as Flag
from threading import Thread

from mspctl.engine.assemble import RuntimeTexts
from mspctl.engine.follow import NoBeginning
from mspctl.engine.hostrun import HostTask, HostWork, Stop, ended
from mspctl.engine.policy import RunPolicy, waves
from mspctl.model.bundle import Bundle, Plan
from mspctl.model.event import Connected, Event, HostEnded, StepOutput
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun, Run
from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import Clock, Transport

QUEUE_LIMIT = 128
BATCH_LIMIT = 2_000
BATCH_BYTES = 2 * 1024 * 1024
LINGER = 0.25
"""Seconds for which an event that nobody waits for may stay unwritten."""
SOON = 2.0
"""Seconds in which a live host usually lets us in."""
SILENT_SHARE = 4
"""How many silent hosts, in multiples of forks, may be waited for beside the working ones."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the execution works with. `explain` names what an account did instead of running our program."""

    transport: Transport
    secrets: Callable[[SecretRef], Secret]
    texts: RuntimeTexts
    clock: Clock
    explain: Callable[[NoBeginning], Failure]


@dataclass(frozen=True, slots=True)
class _Settled:
    """A host waits until everything before this is durably recorded."""

    flag: Flag = field(default_factory=Flag)


@dataclass(slots=True)
class _Intake:
    """What is to be written next, at the latest at `due` (monotonic seconds), and who waits for it."""

    due: float
    events: list[Event] = field(default_factory=list)
    settled: list[_Settled] = field(default_factory=list)
    printed: int = 0
    """Bytes of output in the events."""

    @property
    def full(self) -> bool:
        """No more is taken in before this is written."""
        return len(self.events) >= BATCH_LIMIT or self.printed >= BATCH_BYTES


class Execution:
    """Executes a plan that is already on record as `run`; hosts of `run` that have ended are left alone.

    `batches()` yields events in batches, on the caller's thread. Coming back for the next batch means: the
    last one is durably recorded. Hosts are told to forget their output only after that.
    """

    def __init__(self, plan: Plan, run: Run, equipment: Equipment, policy: RunPolicy, *, owner: str) -> None:
        self._plan = plan
        self._equipment = equipment
        self._policy = policy
        self._owner = owner
        self._nonce = run.nonce
        self._rows: Mapping[str, HostRun] = {row.host: row for row in run.hosts}
        self._queue: Queue[Event | _Settled] = Queue(QUEUE_LIMIT)
        self._stop = Stop(Flag(), Flag())
        self._active: dict[str, Bundle] = {}
        self._counts: Counter[Outcome] = Counter(row.outcome for row in run.hosts if row.outcome is not None)
        self._stopped: str | None = None
        self._connecting: dict[str, float] = {}
        """Since when (monotonic seconds) a host is being connected to."""

    def cancel(self, *, at_once: bool = False) -> None:
        """No new hosts; running ones get their grace, or none. Safe to call from a signal handler."""
        if at_once:
            self._stop.at_once.set()
        self._stop.cancel.set()

    def batches(self) -> Iterator[tuple[Event, ...]]:
        """All events until every pending host has its terminal word."""
        pending = [bundle for bundle in self._plan.bundles if self._pending(bundle)]
        for wave in waves(pending, self._policy.serial):
            yield from self._wave(deque(wave))

    def _pending(self, bundle: Bundle) -> bool:
        row = self._rows.get(bundle.host.key)
        return row is not None and row.outcome is None

    def _wave(self, waiting: deque[Bundle]) -> Iterator[tuple[Event, ...]]:
        intake = _Intake(self._equipment.clock.monotonic() + LINGER)
        while waiting or self._active:
            self._halt_if_needed()
            if self._stop.cancel.is_set() or self._stopped:
                yield from self._turn_away(waiting)
            if held := self._admit(waiting):
                yield held
            self._collect(intake)
            now = self._equipment.clock.monotonic()
            over = not waiting and not self._active
            if intake.settled or over or now >= intake.due or intake.full:
                yield tuple(intake.events)  # an empty one too: the caller may look around
                for waiter in intake.settled:
                    waiter.flag.set()
                intake = _Intake(now + LINGER)

    def _halt_if_needed(self) -> None:
        if self._stopped is None:
            self._stopped = self._policy.max_fail.exceeded(self._counts, len(self._rows))

    def _turn_away(self, waiting: deque[Bundle]) -> Iterator[tuple[Event, ...]]:
        """Hosts that are not touched any more get their terminal word too."""
        if not waiting:
            return
        if self._stop.cancel.is_set():
            word = Failure(Outcome.CANCELLED, "cancelled", "before anything was started on the host")
        else:
            word = Failure(
                Outcome.SKIPPED, "max-fail", self._stopped or "", "mend the failed hosts, then run again"
            )
        now = self._equipment.clock.now()
        turned = [ended(bundle.host.key, now, word) for bundle in waiting if self._turn_away_ok(bundle)]
        started = [bundle for bundle in waiting if not self._turn_away_ok(bundle)]
        waiting.clear()
        waiting.extend(started)
        if turned:
            yield tuple(turned)

    def _turn_away_ok(self, bundle: Bundle) -> bool:
        """A host where a worker was started earlier is still collected when only the limit was reached."""
        return self._stop.cancel.is_set() or self._rows[bundle.host.key].trace is None

    def _admit(self, waiting: deque[Bundle]) -> tuple[Event, ...]:
        """Start what may be started; gives the last words of hosts whose window is shut at their turn."""
        held: list[Event] = []
        for _ in range(len(waiting)):
            if self._full():
                break
            bundle = waiting.popleft()
            if word := self._shut(bundle):
                held.append(ended(bundle.host.key, self._equipment.clock.now(), word))
                continue
            if self._site_full(bundle):
                waiting.append(bundle)
                continue
            self._active[bundle.host.key] = bundle
            self._connecting[bundle.host.key] = self._equipment.clock.monotonic()
            Thread(target=self._work, args=(bundle,), name=bundle.host.key, daemon=True).start()
        return tuple(held)

    def _shut(self, bundle: Bundle) -> Failure | None:
        """Work that was begun is collected at any time; nothing new begins outside the window."""
        admission = self._policy.admissions.get(bundle.host.key)
        if admission is None or self._rows[bundle.host.key].trace is not None:
            return None
        return admission.refuses(self._equipment.clock.now())

    def _full(self) -> bool:
        """A host that does not answer soon gives its place to another: the dead do not hold up the living."""
        stale = self._equipment.clock.monotonic() - SOON
        silent = sum(since < stale for since in self._connecting.values())
        return len(self._active) - min(silent, SILENT_SHARE * self._policy.forks) >= self._policy.forks

    def _site_full(self, bundle: Bundle) -> bool:
        site = (bundle.host.client, bundle.host.site)
        limit = self._policy.per_site.get(site)
        if limit is None:
            return False
        return sum((other.host.client, other.host.site) == site for other in self._active.values()) >= limit

    def _collect(self, intake: "_Intake") -> None:
        """Take in what comes until somebody waits for it, a place is free, or it is due to be written."""
        while not intake.full:
            left = intake.due - self._equipment.clock.monotonic()
            try:
                item = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except Empty:
                return
            self._sort(item, intake)
            if self._queue.empty() and isinstance(item, _Settled | HostEnded):
                return

    def _sort(self, item: Event | _Settled, intake: "_Intake") -> None:
        if isinstance(item, _Settled):
            intake.settled.append(item)
            return
        intake.events.append(item)
        if isinstance(item, StepOutput):
            intake.printed += len(item.chunk)
        if isinstance(item, Connected | HostEnded):
            self._connecting.pop(item.host, None)
        if isinstance(item, HostEnded):
            del self._active[item.host]
            self._counts[item.outcome] += 1

    def _work(self, bundle: Bundle) -> None:
        """The body of a host's thread. Our own bugs end as `broken`, never as a missing row."""
        clock = self._equipment.clock
        try:
            HostWork(
                self._task(bundle),
                self._equipment.transport,
                clock,
                self._stop,
                self._queue.put,
                self._settle,
            ).run()
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an outcome
            where = traceback.extract_tb(error.__traceback__)[-1]
            detail = f"{type(error).__name__} in {where.name} ({where.filename}:{where.lineno})"
            word = Failure(Outcome.BROKEN, "bug", detail, "please report this; the host's state is not known")
            self._queue.put(ended(bundle.host.key, clock.now(), word))

    def _task(self, bundle: Bundle) -> HostTask:
        row = self._rows[bundle.host.key]
        return HostTask(
            bundle=bundle,
            secrets=tuple(self._equipment.secrets(ref) for ref in bundle.secrets),
            texts=self._equipment.texts,
            nonce=self._nonce,
            owner=self._owner,
            explain=self._equipment.explain,
            trace=row.trace,
            recorded={step.index: step.status for step in row.steps if step.status is not None},
            attempt=row.attempt + 1,
            cancel_grace=self._policy.cancel_grace,
        )

    def _settle(self) -> None:
        waiter = _Settled()
        self._queue.put(waiter)
        waiter.flag.wait()
