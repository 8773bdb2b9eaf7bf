"""What the run log alone can say for the score: updates, disks and the age of systems, host by host."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from mspctl.model.outcome import Outcome
from mspctl.model.support import SupportState
from mspctl.report.facts.areas import (
    CRITICAL_WEIGHT,
    CRITICALITY,
    DISK_PERCENT,
    EXTENDED_SUPPORT,
    OTHER_CRITICALITY,
    OVERDUE_DAYS,
    SECURITY_DAYS,
    SUPPORT_DAYS,
    UPDATE_DAYS,
    piecewise,
)
from mspctl.report.facts.measured import CapFound, Evidence, Findings, Measured
from mspctl.report.facts.period import Period
from mspctl.report.facts.summary import (
    HeldPackage,
    HostMonth,
    HostState,
    PendingPackage,
    Scan,
    Summary,
)

FirstSeen = Mapping[tuple[str, str], datetime]
"""(package, version) → when a scan at this client reported it first."""
_FAILED = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.BROKEN})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits on a host, by the days since it was first seen; None if nothing of that kind waits."""

    security: int | None
    other: int | None
    package: str = ""
    """The security update that waits longest."""


def findings_of(client: str, summary: Summary, seen: FirstSeen) -> Findings:
    """All that the log says about the hosts of the inventory."""
    measured = tuple(
        each for host in summary.hosts for each in _host(f"{client}/{host.host}", host, summary, seen)
    )
    overdue = [
        (f"{client}/{host.host}", days)
        for host in summary.hosts
        if CRITICALITY.get(host.criticality, OTHER_CRITICALITY) >= CRITICAL_WEIGHT
        and (days := _security_days(host, summary, seen)) is not None
        and days > OVERDUE_DAYS
    ]
    if not overdue:
        return Findings(measured)
    details = {"days": str(max(days for _, days in overdue))}
    return Findings(
        measured, caps=(CapFound("critical-overdue", tuple(host for host, _ in overdue), details),)
    )


def believed(host: HostMonth, stale_days: int) -> Scan | None:
    """The last scan, if it may stand for the host at the end of the period."""
    fresh = host.scan_age_days is not None and host.scan_age_days <= stale_days
    return host.known if fresh else None


def waiting(scan: Scan, seen: FirstSeen, until: datetime) -> Waiting:
    """How long the updates of a scan have been waiting; what is on hold waits all the same."""
    security: list[tuple[int, str]] = []
    other: list[int] = []
    packages: tuple[PendingPackage | HeldPackage, ...] = (*scan.pending_packages, *scan.held_packages)
    for each in packages:
        days = max(timedelta(0), until - seen.get((each.name, each.new), scan.at)).days
        if each.security:
            security.append((days, each.name))
        else:
            other.append(days)
    if scan.security and not security:  # counted, but not named
        security.append(((until - scan.at).days, ""))
    longest = max(security, default=None)
    return Waiting(
        None if longest is None else longest[0],
        max(other, default=None),
        "" if longest is None else longest[1],
    )


def _security_days(host: HostMonth, summary: Summary, seen: FirstSeen) -> int | None:
    scan = believed(host, summary.stale_days)
    return None if scan is None else waiting(scan, seen, summary.period.until).security


def _host(key: str, host: HostMonth, summary: Summary, seen: FirstSeen) -> Iterator[Measured]:
    scan = believed(host, summary.stale_days)
    if scan is not None:
        yield from _updates(key, scan, waiting(scan, seen, summary.period.until))
    yield from _work(key, host)
    yield from _disks(key, host, summary)
    yield from _support(key, host, summary.period)


def _updates(key: str, scan: Scan, found: Waiting) -> Iterator[Measured]:
    evidence = Evidence(scan.run, scan.at)
    security = Fraction(1) if found.security is None else piecewise(SECURITY_DAYS, found.security)
    days = "" if found.security is None else str(found.security)
    yield Measured(
        key,
        "security-wait",
        security,
        evidence,
        {"days": days, "package": found.package, "count": str(scan.security)},
    )
    other = Fraction(1) if found.other is None else piecewise(UPDATE_DAYS, found.other)
    details = {"days": "" if found.other is None else str(found.other), "count": str(scan.pending)}
    yield Measured(key, "updates-wait", other, evidence, details)
    yield Measured(key, "restart", Fraction(not scan.restart), evidence)


def _work(key: str, host: HostMonth) -> Iterator[Measured]:
    if host.last is not None and (host.last.outcome.good or host.last.outcome in _FAILED):
        # A later look at what waits does not undo that the work failed.
        broken = host.last.outcome in _FAILED or host.state is HostState.FAILED
        evidence = Evidence(host.last.run, host.last.at)
        yield Measured(key, "last-work", Fraction(not broken), evidence, {"why": host.last.why})


def _disks(key: str, host: HostMonth, summary: Summary) -> Iterator[Measured]:
    oldest = summary.period.until - timedelta(days=summary.stale_days)
    if not host.disks or host.disks[0].at < oldest:
        return
    fullest = max(host.disks, key=lambda disk: (disk.percent, disk.mount))
    details = {"mount": fullest.mount, "percent": str(fullest.percent)}
    evidence = Evidence(fullest.run, fullest.at)
    yield Measured(key, "disk", piecewise(DISK_PERCENT, fullest.percent), evidence, details)
    counted = [(disk.inodes, disk.mount) for disk in host.disks if disk.inodes is not None]
    if counted:
        percent, mount = max(counted)
        inodes = {"mount": mount, "percent": str(percent)}
        yield Measured(key, "inodes", piecewise(DISK_PERCENT, percent), evidence, inodes)


def _support(key: str, host: HostMonth, period: Period) -> Iterator[Measured]:
    support = host.support
    if support.state is SupportState.UNKNOWN:
        return
    last = support.last_day
    part, details = Fraction(1), {"os": host.os}
    if last is not None:
        part = piecewise(SUPPORT_DAYS, (last - last_day(period)).days)
        details |= {"until": last.isoformat(), "state": support.state.value}
    if support.state is SupportState.ENDED:
        part = Fraction(0)
    elif support.state is SupportState.EXTENDED:
        part = min(part, EXTENDED_SUPPORT)
    seen = host.os_seen
    evidence = None if seen is None else Evidence(seen.run, seen.at)
    yield Measured(key, "support", part, evidence, details, details.get("until", ""))


def last_day(period: Period) -> date:
    """The last day of the period, or today."""
    return (period.until - timedelta(microseconds=1)).date()
