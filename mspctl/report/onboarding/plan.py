"""From risks to a plan: what is done in the first 30, 60 and 90 days, and what effort that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from mspctl.model.onboarding import Minutes
from mspctl.model.playbook import Severity
from mspctl.report.onboarding.risk import Risk

PHASES = (30, 60, 90)
"""Days from the first look."""
_PHASE: Mapping[Severity, int] = {Severity.HIGH: 30, Severity.MEDIUM: 60, Severity.LOW: 90}
SET_UP = "set-up"


EFFORT: Mapping[str, Minutes] = MappingProxyType(
    {
        SET_UP: Minutes(60, 20),
        "no-access": Minutes(15, 30),
        "other-devices": Minutes(0, 15),
        "not-measured": Minutes(15, 10),
        "no-backup": Minutes(60, 60),
        "database-without-backup": Minutes(15, 45),
        "unproven-backup": Minutes(15, 30),
        "support-ended": Minutes(60, 240),
        "support-ending": Minutes(60, 240),
        "disk": Minutes(0, 45),
        "security-updates": Minutes(30, 10),
        "updates": Minutes(15, 5),
        "restart": Minutes(0, 10),
        "security-high": Minutes(15, 10),
        "security-medium": Minutes(10, 5),
        "security-low": Minutes(5, 3),
    }
)
"""Our guess where the provider has no numbers of its own; published in the docs."""


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the plan."""

    risk: Risk
    days: int
    by: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is to be done, and `set_up`: what taking over the hosts itself takes."""

    tasks: tuple[Task, ...]
    set_up: int

    def phase(self, days: int) -> tuple[Task, ...]:
        """The tasks of a phase, in the order of the risks."""
        return tuple(each for each in self.tasks if each.days == days)

    def minutes(self, days: int) -> int:
        """The effort of a phase; taking over is a part of the first."""
        return sum(each.minutes for each in self.phase(days)) + (self.set_up if days == PHASES[0] else 0)

    @property
    def total(self) -> int:
        """All minutes."""
        return sum(map(self.minutes, PHASES))


def plan(found: tuple[Risk, ...], hosts: int, today: date, effort: Mapping[str, Minutes] = EFFORT) -> Plan:
    """High risks within 30 days, medium within 60, low within 90; what ends earlier by itself by then."""
    tasks = tuple(_task(risk, today, effort) for risk in found)
    return Plan(tasks, effort[SET_UP].of(hosts))


def _task(risk: Risk, today: date, effort: Mapping[str, Minutes]) -> Task:
    days = _PHASE[risk.severity]
    if risk.due is not None:
        left = (risk.due - today).days
        days = min(days, next((phase for phase in PHASES if left <= phase), days))
    by = today + timedelta(days=days)
    minutes = effort[risk.kind].of(len(risk.hosts))
    return Task(risk, days, min(by, risk.due) if risk.due is not None else by, minutes)
