"""A time limit on the monotonic clock, so that a step of the wall clock neither shortens nor lengthens it."""

import time


class Deadline:
    """The end of a phase, `seconds` from now; `end` is in the terms of time.monotonic()."""

    __slots__ = ("end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until the end, never negative."""
        return max(0.0, self.end - time.monotonic())

    @property
    def over(self) -> bool:
        """True once the time is up."""
        return time.monotonic() >= self.end
