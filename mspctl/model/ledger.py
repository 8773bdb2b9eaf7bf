"""What the run log knows about updates of one client: since when they are there, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EVERY_VERSION = "*"


class Verdict(StrEnum):
    """What somebody decided about a package; `release` takes back what was said before."""

    APPROVE = "approve"
    REJECT = "reject"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict, never changed afterwards. `client` is empty if it is for all clients; `at` is UTC."""

    verdict: Verdict
    package: str
    version: str
    client: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A package version that a scan at this client reported, `first` at this time (UTC)."""

    package: str
    version: str
    security: bool
    first: datetime


@dataclass(frozen=True, slots=True)
class PatchFailure:
    """A package version whose installation failed at `client`, first at this time (UTC)."""

    client: str
    package: str
    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """An update as the last scan of `host` (client/name) saw it; `held` is the reason why it stays behind."""

    host: str
    package: str
    old: str
    version: str
    security: bool
    held: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What holds for one client, as (package, version) pairs; version `*` means every version.

    `rejected` carries the reason. `quarantined` failed at some other client; nobody may learn at which.
    """

    seen: tuple[Seen, ...] = ()
    approved: tuple[tuple[str, str], ...] = ()
    rejected: tuple[tuple[str, str, str], ...] = ()
    quarantined: tuple[tuple[str, str], ...] = ()


NOTHING_KNOWN = Ledger()
