"""An invoice as a page: for the screen, for paper, and as the visible part of one for programs."""

from collections.abc import Iterator
from decimal import Decimal

from mspctl.report.pages.look import Look
from mspctl.report.pages.sheet import Heading, sheet
from mspctl.report.wording.invoicetext import Paper, address


def invoice_page(paper: Paper, look: Look, provider: str, client: str) -> str:
    """The page; the client is called as on its invoices, if that is known."""
    speech = look.speech
    buyer = paper.buyer.get("name", client)
    seller = paper.seller.get("name", provider)
    heading = Heading(seller, buyer, paper.title, speech.day(paper.issued), confidential=False)
    return sheet("invoice.html.j2", look, heading, {"page": _Page(paper, look), "paper_": paper})


class _Page:
    """What the template shows, in the words of one language."""

    def __init__(self, paper: Paper, look: Look) -> None:
        self._paper = paper
        self._speech = look.speech
        self.seller = address(paper.seller)
        self.buyer = address(paper.buyer)

    @property
    def contact(self) -> str:
        """Whom to ask; empty if nobody is named."""
        told = (self._paper.seller.get(name) for name in ("contact", "phone", "email"))
        return ", ".join(filter(None, told))

    def money(self, amount: Decimal) -> str:
        """In the invoice's currency."""
        return self._speech.money(amount, self._paper.currency)

    @property
    def covers(self) -> bool:
        """True if anything was paid before."""
        return any(line.covered for line in self._paper.lines)

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """What belongs beside the addresses."""
        paper, speech, say = self._paper, self._speech, self._speech.say
        if paper.credits:
            yield say("Takes back"), paper.credits
        since, until = speech.plain_day(paper.since), speech.plain_day(paper.until)
        yield say("Period"), f"{since} \u2013 {until}"
        if paper.buyer.get("reference"):
            yield say("Your reference"), paper.buyer["reference"]
        for name, party in ((say("Our VAT number"), paper.seller), (say("Your VAT number"), paper.buyer)):
            if party.get("vat_id"):
                yield name, party["vat_id"]
        if paper.seller.get("tax_number"):
            yield say("Our tax number"), paper.seller["tax_number"]

    @property
    def tax(self) -> str:
        """Of which rate."""
        paper, speech = self._paper, self._speech
        percent = paper.tax.percent / 100
        digits = max(0, -int(paper.tax.percent.normalize().as_tuple().exponent))
        return speech.say("VAT {percent}", percent=speech.percent(percent, digits))

    @property
    def terms(self) -> Iterator[str]:
        """How it is paid."""
        paper, say = self._paper, self._speech.say
        if not paper.complete:
            yield say("All amounts are net.")
            return
        if paper.tax.reason:
            yield paper.tax.reason
        if paper.credits or not paper.name:
            return
        if not paper.gross:
            yield say("Nothing is to be paid.")
            return
        if paper.payment.get("iban"):
            bic = f", BIC {paper.payment['bic']}" if paper.payment.get("bic") else ""
            yield say(
                "Please pay {amount} by {day} to {holder}, IBAN {iban}{bic}; reference {name}.",
                amount=self.money(paper.gross),
                day=self._speech.day(paper.due),
                holder=paper.payment["holder"],
                iban=_in_fours(paper.payment["iban"]),
                bic=bic,
                name=paper.name,
            )
        else:
            yield say("Please pay by {day}.", day=self._speech.day(paper.due))

    @property
    def balances(self) -> Iterator[str]:
        """What is left of what was paid in advance."""
        say = self._speech.say
        for each in self._paper.balances:
            text = say(
                "{what}: {left} are left, {hours} h at the normal rate.",
                what=each.words,
                left=self.money(each.left),
                hours=self._speech.number(each.hours, 2),
            )
            little = say("That is little: please buy the next hours in time.")
            yield f"{text} {little}" if each.low else text


def _in_fours(iban: str) -> str:
    return "\u00a0".join(iban[place : place + 4] for place in range(0, len(iban), 4))
