"""Reading a host's own words in a run: which scan counts, and what was changed.

A scan counts only if the resolver answered, which its count of updates says: no answer is not the same as
nothing being pending. It does not count if the package lists were too old to know, or if packages were
changed after it (what counts is what the scan *after* the upgrade says).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import StepStatus
from mspctl.model.run import HostRun, Run, StepRun
from mspctl.model.scan import (
    ANSWERED,
    INSTALLING_MODULES,
    PACKAGE_MODULES,
    PENDING,
    before_count,
    failed_updates,
    installs,
)
from mspctl.model.scan import last_scan as last_scan_of
from mspctl.report.facts.summary import HeldPackage, PackageChange, PendingPackage, Scan

MAX_LISTS_AGE = 3 * 86400
"""Seconds after which package lists are too old to say that nothing is pending."""
_MAX_COUNT = 1_000_000
_MAX_ADVISORIES = 100
_YES = frozenset({"yes", "1", "true"})
_UPDATING = PACKAGE_MODULES | {"flatpak", "snap", "python-venvs", "pipx", "container-images"}
"""The modules whose changes are updates; a scan is of the system's packages alone."""


def patches(host: HostRun) -> bool:
    """True if the host's bundle can change packages: the run was a patch run for this host."""
    return any(step.module in INSTALLING_MODULES for step in host.outline)


def last_scan(run: Run, host: HostRun) -> Scan | None:
    """The last scan of this host in this run that can be believed, None if there is none."""
    if host.outcome is None:
        return None
    found: Scan | None = None
    for step in host.steps:
        if step.module not in PACKAGE_MODULES:
            continue
        if not run.check_mode and any(installs(report) for report in step.reports):
            found = None
        found = _scan_of(step, run, host.finished or run.started) or found
    return found


def changes(run: Run, host: HostRun) -> Iterable[PackageChange]:
    """The packages (and the like) that this run properly changed on this host; a dry run changes none."""
    if run.check_mode:
        return
    for step in host.steps:
        if step.module not in _UPDATING:
            continue
        # dpkg says so in `state`; to the others a package whose script failed is installed all the same.
        failed = set(failed_updates(step.reports))
        for report in step.reports:
            fields = dict(report.fields)
            if report.kind is not ReportKind.CHANGE or "old" not in fields or fields.get("state"):
                continue
            if (report.name, fields.get("new", "")) in failed:
                continue
            old, new, security = fields["old"], fields.get("new", ""), fields.get("security") in _YES
            at, advisories = host.finished or run.started, _advisories(fields)
            patch = not old and bool(fields.get("title"))
            yield PackageChange(report.name, old, new, security, at, run.id, advisories, patch)


@dataclass(slots=True)
class _Block:
    """The reports of one scan: what came since the scan before it, and the counts."""

    reports: Sequence[Report]
    counts: dict[str, int]


def _scan_of(step: StepRun, run: Run, at: datetime) -> Scan | None:
    if step.status not in ANSWERED:
        return None
    block = _last_block(step, check_mode=run.check_mode)
    if block is None or block.counts.get("packages.lists_age", 0) > MAX_LISTS_AGE:
        return None
    pending = tuple(_pending_packages(block.reports))
    held = tuple(_held_packages(block.reports))
    counts = block.counts
    if step.status is StepStatus.FAILED and not _answered(counts, step):
        return None
    return Scan(
        at,
        run.id,
        counts[PENDING],
        counts.get("packages.security", sum(package.security for package in pending)),
        counts.get("packages.held", len(held)),
        counts.get("packages.broken", 0),
        restart=counts.get("reboot.required", 0) > 0,
        pending_packages=pending,
        held_packages=held,
    )


def _answered(counts: Mapping[str, int], step: StepRun) -> bool:
    """False where a failed step may have had no answer: bundles of earlier versions counted 0 then."""
    found = counts[PENDING] > 0 or counts.get("packages.broken", 0) > 0
    return found or any(installs(report) for report in step.reports)


def _last_block(step: StepRun, *, check_mode: bool) -> _Block | None:
    """The last scan of a step: its findings come before its count of updates, other counts anywhere."""
    found = last_scan_of(step.reports, check_mode=check_mode)
    if found is None:
        return None
    counts = {report.name: _count(report.value) for report in found if report.kind is ReportKind.METRIC}
    if counts[PENDING] < 0:
        return None  # the host said something that is no number
    return _Block(tuple(before_count(found)), counts)


def _count(text: str) -> int:
    """A number a host may honestly report; -1 for everything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_MAX_COUNT))
    return int(text) if plain else -1


def _pending_packages(reports: Sequence[Report]) -> Iterable[PendingPackage]:
    for report in reports:
        if report.kind is ReportKind.FINDING and report.name.startswith("pending:"):
            fields = dict(report.fields)
            name = report.name.removeprefix("pending:")
            security = fields.get("security") in _YES
            old, new = fields.get("old", ""), fields.get("new", "")
            yield PendingPackage(name, old, new, security, _advisories(fields))


def _advisories(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Separated by blanks; as many as are worth telling."""
    return tuple(dict.fromkeys(fields.get("advisories", "").split()))[:_MAX_ADVISORIES]


def _held_packages(reports: Sequence[Report]) -> Iterable[HeldPackage]:
    for report in reports:
        if report.kind is ReportKind.HELD:
            fields = dict(report.fields)
            reason = fields.get("reason", "") or report.value
            security = fields.get("security") in _YES
            old, new, detail = fields.get("old", ""), fields.get("new", ""), fields.get("detail", "")
            yield HeldPackage(report.name, old, new, security, reason, detail)
