"""What lies ahead of a client: dated items, a budget by quarter, and what more hosts would mean."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Where an item comes from."""

    SUPPORT = "support"
    WARRANTY = "warranty"
    CAPACITY = "capacity"
    RECURRING = "recurring"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Asset:
    """A device as its vendor's list has it."""

    host: str
    serial: str = ""
    model: str = ""
    bought: date | None = None
    warranty_until: date | None = None
    price: Decimal | None = None
    """Of its replacement."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What a person wrote down, with who owns it and until when."""

    what: str
    why: str
    owner: str
    by: date
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """The file that a person writes: prices by kind of host (and `upgrade`), and risks."""

    currency: str = ""
    prices: tuple[tuple[str, Decimal], ...] = ()
    risks: tuple[Risk, ...] = ()

    def price(self, kind: str) -> Decimal | None:
        """Of a new host of a kind, or of an upgrade; None: nobody has said."""
        return dict(self.prices).get(kind)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a host: its kind, its system and until when that gets fixes (None: not known)."""

    host: str
    kind: str
    system: str = ""
    supported_until: date | None = None
    extended_until: date | None = None
    rolling: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """A file system with the soonest day on which it is full."""

    host: str
    mount: str
    soonest: date
    sure: bool


@dataclass(frozen=True, slots=True)
class Recurring:
    """What came again: a cause of calls, or a probe whose incidents opened again."""

    cause: str
    times: int
    seconds: int
    first: date
    last: date
    from_calls: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the plan. `due` is None if it has no date, `price` if nobody has said one."""

    reason: Reason
    subject: str
    due: date | None
    owner: str
    price: Decimal | None
    evidence: tuple[str, ...] = ()
    """What it is made of, for whoever puts it into words: system, model, count, and so on."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter's budget; `unpriced` items are due in it at a price that nobody has said."""

    start: date
    amount: Decimal
    items: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class More:
    """What so many more hosts of a kind would mean each month; None: nothing to tell it from."""

    hosts: int
    kind: str
    fee: Decimal | None
    currency: str
    hours: Decimal | None
    months: int
    """How many months the hours are an average of."""


@dataclass(frozen=True, slots=True)
class Roadmap:
    """All of it. `unknown` are hosts of which neither support nor warranty is known."""

    client: str
    made: date
    currency: str
    items: tuple[Item, ...]
    quarters: tuple[Quarter, ...]
    unknown_support: tuple[str, ...]
    unknown_warranty: tuple[str, ...]
    more: More | None = None
