"""What the run log says of many hosts at once: enough to see at a glance where somebody has to look."""

from dataclasses import dataclass
from datetime import datetime

from mspctl.model.outcome import Outcome


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last time that a run of a playbook came to one end on a host: well, badly, left alone, or none yet.

    A host has up to four of each playbook: that policy held it back today does not undo that it failed
    yesterday. `outcome` is None while it is pending.
    """

    host: str
    """`client/name`"""
    playbook: str
    run: str
    started: datetime
    outcome: Outcome | None
    reason: str = ""
    finished: datetime | None = None
    scanned: bool = False
    """Its steps look for updates."""

    @property
    def worked(self) -> bool:
        """True if somebody was at the host, or tried to be, and it is over."""
        return self.outcome is not None and self.outcome not in {Outcome.HELD, Outcome.SKIPPED}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many updates the last scan of a host found, without those that are held back."""

    updates: int
    security: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class HostFinding:
    """What a run found on a host that somebody should look at."""

    run: str
    playbook: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HostAtSite:
    """A host (client/name) that runs knew to be at a site; when the first and the last of them began."""

    host: str
    site: str
    first: datetime
    last: datetime
