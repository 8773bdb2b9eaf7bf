"""`mspctl invoice`: a client's month under its contract, line by line."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.console import Document
from mspctl.cli.invoicebook import VERBS
from mspctl.cli.paper import paper_options, show_files
from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.cli.unasked import tell_overtaken
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.model.billing import Bill, Line
    from mspctl.model.invoice import Invoice
    from mspctl.wiring.pages import Paper

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@click.group("invoice")
def command() -> None:
    """Draft, approve, credit and export what a client's month costs under its contract.

    mspctl keeps no books and knows no tax law: a tax stands on an invoice as `billing` says it.
    """


@command.command("draft")
@click.option("--client", required=True, metavar="NAME", help="Whose month.")
@click.option("--month", required=True, metavar="YYYY-MM", help="Which month, in the client's time zone.")
@click.option("--csv", "wants_csv", is_flag=True, help="Print the lines as CSV.")
@pass_session
@paper_options("html", "pdf")
def draft(session: Session, /, client: str, month: str, paper: "Paper | None", *, wants_csv: bool) -> None:
    """Show what a month costs. Nothing is stored; the same calls and contract give the same lines."""
    from mspctl.desk.billdocument import digest  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.desk import draft as drafted  # noqa: PLC0415 - as above
    from mspctl.wiring.desk import draft_documents  # noqa: PLC0415 - as above
    from mspctl.wiring.draftnotes import draft_notes  # noqa: PLC0415 - as above

    _, bills, still_open = drafted(session.app, client, _first_day(month))
    documents = draft_documents(session.app, client, _first_day(month))
    tell_overtaken(session, client)
    if still_open:
        numbers = ", ".join(str(call.number) for call in still_open)
        session.console.error(f"mspctl: not in it, because still open: call {numbers}")
    notes = draft_notes(session.app, client, _first_day(month))
    for note in notes:
        session.console.error(f"mspctl: {note}")
    if paper is not None:
        from mspctl.wiring.invoicefiles import write_draft  # noqa: PLC0415 - as above

        show_files(session, write_draft(session.app, client, _first_day(month), paper))
        return
    if session.console.wants_json:
        session.console.json(
            {
                "client": client,
                "month": month,
                "notes": list(notes),
                "bills": [{**each, "digest": digest(each)} for each in documents],
            }
        )
        return
    for each, document in zip(bills, documents, strict=True):
        if wants_csv:
            session.console.out(_csv(document).rstrip("\n"))
        else:
            _show(session, client, each)
            session.console.out(f"draft {digest(document)}")


@command.command("approve")
@click.option("--client", required=True, metavar="NAME", help="Whose month.")
@click.option("--month", required=True, metavar="YYYY-MM", help="A month that is over.")
@click.option("--draft", "digest", required=True, metavar="DIGEST", help="As `invoice draft` printed it.")
@pass_session
def approve(session: Session, /, client: str, month: str, digest: str) -> None:
    """Number and keep the draft that was looked at; refused if anything has changed since.

    Numbers have no gaps within a year. What is approved never changes; it can be credited.
    """
    from mspctl.wiring.invoices import approve as approved  # noqa: PLC0415 - --help needs none of it

    _told(session, approved(session.app, client, _first_day(month), digest))


@command.command("credit")
@click.argument("name", metavar="NUMBER")
@pass_session
def credit(session: Session, /, name: str) -> None:
    """Take an invoice back by a credit note with a number of its own; the month can then be billed anew."""
    from mspctl.wiring.invoices import credit as credited  # noqa: PLC0415 - --help needs none of it

    _told(session, credited(session.app, name))


@command.command("list")
@click.option("--client", metavar="NAME", help="Only this client.")
@pass_session
def list_(session: Session, /, client: str | None) -> None:
    """List invoices and credit notes."""
    from mspctl.wiring.invoices import invoices  # noqa: PLC0415 - --help needs none of it

    found = [each for each in invoices(session.app) if client in {None, each.client}]
    if session.console.wants_json:
        session.console.json({"invoices": [_invoice_document(each) for each in found]})
    else:
        columns = ("number", "client", "month", "total", "currency", "approved (UTC)", "by", "credits")
        session.console.table("", columns, [_invoice_row(each) for each in found])


for _verb in VERBS:
    command.add_command(_verb)


@command.command("export")
@click.argument("name", metavar="NUMBER")
@click.option("--as", "kind", type=click.Choice(("csv", "invoiceninja")), default="csv", help="Which CSV.")
@pass_session
@paper_options("html", "pdf", "xml", "facturx")
def export(session: Session, /, name: str, kind: str, paper: "Paper | None") -> None:
    """Print an approved invoice as CSV or, with `--json`, as JSON; or write it as files.

    xml is EN 16931 for programs, facturx a PDF with that in it (Factur-X, ZUGFeRD); both need the extra
    einvoice, and `billing` in the inventory when it was approved.
    """
    from mspctl.wiring.invoices import find_invoice, invoices  # noqa: PLC0415 - --help needs none of it

    found = find_invoice(invoices(session.app), name)
    if paper is not None:
        from mspctl.wiring.invoicefiles import write_invoice_files  # noqa: PLC0415 - as above

        show_files(session, write_invoice_files(session.app, found, paper))
        return
    if session.console.wants_json:
        session.console.json(_invoice_document(found))
    elif kind == "invoiceninja":
        from mspctl.wiring.invoicefiles import ninja_table  # noqa: PLC0415 - as above

        session.console.out(ninja_table(session.app, found).rstrip("\n"))
    else:
        session.console.out(_csv(json.loads(found.document)).rstrip("\n"))


def _told(session: Session, invoice: "Invoice") -> None:
    if session.console.wants_json:
        session.console.json(_invoice_document(invoice))
    else:
        total = json.loads(invoice.document)["total"]
        session.console.out(f"{invoice.name}: {invoice.client}, {invoice.month}, {total} {invoice.currency}")


def _invoice_row(each: "Invoice") -> tuple[str, ...]:
    total = str(json.loads(each.document)["total"])
    approved = f"{each.approved:%Y-%m-%d %H:%M}"
    return (each.name, each.client, each.month, total, each.currency, approved, each.author, each.credits)


def _invoice_document(invoice: "Invoice") -> dict[str, Document]:
    return {
        "number": invoice.name,
        "client": invoice.client,
        "month": invoice.month,
        "approved": utc_text(invoice.approved),
        "by": invoice.author,
        "credits": invoice.credits or None,
        **json.loads(invoice.document),
    }


def _first_day(month: str) -> date:
    match = _MONTH.fullmatch(month)
    if match is None or not 2000 <= int(match[1]) <= 9998:  # noqa: PLR2004 - what dates and sense allow
        raise UsageError(f"{month!r} is not a month", hint="write it as 2026-11")
    return date(int(match[1]), int(match[2]), 1)


def _show(session: Session, client: str, bill: "Bill") -> None:
    columns = ("day", "what", "quantity", "amount", "paid before", bill.currency)
    rows = [_row(line) for line in bill.lines]
    title = f"{client}, {bill.month:%Y-%m}, draft, net"
    session.console.table(title, columns, [*rows, ("", "total", "", "", "", str(bill.total))])
    for balance in bill.balances:
        low = ", low: tell the client" if balance.low else ""
        session.console.out(
            f"{balance.name}: {balance.left} {bill.currency} left at the end of the month"
            f" ({balance.hours_left} h at the normal rate), {balance.lapsed} lapsed{low}"
        )


def _row(line: "Line") -> tuple[str, ...]:
    paid = str(line.covered) if line.covered else ""
    return (str(line.day), line.text, f"{line.quantity} {line.unit}", str(line.amount), paid, str(line.net))


def _csv(document: "Mapping[str, Any]") -> str:
    from mspctl.desk.timesheet import table  # noqa: PLC0415 - only wanted for CSV

    rows = [
        {name: "" if value is None else str(value) for name, value in line.items()}
        | {"currency": str(document["currency"])}
        for line in document["lines"]
    ]
    return table(rows, list(rows[0]) if rows else ["day"])
