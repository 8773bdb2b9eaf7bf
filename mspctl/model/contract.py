"""What a client has agreed to pay: contracts as they stand in the client's file, each from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

ZERO = Decimal(0)
ONE = Decimal(1)


class Plan(StrEnum):
    """How a client pays."""

    BREAK_FIX = "break_fix"
    BLOCK_HOURS = "block_hours"
    RETAINER = "retainer"
    MANAGED = "managed"
    HYBRID = "hybrid"


class Counting(StrEnum):
    """What increment and minimum are applied to, once each."""

    ENTRY = "entry"
    CALL = "call"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Opening:
    """Business hours of one weekday (Monday is 0), in minutes after local midnight."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day (all three numbers), each year's day (no year), or so many days after Easter Sunday."""

    year: int | None = None
    month: int = 0
    day: int = 0
    easter: int | None = None


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When the normal rate holds. No openings: always."""

    timezone: str = "UTC"
    openings: tuple[Opening, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    region: str = ""
    """A country, or a part of one (`DE-BY`), whose public holidays count as well."""


def no_prices() -> Mapping[str, Decimal]:
    """An empty, immutable price list."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Labour:
    """The price of work: a rate by skill, a factor by type of work, and how time is counted (seconds)."""

    rate: Decimal
    skills: Mapping[str, Decimal] = field(default_factory=no_prices)
    work: Mapping[str, Decimal] = field(default_factory=no_prices)
    increment: int = 60
    minimum: int = 0
    per: Counting = Counting.CALL
    incident: Decimal | None = None
    """A fixed price per call, in place of its hours."""


@dataclass(frozen=True, slots=True)
class Surcharges:
    """Factors on the rate, 1 or more; the highest that applies counts, they are never multiplied."""

    after_hours: Decimal = ONE
    holiday: Decimal = ONE
    emergency: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Travel:
    """What a visit costs besides the work: a fee, kilometres, and the way at a share of the rate."""

    fee: Decimal = ZERO
    per_km: Decimal = ZERO
    time: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BlockPurchase:
    """Hours bought in advance; used by the day of the work, valid for `months` (None: for ever)."""

    bought: date
    hours: Decimal
    price: Decimal
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Retainer:
    """Money paid each month, worked off at the rates of labour."""

    fee: Decimal
    rollover_months: int = 0


@dataclass(frozen=True, slots=True)
class PriceTier:
    """The price of each unit above a count."""

    above: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Subscription:
    """The monthly fee of a managed contract."""

    flat: Decimal = ZERO
    per: Mapping[str, tuple[PriceTier, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Kind of unit (a host's criticality, or `user`) → its tiers."""
    users: int = 0
    minimum: Decimal = ZERO
    setup_fee: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Included:
    """Hours of labour that the fee pays for each month."""

    hours: Decimal
    rollover_months: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised for a priority, in seconds; on the business clock, or around the clock."""

    respond: int | None = None
    resolve: int | None = None
    around_the_clock: bool = False
    holds: frozenset[str] = frozenset({"client"})
    """Waiting for whom stops the clock."""


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """What others are paid each month for what the fee includes, and what it would cost the client itself."""

    name: str
    cost: Decimal
    retail: Decimal


@dataclass(frozen=True, slots=True)
class Contract:
    """What holds from `since` until the next contract of the client begins.

    `until` is the day on which that is (not included), None for the last one.
    """

    plan: Plan
    since: date
    currency: str
    labour: Labour | None = None
    surcharges: Surcharges = Surcharges()
    travel: Travel = Travel()
    hours: BusinessHours = BusinessHours()
    blocks: tuple[BlockPurchase, ...] = ()
    low_hours: Decimal = ZERO
    """A block balance below this is worth a notice."""
    retainer: Retainer | None = None
    subscription: Subscription | None = None
    included: Included | None = None
    excludes: frozenset[str] = frozenset()
    """Types of work that neither fee nor hours pay for."""
    hosts: frozenset[str] | None = None
    """Names of the hosts that fee and hours are for; None: all."""
    targets: Mapping[str, Target] = field(default_factory=lambda: MappingProxyType({}))
    third_parties: tuple[ThirdParty, ...] = ()
    """For the provider's own figures; never on a bill."""
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """True from the first day to the last."""
        return self.since <= day and (self.until is None or day < self.until)

    def is_about(self, hosts: frozenset[str]) -> bool:
        """True for work on one of its hosts, and for work on no host in particular."""
        return self.hosts is None or not hosts or not self.hosts.isdisjoint(hosts)


def contract_on(contracts: tuple[Contract, ...], day: date) -> Contract | None:
    """The contract that holds on a day; None before the first."""
    return next((contract for contract in contracts if contract.holds_on(day)), None)
