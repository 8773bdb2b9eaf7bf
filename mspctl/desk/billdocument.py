"""A bill as a document: what is approved, kept and exported."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from fractions import Fraction

from mspctl.desk.rating import rounded
from mspctl.model.billing import Bill, Line
from mspctl.model.invoicing import Buyer, Party, Seller

Value = None | bool | int | str | Sequence["Value"] | Mapping[str, "Value"]


def digest(document: Mapping[str, Value]) -> str:
    """Twelve digits by which a draft is known again."""
    return hashlib.sha256(bill_text(document).encode()).hexdigest()[:12]


def bill_text(document: Mapping[str, Value]) -> str:
    """The document as the same text everywhere."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def bill_document(bill: Bill, seller: Seller | None = None, buyer: Buyer | None = None) -> dict[str, Value]:
    """The bill, ready for JSON; amounts are texts, so that nobody rounds them.

    Who sends it to whom, the tax and the terms of payment are in it if both sides are known.
    """
    lines = _lines_document(bill)
    return lines if seller is None or buyer is None else {**lines, **_parties(bill, seller, buyer)}


def _parties(bill: Bill, seller: Seller, buyer: Buyer) -> dict[str, Value]:
    tax, payment = buyer.tax or seller.tax, seller.payment
    amount = rounded(Fraction(bill.total) * Fraction(tax.percent) / 100, bill.currency)
    return {
        "seller": _party(seller.party),
        "buyer": _party(buyer.party),
        "tax": {
            "category": tax.category.value,
            "percent": str(tax.percent),
            "reason": tax.reason,
            "amount": str(amount),
        },
        "gross": str(bill.total + amount),
        "payment": {
            "iban": payment.iban,
            "bic": payment.bic,
            "holder": payment.holder,
            "due_days": payment.due_days if buyer.due_days is None else buyer.due_days,
        },
    }


def _party(party: Party) -> Value:
    return {each.name: getattr(party, each.name) for each in fields(party) if getattr(party, each.name)}


def _lines_document(bill: Bill) -> dict[str, Value]:
    return {
        "currency": bill.currency,
        "total": str(rounded(bill.total, bill.currency)),
        "worked_seconds": bill.worked_seconds,
        "lines": [_line_document(line, bill.currency) for line in bill.lines],
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


def _line_document(line: Line, currency: str) -> dict[str, Value]:
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
        "covered": str(rounded(line.covered, currency)),
        "net": str(line.net),
    }
