"""Processes by pid *and* start time: a pid alone may be somebody else's by now."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine; `started` is in clock ticks after boot, field 22 of proc(5) stat."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """The living process with this pid; None if there is none (a zombie is none)."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    @classmethod
    def read(cls, file: Path) -> "Process | None":
        """The process named by `PID START` in a file, if it still lives."""
        try:
            pid, started = (int(word) for word in file.read_text(encoding="ascii").split())
        except (OSError, ValueError):
            return None
        recorded = cls(pid, started)
        return recorded if recorded.alive else None

    @property
    def alive(self) -> bool:
        return Process.of(self.pid) == self

    def kill_group(self) -> None:
        """SIGKILL to the whole process group that this process leads, if it still lives."""
        if self.alive:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def wait_gone(self, seconds: float) -> bool:
        """Whether it has ended within the time."""
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True
