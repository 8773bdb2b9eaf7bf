"""An invoice for programs: EN 16931 as Cross Industry Invoice, alone or inside of a PDF (Factur-X, ZUGFeRD).

Each line has the quantity one and its net amount as the price: quantity and rate of work, with surcharges,
stand in the words of the line, since their product is not the amount. Nothing leaves before it was held
against the schema of the standard. Its business rules (Schematron) need a processor that the extra lacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mspctl.errors import UsageError
from mspctl.report.wording.invoicetext import Paper

_SCHEMA = "FACTUR-X_EN16931"
_GUIDELINE = "urn:cen.eu:en16931:2017"
_INVOICE, _CREDIT_NOTE = "380", "381"
_TRANSFER = "58"
"""A SEPA credit transfer."""
_ONE = "C62"


def xml(paper: Paper) -> bytes:
    """The invoice as XML, valid by the schema.

    Raises:
        UsageError: the extra is not installed, or the invoice does not say who sends it to whom.
    """
    if not paper.complete:
        hint = "fill in `billing` of inventory/mspctl.yml and of the client before you approve"
        raise UsageError(f"{paper.name} does not say who sends it to whom", hint=hint)
    if not paper.lines:
        raise UsageError(f"{paper.name} has no line, and an invoice for programs needs one")
    try:
        return _Writer(paper).document()
    except ImportError as error:
        raise _lacking(error) from error


def embedded(pdf: bytes, paper: Paper) -> bytes:
    """The PDF (of the kind A-3) with the invoice for programs in it. Raises as `xml`."""
    content = xml(paper)
    try:
        from facturx import generate_from_binary  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _lacking(error) from error
    told = {
        "author": paper.seller["name"],
        "title": paper.title,
        "subject": paper.title,
        "keywords": "Factur-X",
    }
    made = generate_from_binary(
        pdf,
        content,
        flavor="factur-x",
        level="en16931",
        check_xsd=True,
        pdf_metadata=told,
        lang=paper.language,
        afrelationship="alternative",
    )
    return bytes(made)


def _lacking(error: ImportError) -> UsageError:
    return UsageError(
        f"an invoice for programs needs an extra: {error}", hint="pip install 'mspctl[einvoice]'"
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    paper: Paper

    def document(self) -> bytes:
        from drafthorse.models.document import Document  # noqa: PLC0415 - an extra

        paper, made = self.paper, Document()
        made.context.guideline_parameter.id = _GUIDELINE
        made.header.id = paper.name
        made.header.type_code = _CREDIT_NOTE if paper.credits else _INVOICE
        made.header.issue_date_time = _moment(paper.issued)
        self._parties(made.trade.agreement)
        made.trade.delivery.event.occurrence = _moment(paper.until)
        for number, line in enumerate(paper.lines, 1):
            made.trade.items.add(self._line(number, line.words, line.net))
        self._settlement(made.trade.settlement)
        return bytes(made.serialize(schema=_SCHEMA))

    def _parties(self, agreement: Any) -> None:  # noqa: ANN401 - drafthorse has no types
        from drafthorse.models.party import TaxRegistration  # noqa: PLC0415 - an extra

        paper = self.paper
        agreement.buyer_reference = paper.buyer.get("reference", "") or None
        for party, told in ((agreement.seller, paper.seller), (agreement.buyer, paper.buyer)):
            party.name = told["name"]
            party.address.line_one = told["street"]
            party.address.postcode = told["postcode"]
            party.address.city_name = told["city"]
            party.address.country_id = told["country"]
            for scheme, number in (("VA", told.get("vat_id")), ("FC", told.get("tax_number"))):
                if number:
                    party.tax_registrations.add(TaxRegistration(id=(scheme, number)))
            if told.get("email"):
                party.electronic_address.uri_ID = ("EM", told["email"])
            self._contact(party.contact, told)

    def _contact(self, contact: Any, told: Mapping[str, str]) -> None:  # noqa: ANN401 - as above
        if told.get("contact"):
            contact.person_name = told["contact"]
            if told.get("phone"):
                contact.telephone.number = told["phone"]
            if told.get("email"):
                contact.email.address = told["email"]

    def _line(self, number: int, words: str, net: Decimal) -> Any:  # noqa: ANN401 - as above
        from drafthorse.models.tradelines import LineItem  # noqa: PLC0415 - an extra

        tax, item = self.paper.tax, LineItem()
        item.document.line_id = str(number)
        item.product.name = words
        item.agreement.net.amount = net
        item.delivery.billed_quantity = (Decimal(1), _ONE)
        item.settlement.trade_tax.type_code = "VAT"
        item.settlement.trade_tax.category_code = tax.category
        if tax.category != "O":
            item.settlement.trade_tax.rate_applicable_percent = tax.percent
        item.settlement.monetary_summation.total_amount = net
        return item

    def _settlement(self, settlement: Any) -> None:  # noqa: ANN401 - as above
        from drafthorse.models.accounting import ApplicableTradeTax  # noqa: PLC0415 - an extra
        from drafthorse.models.payment import PaymentMeans, PaymentTerms  # noqa: PLC0415 - an extra

        paper, tax = self.paper, self.paper.tax
        settlement.payment_reference = paper.name
        settlement.currency_code = paper.currency
        settlement.period.start = _moment(paper.since)
        settlement.period.end = _moment(paper.until)
        if paper.payment.get("iban"):
            means = PaymentMeans(type_code=_TRANSFER)
            means.payee_account.iban = paper.payment["iban"]
            means.payee_account.account_name = paper.payment["holder"]
            if paper.payment.get("bic"):
                means.payee_institution.bic = paper.payment["bic"]
            settlement.payment_means.add(means)
        found = ApplicableTradeTax(type_code="VAT", category_code=tax.category)
        found.calculated_amount, found.basis_amount = tax.amount, paper.total
        if tax.category != "O":
            found.rate_applicable_percent = tax.percent
        if tax.reason:
            found.exemption_reason = tax.reason
        settlement.trade_tax.add(found)
        settlement.terms.add(PaymentTerms(due=_moment(paper.due)))
        sums = settlement.monetary_summation
        sums.line_total = sums.tax_basis_total = paper.total
        sums.tax_total = (tax.amount, paper.currency)
        sums.grand_total = sums.due_amount = paper.gross
        if paper.credits:
            settlement.invoice_referenced_document.issuer_assigned_id = paper.credits


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a day without a zone
