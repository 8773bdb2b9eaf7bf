"""What a client's file says shall be run when, and what became of it each time."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mspctl.model.calendar import Span
from mspctl.model.place import Place


class Overlap(StrEnum):
    """What happens if the same work is still going on: nothing, it waits its turn, or it is an error."""

    SKIP = "skip"
    QUEUE = "queue"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A command of mspctl and when it is started: at the times of `at`, or each `every` seconds.

    `jitter` spreads clients: a fixed part of it, other for each client, is added to every time. After
    `catch_up` seconds a time that was missed is not made up for any more.
    """

    name: str
    words: tuple[str, ...]
    """What follows `mspctl`, without the client."""
    at: tuple[Span, ...] = ()
    every: int = 0
    jitter: int = 0
    overlap: Overlap = Overlap.SKIP
    catch_up: int = 3600
    timezone: str = "UTC"
    place: Place | None = field(default=None, compare=False)

    @property
    def when(self) -> str:
        """As it was written, such as `Sun 02:05` or `every 5m`."""
        if not self.every:
            return "; ".join(dict.fromkeys(span.text for span in self.at))
        for unit, letter in ((3600, "h"), (60, "m")):
            if self.every % unit == 0:
                return f"every {self.every // unit}{letter}"
        return f"every {self.every}s"

    @property
    def text(self) -> str:
        """All that decides when it runs and what: another text is another schedule."""
        how = f"jitter {self.jitter}, {self.overlap}, catch-up {self.catch_up}"
        rules = ",".join(f"{span.rule}@{span.start}/{span.since or ''}" for span in self.at)
        return f"{self.when} {self.timezone} [{rules}] {how}: {' '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class Firing:
    """One time at which a schedule was started: the time that was due, and what became of it.

    `word` is `started` until it ended, then `ended`, or `overlap` if the same work was still going on. A
    started one without an end was killed, or is at work.
    """

    client: str
    schedule: str
    due: datetime
    began: datetime
    ended: datetime | None = None
    word: str = "started"
    code: int | None = None
    """The exit code of the command."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Since when the machine is told to keep a schedule, and the `text` that it had then."""

    client: str
    schedule: str
    since: datetime
    text: str
