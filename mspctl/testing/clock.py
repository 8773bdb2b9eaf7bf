"""The real clock, and one that tests turn by hand."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The clock of this machine (mspctl.ports.Clock)."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class HandClock:
    """Stands still until `sleep` moves it."""

    def __init__(self, start: datetime = datetime(2026, 11, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """The hand-set time."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the beginning of this clock."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Turn the hand."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
