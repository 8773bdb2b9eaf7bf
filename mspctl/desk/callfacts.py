"""What the runs of a call saw of a host, first and last: values, findings, and whether it was restarted.

Only what runs looked at is told, with the time of the look; nothing is concluded from what was not looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mspctl.model.event import ReportKind
from mspctl.model.run import HostRun, Run

_MOST = 20
"""So many values of a host are told."""
_FEW = 8
"""So many of those that did not change."""
_TELLING = ("boot.", "disk.percent", "disk.free", "kernel", "load.15", "os.version", "uptime.")
_LONGEST = 80
_MOVING = frozenset({"clock"})
"""Values that are others at each look, and say nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """A host in one run."""

    at: datetime
    playbook: str
    host: HostRun


@dataclass(frozen=True, slots=True)
class Seen:
    """A value, and when it was seen."""

    at: datetime
    value: str


Clock = Callable[[datetime], str]
Pair = tuple[Seen, Seen | None]
"""The first look and the last one; None if there was only one."""


def fact_lines(runs: Sequence[Run], zone: ZoneInfo) -> Iterator[str]:
    """Per host what changed between the first and the last look, what did not, and what was seen once."""
    hosts: dict[str, list[Look]] = {}
    for run in sorted(runs, key=lambda run: run.started):
        for host in run.hosts:
            hosts.setdefault(host.host, []).append(Look(host.started or run.started, run.playbook, host))
    for name, looks in sorted(hosts.items()):
        clock = _clock(looks, zone)
        lines = [*_restarts(looks, clock), *_values(looks, clock), *_findings(looks, clock)]
        if lines:
            yield f"- {name}"
            yield from (f"  {line}" for line in lines)


def _restarts(looks: Iterable[Look], clock: Clock) -> Iterator[str]:
    before: tuple[datetime, str] | None = None
    for look in looks:
        at, host = look.at, look.host
        if host.trace is None or not host.trace.boot_id:
            continue
        if host.trace.first_step:
            yield f"restarted during the run of {clock(at)}"
        elif before is not None and before[1] != host.trace.boot_id:
            yield f"restarted between {clock(before[0])} and {clock(at)}"
        before = at, host.trace.boot_id


def _values(looks: Iterable[Look], clock: Clock) -> Iterator[str]:
    found: dict[str, Pair] = {}
    for look in looks:
        for name, value in _told(look.host).items():
            first, seen = found.get(name), Seen(look.at, value)
            found[name] = (first[0], seen) if first else (seen, None)
    changed = [
        f"{name}: {_short(first.value)} ({clock(first.at)}) -> {_short(last.value)} ({clock(last.at)})"
        for name, (first, last) in sorted(found.items())
        if last is not None and last.value != first.value
    ]
    yield from changed[:_MOST]
    if len(changed) > _MOST:
        yield f"and {len(changed) - _MOST} more values that are others than before"
    same = [
        (name, one) for name, (one, last) in found.items() if last is not None and last.value == one.value
    ]
    once = [(name, one) for name, (one, last) in found.items() if last is None]
    for word, group in (("as before", same), ("seen once", once)):
        if group:
            telling = sorted(group, key=lambda each: (not each[0].startswith(_TELLING), each[0]))
            told = ", ".join(f"{name} {_short(each.value)}" for name, each in telling[:_FEW])
            more = f", and {len(group) - _FEW} more" if len(group) > _FEW else ""
            yield f"{word}: {told}{more}"


def _told(host: HostRun) -> Mapping[str, str]:
    """The last value of each fact and figure of a run."""
    return {
        each.name: each.value
        for step in host.steps
        for each in step.reports
        if each.kind in {ReportKind.FACT, ReportKind.METRIC} and each.name not in _MOVING
    }


def _findings(looks: Sequence[Look], clock: Clock) -> Iterator[str]:
    """Look by look what each playbook found that ever found anything; what that means is for people."""
    finding = {look.playbook for look in looks if _found(look.host)}
    for look in looks:
        if look.playbook in finding:
            told = ", ".join(_found(look.host)[:_MOST]) or "nothing"
            more = len(_found(look.host)) - _MOST
            outcome = look.host.outcome
            ended = (
                "" if outcome is not None and outcome.good else f", but it ended {outcome or 'nowhere yet'}"
            )
            yield (
                f"{look.playbook} at {clock(look.at)} found {told}"
                + (f", and {more} more" if more > 0 else "")
                + ended
            )


def _found(host: HostRun) -> Sequence[str]:
    """The names of findings; many of a kind, such as pending updates, as their number."""
    reports = (each for step in host.steps for each in step.reports if each.kind is ReportKind.FINDING)
    kinds: dict[str, set[str]] = {}
    for each in reports:
        kinds.setdefault(each.name.partition(":")[0], set()).add(each.name)
    many = [f"{len(names)} x {kind}" for kind, names in sorted(kinds.items()) if len(names) > _FEW]
    return [*many, *sorted(name for names in kinds.values() if len(names) <= _FEW for name in names)]


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def _clock(looks: Iterable[Look], zone: ZoneInfo) -> Clock:
    """How moments are written: with the day if there are several."""
    days = {look.at.astimezone(zone).date() for look in looks}
    form = "%H:%M" if len(days) == 1 else "%Y-%m-%d %H:%M"
    return lambda at: at.astimezone(zone).strftime(form)
