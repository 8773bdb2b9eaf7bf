"""What is known beside the score as a JSON document: backups, availability, service, what lies ahead."""

from mspctl.model.comparison import Comparison
from mspctl.model.roadmap import Roadmap
from mspctl.model.servicelevel import GoalFigures, Promise
from mspctl.report.facts.backups import HostBackup, Try
from mspctl.report.facts.service import CallMonth, Service
from mspctl.report.score.health import Health
from mspctl.report.wording.findingwords import short

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


def care_document(health: Health) -> dict[str, JsonValue]:
    """`null` is not measured, not known, or that nobody asked; amounts of money are text."""
    return {
        "backups": [_backup(each) for each in health.backups if each.policy.expected or each.backups.count],
        "availability": {short(host): [day.value for day in days] for host, days in health.watched.items()},
        "service": None if health.service is None else _service(health.service),
        "roadmap": None if health.roadmap is None else _roadmap(health.roadmap),
        "incidents": [
            {
                "number": each.number,
                "host": short(each.host) or None,
                "what": each.what or None,
                "opened": each.opened.isoformat(),
                "closed": each.closed.isoformat() if each.closed else None,
            }
            for each in health.incidents
        ],
        "coming_maintenance": [
            {
                "begins": each.begins.isoformat(),
                "ends": each.ends.isoformat() if each.ends else None,
                "hosts": [*each.hosts],
            }
            for each in health.maintenance
        ],
    }


def _backup(host: HostBackup) -> JsonValue:
    return {
        "host": short(host.host),
        "state": host.state.value,
        "last_good": _try(host.backups.good),
        "restore_proven": _try(host.proof),
        "restore_seconds": host.restore_seconds,
        "copies": "-".join(digit.shown for digit in host.digits) or None,
    }


def _try(made: Try | None) -> JsonValue:
    return None if made is None else {"at": made.at.isoformat(), "run": made.run}


def _service(service: Service) -> JsonValue:
    levels = service.levels
    return {
        "calls": [
            {
                "number": call.number,
                "at": call.at.isoformat(),
                "title": call.title,
                "priority": call.priority,
                "seconds": call.seconds,
                "open": call.open,
            }
            for call in service.calls
        ],
        "promises": None if levels is None else [figures_document(each) for each in levels.figures],
        "breaches": None if levels is None else [_promise(each) for each in levels.breaches],
        "months": [_month(each) for each in service.months],
        "comparison": None if service.comparison is None else _comparison(service.comparison),
    }


def figures_document(each: GoalFigures) -> JsonValue:
    """How a goal was kept, in seconds."""
    return {
        "priority": each.priority,
        "goal": each.goal.value,
        "allowed_seconds": list(each.allowed),
        "met": each.met,
        "breached": each.breached,
        "running": each.running,
        "not_measured": each.not_measured,
        "median_seconds": each.median,
        "p90_seconds": each.p90,
    }


def _promise(each: Promise) -> JsonValue:
    goal = each.goal.value
    return {"call": each.call, "goal": goal, "took_seconds": each.took, "allowed_seconds": each.allowed}


def _month(each: CallMonth | None) -> JsonValue:
    if each is None:
        return None
    month = f"{each.month:%Y-%m}"
    return {"month": month, "in_time": each.in_time, "late": each.late, "without_promise": each.without}


def _comparison(found: Comparison) -> JsonValue:
    months: list[JsonValue] = [f"{month:%Y-%m}" for month in found.months]
    plans: list[JsonValue] = [
        {"name": cost.name, "months": [str(each) for each in cost.months]} for cost in found.costs
    ]
    return {"currency": found.currency, "months": months, "plans": plans, "verdict": found.verdict.value}


def _roadmap(found: Roadmap) -> JsonValue:
    items: list[JsonValue] = [
        {
            "reason": item.reason.value,
            "subject": item.subject,
            "due": None if item.due is None else item.due.isoformat(),
            "owner": item.owner,
            "price": None if item.price is None else str(item.price),
        }
        for item in found.items
    ]
    unknown: list[JsonValue] = list(found.unknown_warranty)
    return {"currency": found.currency, "items": items, "without_warranty": unknown}
