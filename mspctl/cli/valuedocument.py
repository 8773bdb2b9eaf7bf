"""What a month was worth, as a JSON document."""

from decimal import Decimal

from mspctl.cli.console import Document
from mspctl.model.servicevalue import ServiceValue


def value_document(found: ServiceValue) -> dict[str, Document]:
    """All figures; amounts are texts."""
    work, ran = found.work, found.machines
    return {
        "reactive_seconds": work.reactive,
        "planned_seconds": work.planned,
        "unbilled_seconds": work.unbilled,
        "reactive_calls": work.reactive_calls,
        "planned_calls": work.planned_calls,
        "planned_runs": ran.planned_runs,
        "planned_host_runs": ran.planned_hosts,
        "called_runs": ran.called_runs,
        "called_host_runs": ran.called_hosts,
        "hosts": found.hosts,
        "hours_per_host": _text(found.hours_per_host),
        "reactive_hours_per_host": _text(found.reactive_hours_per_host),
        "incidents": found.incidents,
        "outages": [
            {
                "service": each.service,
                "up_seconds": each.up,
                "down_seconds": each.down,
                "coverage": each.coverage,
            }
            for each in found.outages
        ],
        "rates": [
            {
                "currency": each.currency,
                "revenue": str(each.revenue),
                "cost": str(each.cost),
                "retail": str(each.retail),
                "gross": _text(each.gross),
                "net_of_cost": _text(each.net_of_cost),
                "net_of_retail": _text(each.net_of_retail),
            }
            for each in found.rates
        ],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
