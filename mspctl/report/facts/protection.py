"""The security baseline as the score needs it: what is open costs, what is old is grey."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from mspctl.model.security import Waiver
from mspctl.report.facts.areas import GRAVE, GRAVE_AT_MOST, OPEN_COSTS, OTHER_OPEN_COSTS
from mspctl.report.facts.measured import Evidence, Findings, Measured
from mspctl.report.facts.posture import CheckState, HostPosture, Result

CHECK = "protection"


def protection_findings(postures: Iterable[HostPosture], until: datetime, stale_days: int) -> Findings:
    """From the hosts of a client as they were known at `until`."""
    oldest = until - timedelta(days=stale_days)
    found = (_host(each, oldest) for each in postures)
    return Findings(tuple(each for each in found if each is not None))


def _host(posture: HostPosture, oldest: datetime) -> Measured | None:
    """None if nothing was answered lately: nobody knows how safe the computer is."""
    if posture.at is None or posture.at < oldest:
        return None
    costing = [each for each in posture.checks if costs(each, oldest)]
    grave = sum(each.severity == GRAVE for each in costing)
    lost = sum((OPEN_COSTS.get(each.severity, OTHER_OPEN_COSTS) for each in costing), Fraction(0))
    part = max(Fraction(0), 1 - lost)
    details = {
        "high": str(grave),
        "open": str(len(costing)),
        "waived": str(posture.count(Result.WAIVED)),
        "unmeasured": str(sum(each.result is Result.UNMEASURED or each.at < oldest for each in costing)),
    }
    last = max(posture.checks, key=lambda each: each.at)
    return Measured(
        posture.host,
        CHECK,
        min(part, GRAVE_AT_MOST) if grave else part,
        Evidence(last.run, last.at),
        details,
    )


def costs(state: CheckState, oldest: datetime) -> bool:
    """True for what is open, and for what was well so long ago that nobody knows."""
    return state.result.open or (state.at < oldest and state.result is not Result.WAIVED)


@dataclass(frozen=True, slots=True)
class Line:
    """A finding on all computers that have it, new and older ones together."""

    title: str
    severity: str
    result: Result
    hosts: tuple[str, ...]
    since: datetime
    run: str
    """The last look at the computer where it is gravest: the evidence."""
    waiver: Waiver | None = None
    """Who answers for it, where it is waived."""


def lines(postures: Iterable[HostPosture], *results: Result) -> tuple[Line, ...]:
    """The findings that stand so, the gravest and those of most computers first."""
    groups: dict[tuple[str, bool, Waiver | None], list[CheckState]] = {}
    for posture in postures:
        for state in posture.of(*results):
            waiver = state.waiver if state.result is Result.WAIVED else None
            groups.setdefault((state.check, state.result is Result.UNMEASURED, waiver), []).append(state)
    found = [_line(states, waiver) for (_, _, waiver), states in groups.items()]
    return tuple(sorted(found, key=_most_first))


def _line(states: list[CheckState], waiver: Waiver | None) -> Line:
    worst = min(states, key=lambda each: each.rank)
    title = worst.words.title if worst.words and worst.words.title else worst.check
    hosts = tuple(sorted(each.host for each in states))
    return Line(
        title, worst.severity, worst.result, hosts, min(each.since for each in states), worst.run, waiver
    )


_ORDER: Mapping[str, int] = {"high": 0, "medium": 1, "low": 2}


def _most_first(line: Line) -> tuple[int, int, str]:
    return (_ORDER.get(line.severity, len(_ORDER)), -len(line.hosts), line.title)
