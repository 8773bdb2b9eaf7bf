"""Updates line by line: one line for an update on all the hosts that it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass

from mspctl.report.facts.summary import HeldPackage, PackageChange, PendingPackage, Summary
from mspctl.report.wording import words
from mspctl.report.wording.speech import Speech

_SHOWN_ADVISORIES = 6


@dataclass(frozen=True, slots=True)
class PackageLine:
    """One update on all the hosts it concerns."""

    name: str
    old: str
    new: str
    security: bool
    hosts: tuple[str, ...]
    note: str = ""


def installed(summary: Summary, speech: Speech) -> list[PackageLine]:
    """What was installed."""
    return _grouped(
        ((change.name, change.old, change.new, change.security, _advisories(change, speech)), host.host)
        for host in summary.hosts
        for change in host.patched
        if change.upgrade
    )


def pending(summary: Summary, speech: Speech) -> list[PackageLine]:
    """What waits."""
    return _grouped(
        ((package.name, package.old, package.new, package.security, _advisories(package, speech)), host.host)
        for host in summary.hosts
        if host.known is not None
        for package in host.known.pending_packages
    )


def held(summary: Summary, speech: Speech) -> list[PackageLine]:
    """What is held back, and why."""
    return _grouped(
        ((package.name, package.old, package.new, package.security, _why(package, speech)), host.host)
        for host in summary.hosts
        if host.known is not None
        for package in host.known.held_packages
    )


def _grouped(rows: Iterable[tuple[tuple[str, str, str, bool, str], str]]) -> list[PackageLine]:
    found: dict[tuple[str, str, str, bool, str], dict[str, None]] = {}
    for key, host in rows:
        found.setdefault(key, {})[host] = None
    lines = [PackageLine(*key[:4], tuple(hosts), key[4]) for key, hosts in found.items()]
    return sorted(lines, key=lambda line: (not line.security, -len(line.hosts), line.name, line.new))


def _advisories(package: PendingPackage | PackageChange, speech: Speech) -> str:
    """Empty if the package manager told none; the kind then stands alone."""
    if not package.advisories:
        return ""
    kind = speech.say("Security") if package.security else speech.say("Other")
    return f"{kind}: {speech.listed(package.advisories, _SHOWN_ADVISORIES + 1)}"


def _why(package: HeldPackage, speech: Speech) -> str:
    told = words.hold(package.reason, speech)
    return f"{told}: {package.detail}" if package.detail else told
