"""Invoices: a draft that somebody has looked at becomes one; a credit note takes it back."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mspctl.desk.billdocument import bill_text, digest
from mspctl.desk.prepaid import later
from mspctl.errors import UsageError
from mspctl.model.invoice import Invoice
from mspctl.wiring.app import App
from mspctl.wiring.desk import client_of, draft, draft_documents


def approve(app: App, slug: str, month: date, seen: str) -> Invoice:
    """Keep the draft with the digest `seen` under the next number.

    Raises:
        UsageError: the month is not over or billed already, a call is open, or the draft is not that one.
    """
    client, _, still_open = draft(app, slug, month)
    now = app.clock.now()
    zone = ZoneInfo(client.timezone)
    if now.astimezone(zone).date() < later(month, 1):
        raise UsageError(f"{month:%Y-%m} is not over")
    begun = [call for call in still_open if call.started.astimezone(zone).date() < later(month, 1)]
    if begun:
        raise UsageError(f"call {begun[0].number} is still open", hint="stop it first")
    documents = {digest(document): document for document in draft_documents(app, slug, month)}
    if seen not in documents:
        raise UsageError(
            f"the draft is not {seen}, but {', '.join(documents)}",
            hint="calls, contract or hosts have changed; look at `mspctl invoice draft` again",
        )
    document = documents[seen]
    if not document["lines"]:
        raise UsageError(f"there is nothing to bill in {month:%Y-%m}")
    invoice = Invoice(
        f"{now.astimezone(zone).year}",
        0,
        slug,
        f"{month:%Y-%m}",
        str(document["currency"]),
        now,
        app.environment.user,
        bill_text(document),
    )
    with closing(app.open_store()) as store:
        return store.write_invoice(invoice)


def credit(app: App, name: str) -> Invoice:
    """Take an invoice back.

    Raises:
        UsageError: there is no such invoice, it is a credit note, or it is credited already.
    """
    now = app.clock.now()
    with closing(app.open_store()) as store:
        invoice = find_invoice(store.invoices(), name)
        if invoice.credits:
            raise UsageError(f"{name} is a credit note itself")
        zone = client_of(app, invoice.client).timezone if invoice.client in app.client_names() else "UTC"
        note = Invoice(
            f"{now.astimezone(ZoneInfo(zone)).year}",
            0,
            invoice.client,
            invoice.month,
            invoice.currency,
            now,
            app.environment.user,
            bill_text(negative(json.loads(invoice.document))),
            invoice.name,
        )
        return store.write_invoice(note)


def negative(document: dict[str, Any]) -> dict[str, Any]:
    """The same lines taken back; balances are not."""
    lines = [
        {**line, **{name: str(-Decimal(line[name])) for name in ("amount", "covered", "net")}}
        for line in document["lines"]
    ]
    totals: dict[str, Any] = {
        name: str(-Decimal(document[name])) for name in ("total", "gross") if name in document
    }
    taken: dict[str, Any] = {**document, **totals, "lines": lines, "balances": []}
    if "tax" in document:
        taken["tax"] = {**document["tax"], "amount": str(-Decimal(document["tax"]["amount"]))}
    return taken


def invoices(app: App) -> tuple[Invoice, ...]:
    """All invoices and credit notes."""
    with closing(app.open_store(write=False)) as store:
        return store.invoices()


def find_invoice(known: Sequence[Invoice], name: str) -> Invoice:
    """The one of that number. Raises UsageError if there is none."""
    found = next((each for each in known if each.name == name), None)
    if found is None:
        raise UsageError(f"there is no invoice {name}", hint="see `mspctl invoice list`")
    return found
