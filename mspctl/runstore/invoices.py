"""Invoices in the run log: numbered without gaps, one for a month until it is credited."""

from dataclasses import replace

from sqlalchemy import Connection, func, insert, select, text

from mspctl.errors import UsageError
from mspctl.model.invoice import Invoice
from mspctl.runstore import tables
from mspctl.runstore.codec import time_text
from mspctl.runstore.ledger import stored_time

_LOCK = 4_203_703
"""The advisory lock under which PostgreSQL hands out numbers; SQLite has one writer anyway."""


def write_invoice(connection: Connection, invoice: Invoice) -> Invoice:
    """Number it and add it; a credit note needs its invoice, an invoice a month that is not billed.

    Raises:
        UsageError: the month is billed already, or that invoice is credited already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    known = read_invoices(connection)
    if invoice.credits:
        _check_credit(known, invoice)
    elif standing := _standing(known, invoice):
        hint = f"if it is wrong, take it back with `mspctl invoice credit {standing.name}`"
        raise UsageError(f"{invoice.month} is billed already, in {standing.name}", hint=hint)
    table = tables.invoice
    highest = connection.execute(
        select(func.max(table.c.number)).where(table.c.series == invoice.series)
    ).scalar()
    numbered = replace(invoice, number=int(highest or 0) + 1)
    row = {name: getattr(numbered, name) for name in _SAME} | {"approved": time_text(numbered.approved)}
    connection.execute(insert(table), row)
    return numbered


_SAME = ("series", "number", "client", "month", "currency", "author", "document", "credits")


def _standing(known: tuple[Invoice, ...], invoice: Invoice) -> Invoice | None:
    credited = {each.credits for each in known}
    wanted = (invoice.client, invoice.month, invoice.currency)
    return next(
        (
            each
            for each in known
            if not each.credits
            and each.name not in credited
            and (each.client, each.month, each.currency) == wanted
        ),
        None,
    )


def _check_credit(known: tuple[Invoice, ...], note: Invoice) -> None:
    before = next((each for each in known if each.credits == note.credits), None)
    if before is not None:
        raise UsageError(f"{note.credits} is credited already, by {before.name}")


def read_invoices(connection: Connection) -> tuple[Invoice, ...]:
    """All invoices and credit notes, by number."""
    table = tables.invoice
    rows = connection.execute(select(table).order_by(table.c.series, table.c.number))
    return tuple(
        Invoice(
            row.series,
            row.number,
            row.client,
            row.month,
            row.currency,
            stored_time(row.approved),
            row.author,
            row.document,
            row.credits,
        )
        for row in rows
    )
