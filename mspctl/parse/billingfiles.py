"""The shape of `billing` in the inventory: who sends invoices to whom, taxes as agreed, how they are paid.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from mspctl.model.invoicing import Buyer, Party, Payment, Seller, Tax, TaxCategory
from mspctl.parse.block import Block
from mspctl.parse.contractfiles import Money
from mspctl.parse.fields import Line, Whole, enum_word, wrong
from mspctl.parse.mailfiles import Mailbox

Country = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}$")]
VatId = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}[A-Za-z0-9+*]{2,13}$")]
Iban = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{1,4}){3,8}$")]
Bic = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
Category = Annotated[TaxCategory, *enum_word(TaxCategory)]
DueDays = Annotated[Whole, Field(ge=0, le=365)]
_MODULUS = 97


class TaxBlock(Block):
    """The tax on all lines. mspctl knows no tax law: what stands here is what stands on the invoice."""

    percent: Money = Field(description="such as 19")
    category: Category | None = Field(
        None, description="S (standard), Z, E, AE (reverse charge), K, G or O; S if not set"
    )
    reason: Line | None = Field(None, description="why there is no tax; needed with E, AE, K, G and O")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        category = self.category or TaxCategory.STANDARD
        if category is TaxCategory.STANDARD and not 0 < self.percent <= 100:  # noqa: PLR2004 - percent
            raise wrong(f"{self.percent} percent is no standard rate", "0 has a category of its own")
        if category is not TaxCategory.STANDARD and self.percent:
            raise wrong(f"the category {category} has no tax, but {self.percent} percent stand here")
        if category in {*TaxCategory} - {TaxCategory.STANDARD, TaxCategory.ZERO} and not self.reason:
            raise wrong(f"the category {category} needs a `reason`")
        return self


class PartyBlock(Block):
    """A company as it stands on an invoice."""

    name: Line | None = Field(None, description="as in the register; the name above if not set")
    street: Line
    postcode: Line
    city: Line
    country: Country = Field(description="two letters, as DE")
    vat_id: VatId | None = Field(None, description="such as DE123456789")
    contact: Line | None = Field(None, description="whom to ask")
    phone: Line | None = None
    email: Mailbox | None = None


class SellerBlock(PartyBlock):
    """The provider on its invoices."""

    tax_number: Line | None = Field(None, description="that of the tax office, if there is no vat_id")
    iban: Iban | None = None
    bic: Bic | None = None
    holder: Line | None = Field(None, description="of the account; the provider if not set")
    due_days: DueDays | None = Field(None, description="14")
    tax: TaxBlock

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.vat_id is None and self.tax_number is None:
            raise wrong("an invoice needs `vat_id` or `tax_number` of its sender")
        if self.iban is not None and not _adds_up(self.iban):
            raise wrong("the check digits of the IBAN are wrong")
        return self


class BuyerBlock(PartyBlock):
    """The client on its invoices."""

    reference: Line | None = Field(None, description="what it wants to read there: cost centre, Leitweg-ID")
    due_days: DueDays | None = Field(None, description="the provider's if not set")
    tax: TaxBlock | None = Field(None, description="the provider's if not set")


def _adds_up(iban: str) -> bool:
    text = iban.replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return int(digits) % _MODULUS == 1


def seller_of(block: SellerBlock | None, name: str) -> Seller | None:
    """The provider, if its file says enough."""
    if block is None:
        return None
    party = _party(block, name, block.tax_number or "", "")
    payment = Payment(
        (block.iban or "").replace(" ", ""),
        block.bic or "",
        block.holder or party.name,
        14 if block.due_days is None else block.due_days,
    )
    return Seller(party, _tax(block.tax), payment)


def buyer_of(block: BuyerBlock | None, name: str) -> Buyer | None:
    """The client, if its file says enough."""
    if block is None:
        return None
    party = _party(block, name, "", block.reference or "")
    return Buyer(party, _tax(block.tax) if block.tax else None, block.due_days)


def _party(block: PartyBlock, name: str, tax_number: str, reference: str) -> Party:
    return Party(
        block.name or name,
        block.street,
        block.postcode,
        block.city,
        block.country,
        block.vat_id or "",
        tax_number,
        block.contact or "",
        block.phone or "",
        block.email or "",
        reference,
    )


def _tax(block: TaxBlock) -> Tax:
    return Tax(block.category or TaxCategory.STANDARD, Decimal(block.percent), block.reason or "")
