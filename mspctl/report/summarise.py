"""From a month of runs to its summary: a function of the log and the inventory alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mspctl.model.event import ReportKind
from mspctl.model.inventory import Client
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, Run
from mspctl.report.period import Period
from mspctl.report.scan import changes, last_scan, patches
from mspctl.report.summary import Attempt, HostMonth, HostState, PackageChange, RunLine, Scan, Summary

STALE_DAYS = 14
"""A scan older than this at the end of the period no longer counts as seen."""

_REACHED_AND_BAD = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.BROKEN})
_NOT_FOUND = frozenset({Outcome.UNREACHABLE, Outcome.LOST})


@dataclass(slots=True)
class _Gathered:
    """What the runs of the period say of one host, in order of time."""

    site: str = ""
    scans: list[Scan] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    patched: list[PackageChange] = field(default_factory=list)
    os: str = ""


def summarise(
    client: Client,
    runs: Iterable[Run],
    period: Period,
    *,
    provider: str = "",
    made: datetime,
    stale_days: int = STALE_DAYS,
) -> Summary:
    """The month of a client. `runs` may hold more than is needed: others' and other months' are left out."""
    gathered: dict[str, _Gathered] = defaultdict(_Gathered)
    lines = []
    chosen = [run for run in runs if run.client == client.slug and period.start <= run.started < period.end]
    for run in sorted(chosen, key=lambda run: run.started):
        lines.append(_line(run))
        for host in run.hosts:
            _gather(gathered[host.host], run, host)
    known = {host.key: host.site for host in client.hosts}
    return Summary(
        client=client.slug,
        client_name=client.name,
        provider=provider,
        period=period,
        made=made,
        stale_days=stale_days,
        hosts=tuple(
            _host_month(key, site, gathered.get(key, _Gathered()), period, stale_days)
            for key, site in known.items()
        ),
        former=_former(gathered, known, period, stale_days),
        runs=tuple(lines),
    )


def _former(
    gathered: Mapping[str, _Gathered], known: Mapping[str, str], period: Period, stale_days: int
) -> tuple[HostMonth, ...]:
    return tuple(
        _host_month(key, of_host.site, of_host, period, stale_days)
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
    if patches(host) and not run.check_mode and host.outcome not in {Outcome.HELD, Outcome.SKIPPED}:
        gathered.attempts.append(Attempt(at, run.id, host.outcome, _why(host)))
    gathered.patched.extend(changes(run, host))
    scan = last_scan(run, host)
    if scan is not None:
        gathered.scans.append(scan)
    gathered.os = _os(host) or gathered.os


def _why(host: HostRun) -> str:
    if host.outcome is None or not host.outcome.bad:
        return ""
    step = next((step for step in host.steps if step.status in {StepStatus.FAILED, StepStatus.BROKEN}), None)
    if step is not None:
        return f"{step.name}: {step.reason}" if step.reason else step.name
    return host.detail or host.reason or host.outcome.value


def _os(host: HostRun) -> str:
    facts = {
        report.name: report.value
        for step in host.steps
        for report in step.reports
        if report.kind is ReportKind.FACT
    }
    name, version = facts.get("os.name", ""), facts.get("os.version", "")
    return name if version in name else f"{name} {version}".strip()


def _host_month(key: str, site: str, gathered: _Gathered, period: Period, stale_days: int) -> HostMonth:
    scan = gathered.scans[-1] if gathered.scans else None
    age = None if scan is None else max(timedelta(0), period.until - scan.at)
    last = gathered.attempts[-1] if gathered.attempts else None
    return HostMonth(
        host=key.partition("/")[2] or key,
        site=site,
        state=_state(scan, age, last, stale_days),
        scan=scan,
        scan_age_days=None if age is None else age.days,
        last=last,
        attempts=len(gathered.attempts),
        reached=sum(attempt.outcome not in _NOT_FOUND for attempt in gathered.attempts),
        failures=sum(attempt.outcome.bad for attempt in gathered.attempts),
        patched=_without_repeats(gathered.patched),
        os=gathered.os,
    )


def _state(scan: Scan | None, age: timedelta | None, last: Attempt | None, stale_days: int) -> HostState:
    tried_since = last is not None and (scan is None or last.at >= scan.at)
    if last is not None and tried_since and last.outcome in _REACHED_AND_BAD:
        return HostState.FAILED
    if last is not None and tried_since and last.outcome in _NOT_FOUND:
        return HostState.NOT_SEEN
    if scan is None or age is None or age > timedelta(days=stale_days):
        return HostState.NOT_SEEN
    found = (
        (scan.broken, HostState.FAILED),
        (scan.pending, HostState.PENDING),
        (scan.restart, HostState.RESTART),
        (scan.held, HostState.HELD),
    )
    return next((state for count, state in found if count), HostState.CURRENT)


def _without_repeats(patched: Sequence[PackageChange]) -> tuple[PackageChange, ...]:
    """A run and the run that collected its lost hosts may tell the same change."""
    first: dict[tuple[str, str, str], PackageChange] = {}
    for change in patched:
        first.setdefault((change.name, change.old, change.new), change)
    return tuple(first.values())
