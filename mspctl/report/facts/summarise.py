"""From a month of runs to its summary: a function of the log and the inventory alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mspctl.model.event import ReportKind
from mspctl.model.inventory import Client
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, Run
from mspctl.model.support import NOT_KNOWN, Support, SupportTable
from mspctl.report.facts.disks import disk_use
from mspctl.report.facts.period import Period
from mspctl.report.facts.scan import changes, last_scan, patches
from mspctl.report.facts.summary import (
    Attempt,
    DiskUse,
    HostMonth,
    HostState,
    PackageChange,
    RunLine,
    Scan,
    Seen,
    Summary,
)

KEPT_BACK: Mapping[str, str] = {
    "window": "outside its maintenance window",
    "blackout": "in a time without changes",
    "approval": "waits for an approval",
    "contract": "not part of the agreement",
}
"""Why a policy kept a whole computer back."""

STALE_DAYS = 14
"""A scan older than this at the end of the period no longer counts as seen."""

_REACHED_AND_BAD = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.BROKEN})
_NOT_FOUND = frozenset({Outcome.UNREACHABLE, Outcome.LOST})
_WITHOUT_WORK = frozenset({Outcome.HELD, Outcome.SKIPPED})


@dataclass(frozen=True, slots=True)
class _System:
    """What a host said it is: name for people, and what its support is looked up by."""

    name: str = ""
    id: str = ""
    version: str = ""


@dataclass(slots=True)
class _Gathered:
    """What the runs of the period say of one host, in order of time."""

    site: str = ""
    scans: list[Scan] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    patched: list[PackageChange] = field(default_factory=list)
    kept_back: Attempt | None = None
    system: _System = _System()
    system_seen: Seen | None = None
    disks: tuple[DiskUse, ...] = ()
    nights: list[Attempt] = field(default_factory=list)
    criticality: str = "server"


@dataclass(frozen=True, slots=True)
class _Measure:
    """What all hosts are measured by."""

    period: Period
    stale_days: int
    support: SupportTable

    @property
    def last_day(self) -> date:
        """The last day of the period, or today."""
        return (self.period.until - timedelta(microseconds=1)).date()


def summarise(
    client: Client,
    runs: Iterable[Run],
    period: Period,
    *,
    provider: str = "",
    made: datetime,
    stale_days: int = STALE_DAYS,
    support: SupportTable | None = None,
) -> Summary:
    """The month of a client. `runs` may hold more than is needed: others' and other months' are left out.

    Without dates in `support` no system's end is known.
    """
    measure = _Measure(period, stale_days, support or SupportTable())
    gathered: dict[str, _Gathered] = defaultdict(_Gathered)
    lines = []
    chosen = [run for run in runs if run.client == client.slug and period.start <= run.started < period.end]
    for run in sorted(chosen, key=lambda run: run.started):
        lines.append(_line(run))
        for host in run.hosts:
            _gather(gathered[host.host], run, host)
    known = {host.key: host.site for host in client.hosts}
    for each in client.hosts:
        gathered[each.key].criticality = each.criticality
    return Summary(
        client=client.slug,
        client_name=client.name,
        provider=provider,
        period=period,
        made=made,
        stale_days=stale_days,
        hosts=tuple(_host_month(key, site, gathered[key], measure) for key, site in known.items()),
        former=_former(gathered, known, measure),
        runs=tuple(lines),
    )


def _former(
    gathered: Mapping[str, _Gathered], known: Mapping[str, str], measure: _Measure
) -> tuple[HostMonth, ...]:
    return tuple(
        _host_month(key, of_host.site, of_host, measure)
        for key, of_host in sorted(gathered.items())
        if key not in known
    )


def _line(run: Run) -> RunLine:
    counts = run.counts
    outcomes = tuple((outcome, counts[outcome]) for outcome in Outcome if counts.get(outcome))
    return RunLine(run.id, run.playbook, run.started, run.finished, run.check_mode, len(run.hosts), outcomes)


def _gather(gathered: _Gathered, run: Run, host: HostRun) -> None:
    gathered.site = host.site
    if host.outcome is None:
        return
    at = host.finished or run.started
    if patches(host) and not run.check_mode:
        attempt = Attempt(at, run.id, host.outcome, _why(host), host.reason)
        gathered.nights.append(attempt)
        _attempted(gathered, attempt)
    gathered.patched.extend(changes(run, host))
    scan = last_scan(run, host)
    if scan is not None:
        gathered.scans.append(scan)
    if (system := _system(host)) is not None:
        gathered.system, gathered.system_seen = system, Seen(run.id, at)
    gathered.disks = disk_use(run, host) or gathered.disks


def _attempted(gathered: _Gathered, attempt: Attempt) -> None:
    """A run that a policy kept from the host is no attempt: it says nothing of the host, but it is told."""
    if attempt.outcome not in _WITHOUT_WORK:
        gathered.attempts.append(attempt)
        gathered.kept_back = None
    elif attempt.outcome is Outcome.HELD:
        gathered.kept_back = attempt


def _why(host: HostRun) -> str:
    if host.outcome is Outcome.HELD:
        return KEPT_BACK.get(host.reason) or host.detail or host.reason
    if host.outcome is None or not host.outcome.bad:
        return ""
    step = next((step for step in host.steps if step.status in {StepStatus.FAILED, StepStatus.BROKEN}), None)
    if step is not None:
        return f"{step.name}: {step.reason}" if step.reason else step.name
    return host.detail or host.reason or host.outcome.value


def _system(host: HostRun) -> _System | None:
    """None if the host said nothing of it."""
    facts = {
        report.name: report.value
        for step in host.steps
        for report in step.reports
        if report.kind is ReportKind.FACT
    }
    name, version = facts.get("os.name", ""), facts.get("os.version", "")
    shown = name if version in name else f"{name} {version}".strip()
    found = _System(shown, facts.get("os.id", ""), version)
    return None if found == _System() else found


def _host_month(key: str, site: str, gathered: _Gathered, measure: _Measure) -> HostMonth:
    scan = gathered.scans[-1] if gathered.scans else None
    age = None if scan is None else max(timedelta(0), measure.period.until - scan.at)
    last = gathered.attempts[-1] if gathered.attempts else None
    fresh = scan is not None and age is not None and age <= timedelta(days=measure.stale_days)
    return HostMonth(
        host=key.partition("/")[2] or key,
        site=site,
        state=_state(scan if fresh else None, scan, last, gathered.kept_back),
        scan=scan,
        scan_age_days=None if age is None else age.days,
        last=last,
        attempts=len(gathered.attempts),
        reached=sum(attempt.outcome not in _NOT_FOUND for attempt in gathered.attempts),
        failures=sum(attempt.outcome.bad for attempt in gathered.attempts),
        patched=_without_repeats(gathered.patched),
        os=gathered.system.name,
        os_seen=gathered.system_seen,
        support=_support(gathered.system, measure),
        kept_back=gathered.kept_back,
        criticality=gathered.criticality,
        disks=gathered.disks,
        nights=tuple(gathered.nights),
    )


def _support(system: _System, measure: _Measure) -> Support:
    if not system.id or not system.name:
        return NOT_KNOWN
    return measure.support.look(system.id, system.version, measure.last_day)


def _state(
    fresh: Scan | None, scan: Scan | None, last: Attempt | None, kept_back: Attempt | None
) -> HostState:
    """`fresh` is the last scan if it is young enough to count."""
    tried_since = last is not None and (scan is None or last.at >= scan.at)
    if last is not None and tried_since and last.outcome in _REACHED_AND_BAD:
        return HostState.FAILED
    if last is not None and tried_since and last.outcome in _NOT_FOUND:
        return HostState.NOT_SEEN
    if fresh is None:
        return HostState.NOT_SEEN
    # A run that was kept back and no look since: nobody can say that nothing is waiting.
    unlooked = kept_back is not None and kept_back.at > fresh.at
    found = (
        (fresh.broken, HostState.FAILED),
        (fresh.pending and kept_back is None, HostState.PENDING),
        (fresh.restart and not fresh.pending, HostState.RESTART),
        (fresh.held or fresh.pending or unlooked, HostState.HELD),
    )
    return next((state for count, state in found if count), HostState.CURRENT)


def _without_repeats(patched: Sequence[PackageChange]) -> tuple[PackageChange, ...]:
    """A run and the run that collected its lost hosts may tell the same change."""
    first: dict[tuple[str, str, str], PackageChange] = {}
    for change in patched:
        first.setdefault((change.name, change.old, change.new), change)
    return tuple(first.values())
