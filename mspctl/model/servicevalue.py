"""What a client's month was worth: work, planned and called for, outages, and what an hour brought in."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Work:
    """Raw seconds of people, by whether somebody had called for it. `unbilled` is part of both."""

    reactive: int = 0
    planned: int = 0
    unbilled: int = 0
    reactive_calls: int = 0
    planned_calls: int = 0

    @property
    def seconds(self) -> int:
        """All of it."""
        return self.reactive + self.planned


@dataclass(frozen=True, slots=True)
class HourlyRate:
    """What an hour of work brought in, for the provider's eyes only.

    `cost` is what others are paid for tools and licences in the contract, `retail` what those would have cost
    the client by themselves.
    """

    currency: str
    revenue: Decimal
    cost: Decimal
    retail: Decimal
    seconds: int

    @property
    def gross(self) -> Decimal | None:
        """All that was billed, by the hour; None without work."""
        return self._by_the_hour(self.revenue)

    @property
    def net_of_cost(self) -> Decimal | None:
        """Less what others were paid."""
        return self._by_the_hour(self.revenue - self.cost)

    @property
    def net_of_retail(self) -> Decimal | None:
        """Less what the client would have paid others."""
        return self._by_the_hour(self.revenue - self.retail)

    def _by_the_hour(self, amount: Decimal) -> Decimal | None:
        return (amount * _HOUR / self.seconds).quantize(_CENT, ROUND_HALF_UP) if self.seconds else None


@dataclass(frozen=True, slots=True)
class Outage:
    """A service in the agreed hours: seconds down, and how much of the time anybody looked (0 to 1)."""

    service: str
    up: int
    down: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Machines:
    """What ran at the client by itself, and what ran while somebody was at work on a call."""

    planned_runs: int = 0
    planned_hosts: int = 0
    called_runs: int = 0
    called_hosts: int = 0


@dataclass(frozen=True, slots=True)
class ServiceValue:
    """A client's month. Hosts are counted as the inventory has them now."""

    month: date
    hosts: int
    work: Work
    machines: Machines
    outages: tuple[Outage, ...]
    incidents: int
    rates: tuple[HourlyRate, ...]

    @property
    def hours_per_host(self) -> Decimal | None:
        """All work; None without hosts."""
        return self._per_host(self.work.seconds)

    @property
    def reactive_hours_per_host(self) -> Decimal | None:
        """Work that somebody called for: the number that maintenance is to bring down."""
        return self._per_host(self.work.reactive)

    def _per_host(self, seconds: int) -> Decimal | None:
        if not self.hosts:
            return None
        return (Decimal(seconds) / _HOUR / self.hosts).quantize(_CENT, ROUND_HALF_UP)
