"""The summary as a JSON document; `null` is no data."""

from mspctl.model.outcome import Outcome
from mspctl.model.support import Support
from mspctl.report.facts.summary import Attempt, Figure, HostMonth, RunLine, Summary
from mspctl.report.formats.caredocument import JsonValue
from mspctl.report.formats.healthdocument import health_document
from mspctl.report.score.health import Health
from mspctl.report.wording import words

FORMAT = 1
"""Rises when a name changes its meaning; new names may come at any time."""


def document(summary: Summary, health: Health | None = None) -> dict[str, JsonValue]:
    """Everything that is in the summary, and the health that was made from it."""
    told = _summary(summary)
    return told if health is None else told | {"health": health_document(health)}


def _summary(summary: Summary) -> dict[str, JsonValue]:
    period = summary.period
    return {
        "format": FORMAT,
        "client": summary.client,
        "client_name": summary.client_name,
        "provider": summary.provider,
        "period": {
            "month": f"{period.start:%Y-%m}",
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "until": period.until.isoformat(),
            "partial": period.partial,
        },
        "made": summary.made.isoformat(),
        "headline": words.headline(summary),
        "hosts_total": len(summary.hosts),
        "states": {state.value: count for state, count in summary.states.items()},
        "scan_ages": {
            state.value: {"youngest_days": ages.youngest, "oldest_days": ages.oldest, "without": ages.unknown}
            for state, ages in summary.ages.items()
        },
        "stale_days": summary.stale_days,
        "installed": _figure(summary.installed),
        "installed_security": summary.installed_security,
        "pending": _figure(summary.pending),
        "pending_security": _figure(summary.security),
        "held": _figure(summary.held),
        "held_by_reason": [
            {"reason": each.reason, "packages": each.packages, "hosts": each.hosts}
            for each in summary.held_reasons
        ],
        "restarts_due": _figure(summary.restarts),
        "hosts": [_host(host, summary.stale_days) for host in summary.hosts],
        "former_hosts": [_host(host, summary.stale_days) for host in summary.former],
        "runs": [_run(run) for run in summary.runs],
    }


def _figure(figure: Figure) -> JsonValue:
    return {"value": figure.value, "known_hosts": figure.known, "of_hosts": figure.of}


def _host(host: HostMonth, stale_days: int) -> JsonValue:
    last = host.last
    return {
        "host": host.host,
        "site": host.site,
        "os": host.os,
        "state": host.state.value,
        "remark": words.remark(host, stale_days),
        "support": _support(host.support),
        "scan": _scan(host),
        "attempts": host.attempts,
        "reached": host.reached,
        "failures": host.failures,
        "last_attempt": None if last is None else _attempt(last),
        "kept_back": None if host.kept_back is None else _attempt(host.kept_back),
        "changes": [
            {
                "package": change.name,
                "old": change.old,
                "new": change.new,
                "security": change.security,
                "advisories": list(change.advisories),
                "at": change.at.isoformat(),
                "run": change.run,
            }
            for change in host.patched
        ],
    }


def _support(support: Support) -> JsonValue:
    term = support.term
    if term is None:
        return {"state": support.state.value}
    return {
        "state": support.state.value,
        "until": None if term.until is None else term.until.isoformat(),
        "extended": None if term.extended is None else term.extended.isoformat(),
        "extended_by": term.extended_by,
        "source": term.source,
        "checked": term.checked.isoformat(),
    }


def _attempt(last: Attempt) -> JsonValue:
    return {"at": last.at.isoformat(), "run": last.run, "outcome": last.outcome.value, "why": last.why}


def _scan(host: HostMonth) -> JsonValue:
    scan = host.scan
    if scan is None:
        return None
    return {
        "at": scan.at.isoformat(),
        "age_days": host.scan_age_days,
        "run": scan.run,
        "pending": scan.pending,
        "security": scan.security,
        "held": scan.held,
        "broken": scan.broken,
        "restart_due": scan.restart,
        "pending_packages": [
            {
                "package": each.name,
                "old": each.old,
                "new": each.new,
                "security": each.security,
                "advisories": list(each.advisories),
            }
            for each in scan.pending_packages
        ],
        "held_packages": [
            {
                "package": each.name,
                "old": each.old,
                "new": each.new,
                "security": each.security,
                "reason": each.reason,
                "detail": each.detail,
            }
            for each in scan.held_packages
        ],
    }


def _run(run: RunLine) -> JsonValue:
    outcomes = dict(run.outcomes)
    return {
        "run": run.id,
        "playbook": run.playbook,
        "check_mode": run.check_mode,
        "started": run.started.isoformat(),
        "finished": None if run.finished is None else run.finished.isoformat(),
        "planned": run.planned,
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome if outcome in outcomes},
    }
