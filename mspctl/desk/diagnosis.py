"""From what a look at a host has shown to likely causes, the likeliest first: pure, the rules are data."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from types import MappingProxyType

from mspctl.model.diagnosis import Cause, Evidence, Likely, Sign, SignKind
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, StepRun

CLOCK = "clock.off"
"""The metric that compares the host's clock with ours: seconds, at least."""
_PER_SIGN = 5
_MOST_SIGNS = 3
"""What speaks for a cause beside its first sign, each worth points; more of them are worth no more."""
_SHOWN = 300
_BAD = frozenset({StepStatus.FAILED, StepStatus.BROKEN})


def evidence_of(host: HostRun) -> Iterator[Evidence]:
    """All that the run has shown of the host."""
    told_by_steps = any(step.status in _BAD for step in host.steps) and host.outcome is Outcome.FAILED
    if host.outcome is not None and not host.outcome.good and not told_by_steps:
        text = f"{host.outcome.value}: {host.reason} {host.detail}".strip()
        yield Evidence(SignKind.OUTCOME, host.outcome.value, text[:_SHOWN])
    for step in host.steps:
        if step.status in _BAD:
            yield Evidence(SignKind.STEP, step.module, step.reason[:_SHOWN], step.name)
        for report in step.reports:
            yield from _reported(step, report, host)


def _reported(step: StepRun, report: Report, host: HostRun) -> Iterator[Evidence]:
    fields = MappingProxyType(dict(report.fields))
    match report.kind:
        case ReportKind.FINDING:
            told = fields.get("reason") or report.value or " ".join(f"{k}={v}" for k, v in report.fields)
            yield Evidence(
                SignKind.FINDING, report.name, f"{report.name}: {told}"[:_SHOWN], step.name, fields
            )
        case ReportKind.NOTE:
            yield Evidence(SignKind.NOTE, report.name, report.name[:_SHOWN], step.name)
        case ReportKind.METRIC if (value := _number(report.value)) is not None:
            text = f"{report.name} is {report.value}"
            yield Evidence(SignKind.METRIC, report.name, text[:_SHOWN], step.name, value=value)
        case ReportKind.FACT if report.name == "clock" and (value := _number(report.value)) is not None:
            off = clock_off(value, host.started, host.finished)
            text = f"the host's clock is at least {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}"
            yield Evidence(SignKind.METRIC, CLOCK, text, step.name, value=abs(off))


def clock_off(clock: float, began: datetime | None, ended: datetime | None) -> float:
    """How far the host's clock is ahead of ours at least (behind: below 0); 0 if it may be right.

    It was read at some moment of the run, so all between its beginning and its end may be right.
    """
    if began is None or ended is None:
        return 0.0
    if clock > ended.timestamp():
        return clock - ended.timestamp()
    # The host tells whole seconds.
    return min(0.0, clock + 1 - began.timestamp())


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def likely(causes: Sequence[Cause], evidence: Sequence[Evidence]) -> tuple[Likely, ...]:
    """The causes that were seen, the likeliest first."""
    found = [each for cause in causes if not cause.rest for each in _seen(cause, evidence)]
    for cause in causes:
        if cause.rest:
            found += list(_seen(cause, _unused(evidence, found)))
    explained = [_explained(each, found) for each in found]
    return tuple(sorted(explained, key=lambda each: (-each.points, each.cause.name, each.subject)))


def _unused(evidence: Sequence[Evidence], found: Sequence[Likely]) -> Sequence[Evidence]:
    """What no cause has made use of. That a step failed is explained by anything that it has shown."""
    used = {id(one) for each in found for one in each.evidence}
    steps = {one.step for each in found for one in each.evidence if one.step}
    return [
        one
        for one in evidence
        if id(one) not in used and not (one.kind is SignKind.STEP and one.step in steps)
    ]


def _seen(cause: Cause, evidence: Sequence[Evidence]) -> Iterator[Likely]:
    """Once for each thing that it is about."""
    first: dict[str, list[Evidence]] = {}
    for sign in cause.signs:
        for one in evidence:
            subject = fits(sign, one)
            if subject is not None:
                first.setdefault(subject if "{}" in cause.title else "", []).append(one)
    for subject, own in first.items():
        signs = [replace(sign, name=sign.name.replace("{}", _literal(subject))) for sign in cause.also]
        more = [one for sign in signs for one in evidence if fits(sign, one) is not None]
        together = tuple({id(one): one for one in (*own, *more)}.values())
        extra = min(_MOST_SIGNS, len(together) - 1)
        yield Likely(cause, subject, cause.points + _PER_SIGN * extra, together)


def _explained(each: Likely, found: Iterable[Likely]) -> Likely:
    """What another cause brings about comes after it, however much speaks for it."""
    above = [
        other for other in found if each.cause.name in other.cause.explains and other.cause != each.cause
    ]
    if not above:
        return each
    root = max(above, key=lambda other: other.points)
    return replace(each, points=min(each.points, root.points - 1), because=root.title)


def fits(sign: Sign, one: Evidence) -> str | None:
    """What the first star of the sign's name stands for, None if it is not this sign."""
    if sign.kind is not one.kind:
        return None
    match = _pattern(sign.name).fullmatch(one.name)
    if match is None or not _fields_fit(sign.where, one.fields):
        return None
    if sign.at_least is not None and (one.value is None or one.value < sign.at_least):
        return None
    return match.group(1) if match.groups() else ""


def _fields_fit(where: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    return all(fnmatchcase(fields.get(name, ""), glob) for name, glob in where.items())


def _pattern(glob: str) -> re.Pattern[str]:
    """A star stands for anything; a backslash before one makes it a plain character."""
    parts = re.split(r"(?<!\\)\*", glob)
    return re.compile("(.*)".join(re.escape(part.replace("\\*", "*")) for part in parts), re.DOTALL)


def _literal(text: str) -> str:
    return text.replace("*", "\\*")
