"""What risks are, and all that they are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from mspctl.model.event import Report, ReportKind
from mspctl.model.inventory import Client
from mspctl.model.playbook import Severity
from mspctl.model.run import HostRun, Run, StepRun
from mspctl.report.facts.backups import HostBackup
from mspctl.report.facts.summary import Summary


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that can hurt the client, on these hosts. `kind` is what its effort is looked up by."""

    kind: str
    severity: Severity
    title: str
    hosts: tuple[str, ...]
    evidence: str = ""
    remedy: str = ""
    run: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """What answered and is not looked after yet: address → why; and what mspctl has no way into."""

    without_access: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Looked:
    """All that the risks are made from: the client, its month, the first runs, and what is outside."""

    client: Client
    summary: Summary
    runs: tuple[Run, ...]
    outside: Outside = field(default_factory=Outside)
    backups: tuple[HostBackup, ...] = ()

    def rows(self, module: str) -> Iterator[tuple[str, HostRun, str]]:
        """Host, row and run of each host that was asked by this module."""
        for run in self.runs:
            for row in run.hosts:
                if any(step.module == module for step in row.outline):
                    yield short(row.host), row, run.id


def short(host: str) -> str:
    """A host's name without its client."""
    return host.partition("/")[2]


def facts(row: HostRun) -> Mapping[str, str]:
    """All facts that a host told."""
    return {each.name: each.value for each in reports(row, ReportKind.FACT)}


def reports(row: HostRun, kind: ReportKind) -> Iterator[Report]:
    """All statements of this kind."""
    return (report for step in row.steps for report in step.reports if report.kind is kind)


def finds(step: StepRun) -> bool:
    """True if a step did look: one that failed over what it found has found something."""
    return any(report.kind is ReportKind.FINDING for report in step.reports)


def told(of_hosts: Mapping[str, object]) -> str:
    """What was seen on each host, in a line."""
    return "; ".join(f"{host}: {seen}" for host, seen in of_hosts.items())
