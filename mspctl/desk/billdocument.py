"""A bill as a document: what is approved, kept and exported."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from mspctl.model.billing import Bill, Line

Value = None | bool | int | str | Sequence["Value"] | Mapping[str, "Value"]


def digest(document: Mapping[str, Value]) -> str:
    """Twelve digits by which a draft is known again."""
    return hashlib.sha256(bill_text(document).encode()).hexdigest()[:12]


def bill_text(document: Mapping[str, Value]) -> str:
    """The document as the same text everywhere."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def bill_document(bill: Bill) -> dict[str, Value]:
    """The bill, ready for JSON; amounts are texts, so that nobody rounds them."""
    return {
        "currency": bill.currency,
        "total": str(bill.total),
        "worked_seconds": bill.worked_seconds,
        "lines": [_line_document(line) for line in bill.lines],
        "balances": [
            {
                "name": each.name,
                "granted": str(each.granted),
                "used": str(each.used),
                "lapsed": str(each.lapsed),
                "left": str(each.left),
                "hours_left": str(each.hours_left),
                "low": each.low,
            }
            for each in bill.balances
        ],
    }


def _line_document(line: Line) -> dict[str, Value]:
    return {
        "day": line.day.isoformat(),
        "kind": line.kind.value,
        "call": line.call,
        "text": line.text,
        "work": line.work,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "worked_seconds": line.worked_seconds,
        "billed_seconds": line.billed_seconds,
        "amount": str(line.amount),
        "covered": str(line.covered),
        "net": str(line.net),
    }
