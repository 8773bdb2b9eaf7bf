"""Runs as JSON documents: what `--json` and `runs show --json` print."""

from collections.abc import Sequence
from datetime import datetime

from mspctl.cli.console import Document
from mspctl.model.event import Report, ReportKind
from mspctl.model.run import HostRun, Run, StepRun


def runs_document(runs: Sequence[Run], not_covered: Sequence[str] = ()) -> dict[str, Document]:
    """One run by itself; several (one per client) as `{"runs": […]}`.

    `not_covered` names clients and hosts that `--all` left out because of a contract; it is there if any.
    """
    left_out: dict[str, Document] = {"not_covered": list(not_covered)} if not_covered else {}
    if len(runs) == 1:
        return {**run_document(runs[0]), **left_out}
    return {"runs": [run_document(run) for run in runs], **left_out}


def run_document(run: Run) -> dict[str, Document]:
    """A run with its hosts and their steps. Times in UTC (ISO 8601), durations in seconds."""
    return {
        **run_summary(run),
        "hosts": [_host_document(host) for host in run.hosts],
    }


def run_summary(run: Run) -> dict[str, Document]:
    """A run without its hosts; `pending` counts hosts that have no outcome yet."""
    return {
        "run": run.id,
        "client": run.client,
        "playbook": run.playbook,
        "check_mode": run.check_mode,
        "digest": run.digest,
        "resumes": run.resumes or None,
        "override": run.override or None,
        "started": utc_text(run.started),
        "finished": utc_text(run.finished),
        "counts": {outcome.value: count for outcome, count in sorted(run.counts.items())},
        "pending": len(run.pending),
    }


def _host_document(host: HostRun) -> Document:
    return {
        "host": host.host.partition("/")[2],
        "site": host.site,
        "wave": host.wave,
        "outcome": host.outcome.value if host.outcome else None,
        "reason": host.reason,
        "detail": host.detail,
        "remedy": host.remedy,
        "round_trips": host.round_trips,
        "seconds": host.seconds,
        "attempt": host.attempt,
        "fingerprint": host.fingerprint,
        "notes": [_report(report) for report in host.reports if report.kind is ReportKind.NOTE],
        "steps": [_step_document(step) for step in host.steps],
    }


def _step_document(step: StepRun) -> Document:
    return {
        "name": step.name,
        "module": step.module,
        "status": step.status.value if step.status else None,
        "reason": step.reason,
        "forecast": step.forecast.value if step.forecast else None,
        "seconds": step.seconds,
        "changes": _reports(step, ReportKind.CHANGE),
        "findings": _reports(step, ReportKind.FINDING),
        "held": _reports(step, ReportKind.HELD),
        "notes": _reports(step, ReportKind.NOTE),
        "metrics": _values(step, ReportKind.METRIC),
        "facts": _values(step, ReportKind.FACT),
        "unkept": step.unkept,
        "output": step.output.text,
        "output_lossy": step.output.lossy,
    }


def _reports(step: StepRun, kind: ReportKind) -> Document:
    return [_report(report) for report in step.reports if report.kind is kind]


def _report(report: Report) -> Document:
    """`name`, `value`, and the further fields of the statement as they came."""
    return {"name": report.name, "value": report.value, "fields": dict(report.fields)}


def _values(step: StepRun, kind: ReportKind) -> Document:
    return {report.name: report.value for report in step.reports if report.kind is kind}


def utc_text(at: datetime | None) -> str | None:
    """A time in a document: UTC, ISO 8601, to the second."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
