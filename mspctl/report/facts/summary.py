"""What a month came to, host by host: frozen values that every format of the report is made from.

It is built to grow: a new area of the report is a new field with a default.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mspctl.model.outcome import Outcome
from mspctl.model.support import NOT_KNOWN, Support
from mspctl.report.facts.period import Period


class HostState(StrEnum):
    """Exactly one per host, so that they add up to the number of hosts; the first that fits."""

    FAILED = "failed"
    """The last patch run reached the host and did not succeed there."""
    NOT_SEEN = "not-seen"
    """No good scan in the period (or too long ago), or the last patch run did not find the host."""
    PENDING = "pending"
    """The last scan found updates that can be installed."""
    RESTART = "restart"
    """Nothing is pending, but a restart is due: old code still runs."""
    HELD = "held"
    """Nothing could be installed: updates are held back, or a policy kept the last work from the host."""
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that a run changed; `old` empty: new on the host, `new` empty: removed.

    `advisories` are the ids of what it mended, where the package manager knows them.
    """

    name: str
    old: str
    new: str
    security: bool
    at: datetime
    run: str
    advisories: tuple[str, ...] = ()
    patch: bool = False
    """An update of the system itself, as Windows has them: there is no version before it."""

    @property
    def upgrade(self) -> bool:
        """True for an installed package that got another version, and for an update of the system."""
        return (bool(self.old) or self.patch) and bool(self.new)


@dataclass(frozen=True, slots=True)
class PendingPackage:
    """An update that the last scan found; `advisories` are ids, where the package manager knows them."""

    name: str
    old: str
    new: str
    security: bool
    advisories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldPackage:
    """An update, or a whole package, that is held back, and why; `new` empty if there is nothing newer.

    `reason` is a word of the log (`hold`, `approval`), `detail` what the policy says of it, for people.
    """

    name: str
    old: str
    new: str
    security: bool
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a host said of its packages at `at`; counts are its own, lists may be shorter."""

    at: datetime
    run: str
    pending: int
    security: int
    held: int
    broken: int
    restart: bool
    pending_packages: tuple[PendingPackage, ...] = ()
    held_packages: tuple[HeldPackage, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """The end of a patch run on a host; `why` says in the host's or our words why it was not good."""

    at: datetime
    run: str
    outcome: Outcome
    why: str = ""
    reason: str = ""
    """The short stable word for it, such as `auth`; empty if a step failed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a statement of a host stands: in which run, and when it was made."""

    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DiskUse:
    """A file system at the last look in the period; percent as the host counts it, sizes in bytes."""

    mount: str
    percent: int
    size: int | None
    inodes: int | None
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HostMonth:
    """One host's month. `scan` is the last good one in the period, None if there was none."""

    host: str
    site: str
    state: HostState
    scan: Scan | None
    scan_age_days: int | None
    """Whole days from the scan to the end of the period (or now)."""
    last: Attempt | None
    attempts: int
    reached: int
    """Attempts on which the host was there."""
    failures: int
    patched: tuple[PackageChange, ...]
    os: str = ""
    support: Support = NOT_KNOWN
    """What is known of the system's support on the last day of the period (or now)."""
    kept_back: Attempt | None = None
    """The last patch run that a policy kept from the host, if none has worked on it since."""
    os_seen: Seen | None = None
    """Where it said so."""
    criticality: str = "server"
    disks: tuple[DiskUse, ...] = ()
    nights: tuple[Attempt, ...] = ()
    """All work on the host in the period, in order: also what was kept from it."""

    @property
    def known(self) -> Scan | None:
        """The scan, if it may stand for the host as it is now: not for one that was not seen since."""
        return None if self.state is HostState.NOT_SEEN else self.scan


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as evidence."""

    id: str
    playbook: str
    started: datetime
    finished: datetime | None
    check_mode: bool
    planned: int
    outcomes: tuple[tuple[Outcome, int], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it rests on: `known` of `of` hosts. `value` is None where nothing is known."""

    value: int | None
    known: int
    of: int


@dataclass(frozen=True, slots=True)
class Ages:
    """Whole days since the last good scans of some hosts: the youngest and the oldest; `unknown` had none."""

    youngest: int | None
    oldest: int | None
    unknown: int


@dataclass(frozen=True, slots=True)
class HeldReason:
    """How many packages are held back for one reason, and on how many hosts."""

    reason: str
    packages: int
    hosts: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A client's month. `hosts` are those of the inventory; `former` took part in runs and are not in it."""

    client: str
    client_name: str
    provider: str
    period: Period
    made: datetime
    stale_days: int
    hosts: tuple[HostMonth, ...]
    former: tuple[HostMonth, ...] = ()
    runs: tuple[RunLine, ...] = ()

    @property
    def states(self) -> Mapping[HostState, int]:
        """Hosts per state; every state is there, and they add up to all hosts."""
        counts = Counter(host.state for host in self.hosts)
        return {state: counts[state] for state in HostState}

    @property
    def ages(self) -> Mapping[HostState, Ages]:
        """How old the scans are that each state rests on; every state is there."""
        return {
            state: _ages([host.scan_age_days for host in self.hosts if host.state is state])
            for state in HostState
        }

    @property
    def held_reasons(self) -> tuple[HeldReason, ...]:
        """Packages that are held back, by reason; the most frequent first."""
        packages, hosts = Counter[str](), Counter[str]()
        for scan in (host.known for host in self.hosts if host.known):
            reasons = [package.reason for package in scan.held_packages]
            packages.update(reasons)
            hosts.update(set(reasons))
        order = sorted(packages, key=lambda reason: (-packages[reason], reason))
        return tuple(HeldReason(reason, packages[reason], hosts[reason]) for reason in order)

    @property
    def scanned(self) -> tuple[HostMonth, ...]:
        """The hosts whose state of packages is known."""
        return tuple(host for host in self.hosts if host.known is not None)

    @property
    def pending(self) -> Figure:
        """Updates that wait, by the last scans."""
        return self._figure([host.known.pending for host in self.hosts if host.known])

    @property
    def security(self) -> Figure:
        """Security updates that wait."""
        return self._figure([host.known.security for host in self.hosts if host.known])

    @property
    def held(self) -> Figure:
        """Packages that are held back."""
        return self._figure([host.known.held for host in self.hosts if host.known])

    @property
    def restarts(self) -> Figure:
        """Hosts on which a restart is due."""
        return self._figure([int(host.known.restart) for host in self.hosts if host.known])

    @property
    def installed(self) -> Figure:
        """Updates that were installed; known for the hosts that a patch run reached, or that told of some."""
        reached = [host for host in self.hosts if host.reached or host.patched]
        return self._figure([sum(change.upgrade for change in host.patched) for host in reached])

    @property
    def installed_security(self) -> int:
        """The security updates among them."""
        return sum(change.upgrade and change.security for host in self.hosts for change in host.patched)

    def _figure(self, values: list[int]) -> Figure:
        return Figure(sum(values) if values else None, len(values), len(self.hosts))


def _ages(ages: list[int | None]) -> Ages:
    known = [age for age in ages if age is not None]
    return Ages(min(known, default=None), max(known, default=None), len(ages) - len(known))
