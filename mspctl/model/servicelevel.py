"""What was promised about calls and what came of it: each promise with what it is proven by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Goal(StrEnum):
    """What is promised: that somebody is at work, that it is done."""

    RESPOND = "respond"
    RESOLVE = "resolve"


class Kept(StrEnum):
    """How a promise stands. `not_measured`: nobody wrote down when the client asked."""

    MET = "met"
    BREACHED = "breached"
    RUNNING = "running"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that was written down: when it happened as told, when it was written, by whom."""

    what: str
    at: datetime
    written: datetime
    author: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """One goal of one call. Seconds are those of the promised clock, without holds.

    `due` is None while the clock is held, `done` while it is not done.
    """

    call: int
    title: str
    priority: str
    goal: Goal
    kept: Kept
    allowed: int
    around_the_clock: bool
    asked: datetime
    took: int
    held: int
    due: datetime | None = None
    done: datetime | None = None
    evidence: tuple[Moment, ...] = ()

    @property
    def over(self) -> int:
        """The seconds by which it took too long."""
        return max(0, self.took - self.allowed)


@dataclass(frozen=True, slots=True)
class GoalFigures:
    """A priority's goal over all of its calls; `median` and `p90` are of those that are done, in seconds."""

    priority: str
    goal: Goal
    allowed: tuple[int, ...]
    """More than one if the contract changed in between."""
    met: int
    breached: int
    running: int
    not_measured: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """The promises of a month. `without` are the calls about which nothing was promised."""

    promises: tuple[Promise, ...] = ()
    figures: tuple[GoalFigures, ...] = ()
    without: tuple[int, ...] = ()

    @property
    def breaches(self) -> tuple[Promise, ...]:
        """Those that were not kept."""
        return tuple(each for each in self.promises if each.kept is Kept.BREACHED)
