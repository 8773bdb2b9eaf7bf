"""A comparison as a JSON document."""

from mspctl.cli.console import Document
from mspctl.model.comparison import CallVolume, Comparison, PlanCost, Rival


def comparison_document(found: Comparison, *, staff: bool) -> dict[str, Document]:
    """All plans and rivals; what an hour would bring in only for staff."""
    rate = found.downtime
    return {
        "client": found.client,
        "currency": found.currency,
        "months": [f"{month:%Y-%m}" for month in found.months],
        "calls": list(found.calls),
        "seconds": list(found.seconds),
        "down_seconds": list(found.down),
        "downtime": {"per_hour": str(rate.per_hour), "agreed": str(rate.agreed), "by": rate.by}
        if rate
        else None,
        "doubts": list(found.doubts),
        "verdict": found.verdict.value,
        "best": found.best,
        "plans": [_plan(cost, staff=staff) for cost in found.costs],
        "rivals": [_rival(found, rival) for rival in found.rivals],
    }


def _plan(cost: PlanCost, *, staff: bool) -> dict[str, Document]:
    told: dict[str, Document] = {
        "name": cost.name,
        "plan": cost.offer.contract.plan.value,
        "months": [str(month) for month in cost.months],
        "total": str(cost.total),
        "worst": str(max(cost.months)),
        "setup": str(cost.setup),
        "setup_part": str(cost.setup_part),
        "p50": _text(cost.usual),
        "p90": _text(cost.dear),
        "spread": _text(cost.spread),
    }
    if staff:
        rate = cost.rate
        told["an_hour"] = [_text(each) for each in (rate.gross, rate.net_of_cost, rate.net_of_retail)]
    return told


def _rival(found: Comparison, rival: Rival) -> Document:
    span, even = rival.range, rival.break_even
    return {
        "name": rival.cost.name,
        "saving": str(rival.saving),
        "dearer_in": [f"{found.months[place]:%Y-%m}" for place in rival.dearer],
        "range": [str(span.low), str(span.middle), str(span.high)] if span else None,
        "not_dearer": {
            "always": even.always,
            "up_to": _volume(even.up_to),
            "from": _volume(even.since),
            "ever": even.ever,
        }
        if even
        else None,
    }


def _volume(volume: CallVolume | None) -> Document:
    """Calls and hours a month."""
    return {"calls": str(volume.calls), "hours": str(volume.hours)} if volume else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
