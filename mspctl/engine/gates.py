"""Lets each host of a run go to work when its turn has come, or turns it away: waves, gates, dependencies.

Nothing here knows of threads or links. It is told when a host ended and asked, with the time, who is next.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mspctl.engine.waves import Order, Stage
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome

NO_STEP_APPLIED = "no-step-applied"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class End:
    """What became of a host."""

    outcome: Outcome
    reason: str = ""

    @property
    def good(self) -> bool:
        """True if who waits for this host may go on."""
        return self.outcome.good or (self.outcome is Outcome.SKIPPED and self.reason == NO_STEP_APPLIED)

    @classmethod
    def of(cls, host: str, outcome: Outcome, reason: str, proven: Collection[str]) -> "End":
        """What the end of a host means for those behind it; `proven` are those held after good work."""
        return cls(Outcome.OK) if outcome is Outcome.HELD and host in proven else cls(outcome, reason)

    def __str__(self) -> str:
        return f"{self.outcome}{f' ({self.reason})' if self.reason else ''}"


@dataclass(frozen=True, slots=True)
class Turn:
    """Who may go to work now, and who is not touched at all, with its last word."""

    go: tuple[str, ...] = ()
    away: tuple[tuple[str, Failure], ...] = ()


@dataclass(slots=True)
class _Lane:
    """One row of stages. `opens_at` is when (monotonic seconds) the stage at `position` may begin."""

    stages: Sequence[Stage]
    position: int = 0
    opened: bool = False
    opens_at: float = 0.0
    closed: Failure | None = None
    good: int = 0
    bad: dict[str, End] = field(default_factory=dict)
    neutral: Counter[str] = field(default_factory=Counter)
    """How many hosts of the stage at `position` ended well, badly, or were held or skipped."""

    @property
    def stage(self) -> Stage:
        return self.stages[self.position]

    @property
    def over(self) -> bool:
        return self.position >= len(self.stages)

    @property
    def open(self) -> int:
        """Hosts of the stage that have not ended."""
        return len(self.stage.hosts) - self.good - len(self.bad) - self.neutral.total()

    def count(self, host: str, end: End) -> None:
        """A host of the stage has ended."""
        if end.outcome.bad:
            self.bad[host] = end
        elif end.good:
            self.good += 1
        else:
            self.neutral[str(end)] += 1

    def move_on(self, now: float) -> None:
        """The stage is over."""
        self.opens_at = now + self.stage.pause
        self.position, self.opened = self.position + 1, False
        self.good, self.bad, self.neutral = 0, {}, Counter()


class Gates:
    """The hosts of one run on their way from waiting to work; every host gets its turn exactly once.

    `waiting` are the hosts to come, `ended` those of the same run that have ended before, `at_work` those of
    the waiting on which something was started earlier: they are let in first and never turned away.
    """

    def __init__(
        self,
        order: Order,
        waiting: Collection[str],
        ended: Mapping[str, End],
        at_work: Collection[str] = (),
    ) -> None:
        self._order = order
        self._left = dict.fromkeys(waiting)
        self._ended = dict(ended)
        self._first = {key: None for key in waiting if key in at_work}
        self._lanes = [_Lane(stages) for stages in order.lanes if stages]
        self._place = {
            host: (lane, number)
            for lane in self._lanes
            for number, stage in enumerate(lane.stages)
            for host in stage.hosts
        }
        self._bound: dict[str, None] = {}
        """Hosts of open stages that wait for others."""
        self._out: set[str] = set()
        """Hosts that were let go and have not ended."""
        self._busy: dict[str, str] = {}
        """Group → the host of it that is at work."""
        self._spoilt: dict[str, str] = {
            order.groups[host]: host
            for host, end in ended.items()
            if end.outcome.bad and host in order.groups
        }
        """Group → the host of it that ended badly."""
        self._dirty = True
        self._due: float | None = None

    @property
    def left(self) -> bool:
        """True while hosts have not had their turn."""
        return bool(self._left)

    def rest(self) -> tuple[str, ...]:
        """All that have not had their turn; they get none any more."""
        rest = tuple(self._left)
        self._left.clear()
        self._bound.clear()
        return rest

    def ended(self, host: str, end: End) -> None:
        """A host that was let go has ended."""
        self._out.discard(host)
        self._note(host, end)

    def refusal(self, host: str) -> Failure | None:
        """Why a host that was let go, but has not begun, is not touched after all: its gate has closed."""
        return None if host in self._first else self._place[host][0].closed

    def turn(self, now: float) -> Turn:
        """Who is next; `now` in monotonic seconds."""
        if not self._dirty and (self._due is None or now < self._due):
            return Turn()
        go, away = list(self._let(tuple(self._first))), list[tuple[str, Failure]]()
        while True:
            self._dirty, self._due = False, None
            for lane in self._lanes:
                go += self._advance(lane, now)
                away += self._close(lane)
            for host in tuple(self._bound):
                word = self._waits(host)
                if isinstance(word, Failure):
                    away.append(self._turn_away(host, word))
                elif not word:
                    go += self._let((host,))
            if self._left and not self._dirty and not self._out and self._due is None:
                away += self._untangle()
            if not self._dirty:
                return Turn(tuple(go), tuple(away))

    def _let(self, hosts: Sequence[str]) -> Iterator[str]:
        for host in hosts:
            if host in self._left:
                del self._left[host]
                self._bound.pop(host, None)
                self._out.add(host)
                group = self._order.groups.get(host)
                if group is not None:
                    self._busy[group] = host
                yield host

    def _turn_away(self, host: str, word: Failure) -> tuple[str, Failure]:
        del self._left[host]
        self._bound.pop(host, None)
        self._note(host, End(word.outcome, word.reason))
        return host, word

    def _note(self, host: str, end: End) -> None:
        self._dirty = True
        self._ended[host] = end
        group = self._order.groups.get(host, "")
        if self._busy.get(group) == host:
            del self._busy[group]
        if group and end.outcome.bad:
            self._spoilt[group] = host
        lane, number = self._place[host]
        if lane.opened and number == lane.position:
            lane.count(host, end)

    def _advance(self, lane: _Lane, now: float) -> Iterator[str]:
        """Open the lane's stage when it is time, and the next one once this one is over and its gate open."""
        while not lane.over and lane.closed is None:
            if not lane.opened:
                if now < lane.opens_at:
                    self._due = lane.opens_at if self._due is None else min(self._due, lane.opens_at)
                    return
                yield from self._open(lane)
            lane.closed = _judged(lane)
            if lane.closed is not None or lane.open:
                return
            lane.move_on(now)

    def _open(self, lane: _Lane) -> Iterator[str]:
        lane.opened = True
        for host in lane.stage.hosts:
            if host in self._ended:
                lane.count(host, self._ended[host])
        bound = [host for host in lane.stage.hosts if host in self._order.after or host in self._order.groups]
        self._bound.update((host, None) for host in bound if host in self._left)
        yield from self._let([host for host in lane.stage.hosts if host not in self._bound])

    def _close(self, lane: _Lane) -> Iterator[tuple[str, Failure]]:
        """After a gate has closed, no further host of its lane is touched."""
        if lane.closed is None or lane.over:
            return
        for stage in lane.stages[lane.position :]:
            for host in stage.hosts:
                if host in self._left:
                    yield self._turn_away(host, lane.closed)
        lane.position = len(lane.stages)

    def _waits(self, host: str) -> Failure | bool:
        """False if the host may go, True if it waits, a failure if what it waits for went wrong."""
        before = self._order.after.get(host, ())
        for each in before:
            end = self._ended.get(each)
            if end is not None and not end.good:
                return _dependency(f"it comes after {_name(each)}, which ended {end}", _name(each))
        group = self._order.groups.get(host, "")
        if group in self._spoilt:
            other = self._spoilt[group]
            seen = f"{_name(other)} of the same group, {_name(group)}, ended {self._ended[other]}"
            return _dependency(seen, _name(other))
        return group in self._busy or not all(each in self._ended for each in before)

    def _untangle(self) -> Iterator[tuple[str, Failure]]:
        """Nobody is at work and nobody may go: the hosts wait for each other. Each still gets its word."""
        for host in tuple(self._bound or self._left):
            missing = ", ".join(_name(each) for each in self._order.after.get(host, ()))
            detail = f"it waits for {missing or 'others'}, which wait for it"
            yield self._turn_away(
                host,
                Failure(Outcome.SKIPPED, "dependency", detail, "take the circle out of `after` or the waves"),
            )


def _dependency(detail: str, other: str) -> Failure:
    remedy = f"mend {other}, then run again; --limit runs a host without those that it waits for"
    return Failure(Outcome.SKIPPED, "dependency", detail, remedy)


def _judged(lane: _Lane) -> Failure | None:
    """Why the gate of the open stage is closed; None while it can still open.

    The last stage has none: `--max-fail` is for that. Hosts that were held or skipped prove nothing, so they
    do not count; a stage without any good host has proven nothing at all.
    """
    stage, bad = lane.stage, lane.bad
    if not stage.min_success or lane.position == len(lane.stages) - 1:
        return None
    possible = lane.good + lane.open
    if possible and possible * 100 >= stage.min_success * (possible + len(bad)):
        return None
    if not bad:
        seen = ", ".join(f"{count} {kind}" for kind, count in lane.neutral.items())
        return _gate(f"the wave {stage.name} has proven nothing: {seen}")
    named = [f"{_name(host)}: {bad[host]}" for host in list(bad)[:_MOST_NAMED]]
    more = f" and {len(bad) - _MOST_NAMED} more" if len(bad) > _MOST_NAMED else ""
    counted = f"{len(bad)} of {len(stage.hosts)} hosts of the wave {stage.name} ended badly"
    asked = f"{stage.min_success:g}% have to end well"
    return _gate(f"{counted}, {asked} ({', '.join(named)}{more})")


def _gate(detail: str) -> Failure:
    return Failure(Outcome.SKIPPED, "gate", detail, "mend the hosts of that wave, then run again")


def _name(key: str) -> str:
    return key.partition("/")[2]
