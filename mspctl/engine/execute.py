"""Many hosts at once: one thread per host at work, one writer, waves, limits, and a way to stop."""

import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Event as Flag
from threading import Thread

from mspctl.engine.aroundhost import began
from mspctl.engine.errands import spool_names
from mspctl.engine.follow import NoBeginning
from mspctl.engine.gates import End, Gates
from mspctl.engine.hostrun import HostWork
from mspctl.engine.hosttask import HostTask, Stop, ended
from mspctl.engine.policy import RunPolicy
from mspctl.engine.sending import RuntimeTexts
from mspctl.engine.verdict import UNTOUCHED
from mspctl.engine.waves import Order, serial_order
from mspctl.model.bundle import NOTHING_AROUND, Bundle, Plan
from mspctl.model.event import Connected, Event, HostEnded, StepOutput
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun, Run
from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import Clock, LocalShell, Transport

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
    """What the execution works with.

    `explain` names what an account did instead of running our program, `shell` runs the inventory's lines for
    this machine, `left` are paths of spools, by host, that nobody will ask for.
    """

    transport: Transport
    secrets: Callable[[SecretRef], Secret]
    texts: RuntimeTexts
    clock: Clock
    explain: Callable[[NoBeginning], Failure]
    shell: LocalShell | None = None
    left: Mapping[str, Sequence[str]] = field(default_factory=dict)


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

    `order` says in which waves and after whom hosts go; without it the policy's serial sizes do.
    `batches()` yields events in batches, on the caller's thread. Coming back for the next batch means: the
    last one is durably recorded. Hosts are told to forget their output only after that.
    """

    def __init__(
        self,
        plan: Plan,
        run: Run,
        equipment: Equipment,
        policy: RunPolicy,
        *,
        owner: str,
        order: Order | None = None,
    ) -> None:
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
        self._bundles = {each.host.key: each for each in plan.bundles if self._pending(each)}
        hosts = [bundle.host for bundle in self._bundles.values()]
        self._order = order or serial_order(hosts, policy.serial)
        self._gates = Gates(
            self._order,
            self._bundles,
            {
                row.host: End.of(row.host, row.outcome, row.reason, policy.proven)
                for row in run.hosts
                if row.outcome
            },
            [key for key in self._bundles if self._at_work(key)],
        )
        self._connecting: dict[str, float] = {}
        """Since when (monotonic seconds) a host is being connected to."""

    def cancel(self, *, at_once: bool = False) -> None:
        """No new hosts; running ones get their grace, or none. Safe to call from a signal handler."""
        if at_once:
            self._stop.at_once.set()
        self._stop.cancel.set()

    def batches(self) -> Iterator[tuple[Event, ...]]:
        """All events until every pending host has its terminal word."""
        waiting: deque[Bundle] = deque()
        intake = _Intake(self._equipment.clock.monotonic() + LINGER, list(self._order.told(self._unnamed())))
        while waiting or self._active or self._gates.left:
            self._halt_if_needed()
            if self._stop.cancel.is_set() or self._stopped:
                waiting.extend(self._bundles[key] for key in self._gates.rest())
                self._turn_away(waiting, intake)
            self._let_go(waiting, intake)
            self._admit(waiting, intake)
            if self._active or self._gates.left:
                self._collect(intake)
            if self._stop.at_once.is_set():
                self._give_up_on_silent(intake)
            now = self._equipment.clock.monotonic()
            over = not waiting and not self._active and not self._gates.left
            if intake.settled or over or now >= intake.due or intake.full:
                yield tuple(intake.events)  # an empty one too: the caller may look around
                for waiter in intake.settled:
                    waiter.flag.set()
                intake = _Intake(now + LINGER)

    def _unnamed(self) -> Iterator[str]:
        """Hosts to come of which the run log does not say in which wave they are."""
        return (key for key in self._bundles if not self._rows[key].wave)

    def _pending(self, bundle: Bundle) -> bool:
        row = self._rows.get(bundle.host.key)
        return row is not None and row.outcome is None

    def _halt_if_needed(self) -> None:
        if self._stopped is None:
            self._stopped = self._policy.max_fail.exceeded(self._counts, len(self._rows))
            if self._stopped:
                self._stop.halted.set()

    def _let_go(self, waiting: deque[Bundle], intake: "_Intake") -> None:
        """Those whose turn has come wait for a place now; those who get none have their terminal word."""
        turn = self._gates.turn(self._equipment.clock.monotonic())
        waiting.extend(self._bundles[key] for key in turn.go)
        now = self._equipment.clock.now()
        for key, word in turn.away:
            intake.events.append(ended(key, now, self._shut(self._bundles[key]) or word))

    def _turn_away(self, waiting: deque[Bundle], intake: "_Intake") -> None:
        """Hosts that are not touched any more get their terminal word too."""
        full = Failure(
            Outcome.SKIPPED, "max-fail", self._stopped or "", "mend the failed hosts, then run again"
        )
        for _ in range(len(waiting)):
            bundle = waiting.popleft()
            if self._at_work(bundle.host.key):  # collected, or after a cancellation told of: see HostWork
                waiting.append(bundle)
            else:
                self._refuse(bundle, UNTOUCHED if self._stop.cancel.is_set() else full, intake)

    def _refuse(self, bundle: Bundle, word: Failure, intake: "_Intake") -> None:
        intake.events.append(ended(bundle.host.key, self._equipment.clock.now(), word))
        key = bundle.host.key
        self._gates.ended(key, End.of(key, word.outcome, word.reason, self._policy.proven))

    def _give_up_on_silent(self, intake: "_Intake") -> None:
        """Who stops at once does not wait for hosts that have not even let us in; see HostWork._one_link.

        A host around which a line of this machine is at work has its word from that.
        """
        while not self._queue.empty():
            self._sort(self._queue.get_nowait(), intake)
        for key in [each for each in self._connecting if self._untouched(each)]:
            self._sort(ended(key, self._equipment.clock.now(), UNTOUCHED), intake)

    def _untouched(self, key: str) -> bool:
        return self._rows[key].trace is None and self._bundles[key].around == NOTHING_AROUND

    def _at_work(self, key: str) -> bool:
        """An earlier try has started a worker on the host, or begun the line that comes before."""
        row = self._rows[key]
        return row.trace is not None or began(row.reports)

    def _admit(self, waiting: deque[Bundle], intake: "_Intake") -> None:
        """Start what may be started; a host whose window or gate is shut at its turn has its last word."""
        for _ in range(len(waiting)):
            if self._full():
                return
            bundle = waiting.popleft()
            refusal = self._shut(bundle) or self._gates.refusal(bundle.host.key)
            if refusal is not None:
                self._refuse(bundle, refusal, intake)
                continue
            if self._site_full(bundle):
                waiting.append(bundle)
                continue
            self._active[bundle.host.key] = bundle
            self._connecting[bundle.host.key] = self._equipment.clock.monotonic()
            Thread(target=self._work, args=(bundle,), name=bundle.host.key, daemon=True).start()

    def _shut(self, bundle: Bundle) -> Failure | None:
        """Work that was begun is collected at any time; nothing new begins outside the window."""
        admission = self._policy.admissions.get(bundle.host.key)
        if admission is None or self._at_work(bundle.host.key):
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
        if item.host not in self._active:
            return  # we gave it up while it was connecting
        intake.events.append(item)
        if isinstance(item, StepOutput):
            intake.printed += len(item.chunk)
        if isinstance(item, Connected | HostEnded):
            self._connecting.pop(item.host, None)
        if isinstance(item, HostEnded):
            del self._active[item.host]
            self._counts[item.outcome] += 1
            self._gates.ended(item.host, End(item.outcome, item.reason))

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
            steps=row.steps,
            outside=row.reports,
            attempt=row.attempt + 1,
            gone=spool_names(self._equipment.left.get(bundle.host.key, ())),
            cancel_grace=self._policy.cancel_grace,
            admission=self._policy.admissions.get(bundle.host.key),
            reboot_admission=self._policy.reboots.get(bundle.host.key),
            shell=self._equipment.shell,
        )

    def _settle(self) -> None:
        waiter = _Settled()
        self._queue.put(waiter)
        waiter.flag.wait()
