"""Risks that the month's summary shows: systems without fixes, full disks, missing updates."""

from collections.abc import Iterator
from datetime import date, timedelta

from mspctl.model.playbook import Severity
from mspctl.model.support import SupportState
from mspctl.report.facts.measures import last_day
from mspctl.report.facts.summary import Summary
from mspctl.report.onboarding.risk import Risk

FULL, NEARLY_FULL = 95, 85
"""Percent of a disk."""
SOON, LATER = timedelta(days=183), timedelta(days=365)
"""Until a system's support ends."""


def support_risks(summary: Summary) -> Iterator[Risk]:
    """Systems whose maker has ended, or soon ends, the fixes; one risk for each system and day."""
    today = last_day(summary.period)
    by_end: dict[tuple[Severity, date | None, str], list[str]] = {}
    for host in summary.hosts:
        ended = host.support.state is SupportState.ENDED
        until = host.support.last_day
        if ended or (until is not None and until - today <= LATER):
            soon = until is not None and until - today <= SOON
            severity = Severity.HIGH if ended else Severity.MEDIUM if soon else Severity.LOW
            by_end.setdefault((severity, until, host.os), []).append(host.host)
    for (severity, until, system), hosts in by_end.items():
        ended = severity is Severity.HIGH
        verb = "has had no fixes from its maker since" if ended else "gets no more fixes after"
        yield Risk(
            "support-ended" if ended else "support-ending",
            severity,
            f"{system or 'A system'} {verb} {until or 'an unknown day'}",
            tuple(hosts),
            remedy="Upgrade or replace them.",
            due=None if ended else until,
        )


def disk_risks(summary: Summary) -> Iterator[Risk]:
    """File systems that are full, and those that nearly are."""
    for severity, least, most in ((Severity.HIGH, FULL, 101), (Severity.MEDIUM, NEARLY_FULL, FULL)):
        full = {
            host.host: [disk for disk in host.disks if least <= disk.percent < most] for host in summary.hosts
        }
        found = {host: disks for host, disks in full.items() if disks}
        if found:
            told = (
                f"{host} {each.mount}: {each.percent} %" for host, disks in found.items() for each in disks
            )
            yield Risk(
                "disk",
                severity,
                f"Disks that are {least} percent full or more",
                tuple(found),
                "; ".join(told),
                "Make room or extend them.",
                next(iter(found.values()))[0].run,
            )


def update_risks(summary: Summary) -> Iterator[Risk]:
    """Updates that the last scan found, and restarts that are due."""
    scans = {host.host: host.scan for host in summary.hosts if host.scan is not None}
    security = {host: scan for host, scan in scans.items() if scan.security}
    other = {host: scan for host, scan in scans.items() if scan.pending > scan.security}
    restart = tuple(host for host, scan in scans.items() if scan.restart)
    if security:
        told = "; ".join(f"{host}: {scan.security}" for host, scan in security.items())
        run = next(iter(security.values())).run
        yield Risk(
            "security-updates",
            Severity.HIGH,
            "Security updates are missing",
            tuple(security),
            told,
            "Agree on a patch window and run `mspctl patch`.",
            run,
        )
    if other:
        told = "; ".join(f"{host}: {scan.pending - scan.security}" for host, scan in other.items())
        run = next(iter(other.values())).run
        remedy = "They come with the first patch night."
        yield Risk("updates", Severity.MEDIUM, "Other updates are missing", tuple(other), told, remedy, run)
    if restart:
        remedy = "Restart them in a window: until then the old code runs."
        yield Risk("restart", Severity.MEDIUM, "A restart is due", restart, remedy=remedy)
