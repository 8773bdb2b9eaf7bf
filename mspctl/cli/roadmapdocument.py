"""A roadmap as a JSON document."""

from mspctl.cli.console import Document
from mspctl.model.roadmap import Item, Roadmap


def roadmap_document(found: Roadmap) -> Document:
    """Items, quarters, growth, and what nobody knows."""
    more = found.more
    return {
        "client": found.client,
        "made": found.made.isoformat(),
        "currency": found.currency or None,
        "items": [_item(each) for each in found.items],
        "quarters": [
            {
                "start": each.start.isoformat(),
                "amount": str(each.amount),
                "items": each.items,
                "unpriced": each.unpriced,
            }
            for each in found.quarters
        ],
        "more": None
        if more is None
        else {
            "hosts": more.hosts,
            "kind": more.kind,
            "fee": None if more.fee is None else str(more.fee),
            "currency": more.currency or None,
            "hours": None if more.hours is None else str(more.hours),
            "months": more.months,
        },
        "unknown_support": list(found.unknown_support),
        "unknown_warranty": list(found.unknown_warranty),
    }


def _item(each: Item) -> Document:
    return {
        "reason": each.reason.value,
        "subject": each.subject,
        "due": each.due.isoformat() if each.due else None,
        "owner": each.owner,
        "price": None if each.price is None else str(each.price),
        "evidence": list(each.evidence),
    }
