"""Who sends invoices to whom, and how they are paid. Taxes are what somebody wrote down, no law."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class TaxCategory(StrEnum):
    """The categories of EN 16931 (UNTDID 5305) that services have."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    NOT_SUBJECT = "O"


@dataclass(frozen=True, slots=True)
class Tax:
    """One rate for all lines; `reason` says why there is none."""

    category: TaxCategory
    percent: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A company as it stands on an invoice."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    """Two letters."""
    vat_id: str = ""
    tax_number: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    reference: str = ""
    """What the buyer wants to read on it, such as a cost centre or a Leitweg-ID."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Where to, and within how many days."""

    iban: str = ""
    bic: str = ""
    holder: str = ""
    due_days: int = 14


@dataclass(frozen=True, slots=True)
class Seller:
    """The provider, with what holds for all clients that have nothing of their own."""

    party: Party
    tax: Tax
    payment: Payment


@dataclass(frozen=True, slots=True)
class Buyer:
    """A client, with what is different for it."""

    party: Party
    tax: Tax | None = None
    due_days: int | None = None
