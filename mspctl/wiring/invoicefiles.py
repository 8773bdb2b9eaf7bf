"""Invoices and drafts as files: pages, PDF, and for programs."""

import json
from datetime import date
from zoneinfo import ZoneInfo

from mspctl.desk.billdocument import bill_text
from mspctl.desk.timesheet import invoice_ninja
from mspctl.model.invoice import Invoice
from mspctl.report.formats.einvoice import embedded, xml
from mspctl.report.formats.pdf import ARCHIVED, pdf
from mspctl.report.pages.invoicepage import invoice_page
from mspctl.report.pages.look import Look
from mspctl.report.wording.invoicetext import Paper as InvoicePaper
from mspctl.report.wording.invoicetext import Stamp, paper_of
from mspctl.wiring.app import App
from mspctl.wiring.desk import client_of, draft_documents
from mspctl.wiring.pages import Paper
from mspctl.wiring.privatefile import write_file
from mspctl.wiring.reportlook import report_look

FORMATS = ("html", "pdf", "xml", "facturx")
"""xml and facturx are for programs: EN 16931."""


def write_invoice_files(app: App, invoice: Invoice, paper: Paper) -> tuple[str, ...]:
    """Write an invoice in each format; the names of the files.

    Raises:
        UsageError: an extra is not installed, or the invoice does not say who sends it to whom.
        StorageError: a file cannot be written.
    """
    stamp = Stamp(invoice.month, _issued(app, invoice), invoice.name, invoice.credits)
    look, _ = report_look(app, invoice.client, paper.language)
    found = paper_of(invoice.document, stamp, look.speech)
    return tuple(_write(app, invoice.client, invoice.name, found, look, paper))


def write_draft(app: App, slug: str, month: date, paper: Paper) -> tuple[str, ...]:
    """Write a month as it would be approved; without a number it is none, and says so. Raises as above."""
    client = client_of(app, slug)
    today = app.clock.now().astimezone(ZoneInfo(client.timezone)).date()
    look, _ = report_look(app, slug, paper.language)
    files: list[str] = []
    for document in draft_documents(app, slug, month):
        found = paper_of(bill_text(document), Stamp(f"{month:%Y-%m}", today), look.speech)
        name = f"{slug}-{month:%Y-%m}-draft-{found.currency}"
        files += _write(app, slug, name, found, look, paper)
    return tuple(files)


def _write(app: App, client: str, name: str, found: InvoicePaper, look: Look, paper: Paper) -> list[str]:
    provider = app.inventory([]).provider.name
    page = invoice_page(found, look, provider, client)
    files = []
    for form in paper.formats:
        match form:
            case "pdf":
                ending, content = "pdf", pdf(page)
            case "xml":
                ending, content = "xml", xml(found)
            case "facturx":
                ending, content = "facturx.pdf", embedded(pdf(page, ARCHIVED), found)
            case _:
                ending, content = "html", page.encode()
        path = paper.folder / f"{name}.{ending}"
        write_file(path, content)
        files.append(str(path))
    return files


def ninja_table(app: App, invoice: Invoice) -> str:
    """As Invoice Ninja imports it."""
    document = json.loads(invoice.document)
    buyer = document.get("buyer", {}).get("name", invoice.client)
    return invoice_ninja(invoice.name, _issued(app, invoice), buyer, document)


def _issued(app: App, invoice: Invoice) -> date:
    """The day of approval at the client, which may be gone since."""
    slug = invoice.client
    zone = client_of(app, slug).timezone if slug in app.client_names() else "UTC"
    return invoice.approved.astimezone(ZoneInfo(zone)).date()
