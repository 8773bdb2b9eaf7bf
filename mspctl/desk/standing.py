"""Invoices whose month says something else by now: work that came late, an edit, another price."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mspctl.desk.billing import bill
from mspctl.model.billing import LineKind, Work
from mspctl.model.contract import ZERO, Contract
from mspctl.model.invoice import Invoice

_WORK = frozenset({LineKind.LABOUR, LineKind.INCIDENT, LineKind.TRAVEL, LineKind.BLOCK})
"""Blocks of hours are bought on a day; one that is written down after its invoice is used all the same."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """An invoice, what it billed for work and blocks of hours, and what they cost as on record now."""

    invoice: str
    month: str
    currency: str
    billed: Decimal
    now: Decimal
    paid: Decimal
    """What it says was paid before, and what is by now."""
    paid_now: Decimal


def standing(invoices: Iterable[Invoice], client: str) -> tuple[Invoice, ...]:
    """The client's invoices that nobody has taken back."""
    known = tuple(invoices)
    credited = {each.credits for each in known}
    return tuple(
        each for each in known if each.client == client and not each.credits and each.name not in credited
    )


def overtaken(
    invoices: Iterable[Invoice], contracts: Sequence[Contract], work: Work
) -> tuple[Overtaken, ...]:
    """Those whose work and blocks of hours are worth another amount by now, paid before or not.

    Monthly fees follow the inventory and are not asked.
    """
    found = []
    for each in invoices:
        written = [line for line in json.loads(each.document)["lines"] if line["kind"] in _WORK]
        billed, paid = (sum((Decimal(line[name]) for line in written), ZERO) for name in ("net", "covered"))
        bills = bill(contracts, work, {}, date.fromisoformat(f"{each.month}-01"))
        lines = [line for one in bills if one.currency == each.currency for line in one.lines]
        now = sum((line.net for line in lines if line.kind in _WORK), ZERO)
        paid_now = sum((line.covered for line in lines if line.kind in _WORK), ZERO)
        if (now, paid_now) != (billed, paid):
            found.append(Overtaken(each.name, each.month, each.currency, billed, now, paid, paid_now))
    return tuple(found)
