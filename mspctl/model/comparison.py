"""The same work under several plans, month by month: what each would have cost, and what follows from it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from mspctl.model.contract import ZERO, Contract
from mspctl.model.servicevalue import HourlyRate

ENOUGH_MONTHS = 12
"""With fewer months nothing is said about a usual month or about chance."""


@dataclass(frozen=True, slots=True)
class BlockOffer:
    """A block of hours that is bought whenever the last one is used up; valid for `months`, None for ever."""

    hours: Decimal
    price: Decimal
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that the client could have; the first day of its contract is not yet known."""

    name: str
    contract: Contract
    block: BlockOffer | None = None


@dataclass(frozen=True, slots=True)
class DowntimeRate:
    """What an hour of downtime costs the client, as the client itself has said."""

    per_hour: Decimal
    agreed: date
    by: str


@dataclass(frozen=True, slots=True)
class Plans:
    """What is compared. Setup fees are spread over `onboarding_months`. The first offer is held against."""

    offers: tuple[Offer, ...]
    onboarding_months: int = 12
    downtime: DowntimeRate | None = None


@dataclass(frozen=True, slots=True)
class PlanCost:
    """What an offer would have cost in each month; with its part of the setup fee."""

    offer: Offer
    months: tuple[Decimal, ...]
    setup: Decimal
    setup_part: Decimal
    """Of each month."""
    rate: HourlyRate
    """What an hour of work would have brought in; for staff only."""
    usual: Decimal | None = None
    """P50 of the months, None with too few of them; `dear` is P90."""
    dear: Decimal | None = None
    spread: Decimal | None = None
    """Standard deviation by mean: 0 is the same each month."""

    @property
    def name(self) -> str:
        """Of the offer."""
        return self.offer.name

    @property
    def total(self) -> Decimal:
        """All months."""
        return sum(self.months, ZERO)

    @property
    def worst(self) -> int:
        """The index of the dearest month."""
        return self.months.index(max(self.months))


@dataclass(frozen=True, slots=True)
class Span:
    """What the saving of as many months would be in 5, 50 and 95 of 100 drawings from these months."""

    low: Decimal
    middle: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class CallVolume:
    """So many calls a month, of the same kind as there were, and the hours of work on them."""

    calls: Decimal
    hours: Decimal


@dataclass(frozen=True, slots=True)
class BreakEven:
    """With how many calls a rival is not dearer, of the numbers that were tried (none to four times as many).

    Costs may cross more than once, for a block of hours is bought whole: each statement holds for all
    numbers that it speaks of. Neither with `ever`: only for some in between. Neither without: for none.
    """

    up_to: CallVolume | None
    """From no call to so many."""
    since: CallVolume | None
    """From so many on."""
    ever: bool

    @property
    def always(self) -> bool:
        """Whatever the number."""
        return self.since is not None and not self.since.calls


@dataclass(frozen=True, slots=True)
class Rival:
    """An offer against the first one. A saving below zero is what it would have cost more."""

    cost: PlanCost
    saving: Decimal
    dearer: tuple[int, ...]
    """The indices of the months in which the rival would have been dearer."""
    range: Span | None
    break_even: BreakEven | None
    """None: there were no calls."""


class Verdict(StrEnum):
    """What the history says."""

    STAY = "stay"
    CHANGE = "change"
    UNCLEAR = "unclear"
    TOO_LITTLE = "too_little_data"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it. `down` are seconds of downtime in the agreed hours: shown beside the costs, never added."""

    client: str
    currency: str
    months: tuple[date, ...]
    calls: tuple[int, ...]
    seconds: tuple[int, ...]
    down: tuple[int | None, ...]
    """None: nobody watched in that month."""
    first: PlanCost
    rivals: tuple[Rival, ...]
    verdict: Verdict
    best: str
    """The offer with the lowest total."""
    onboarding_months: int
    hosts: int
    downtime: DowntimeRate | None = None
    doubts: tuple[str, ...] = ()
    """What is not certain about the hosts that fees were counted for, for staff."""
    doubtful: int = 0
    """In so many months."""

    @property
    def enough(self) -> bool:
        """True if there are months enough to speak of usual ones."""
        return len(self.months) >= ENOUGH_MONTHS

    @property
    def costs(self) -> tuple[PlanCost, ...]:
        """Of all offers, the first one first."""
        return (self.first, *(each.cost for each in self.rivals))
