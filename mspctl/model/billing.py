"""Work and what it costs: entries of time on one side, the lines of a bill on the other."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from mspctl.model.contract import ZERO

NORMAL_WORK = "support"
"""The type of work that nobody has named otherwise."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stretch of somebody's work on a call: `start` and `end` are aware, raw, and never rounded."""

    call: int
    technician: str
    start: datetime
    end: datetime
    title: str = ""
    skill: str = ""
    work: str = NORMAL_WORK
    emergency: bool = False
    hosts: frozenset[str] = frozenset()
    """Names of the hosts that it was about; empty if nobody named one."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A way to the client and back."""

    call: int
    day: date
    km: Decimal = ZERO
    seconds: int = 0
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """All that was done for a client."""

    entries: tuple[Entry, ...] = ()
    visits: tuple[Visit, ...] = ()


class LineKind(StrEnum):
    """What a line is for."""

    LABOUR = "labour"
    INCIDENT = "incident"
    TRAVEL = "travel"
    BLOCK = "block"
    RETAINER = "retainer"
    SUBSCRIPTION = "subscription"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `amount` at list price, of which `covered` is paid already; both rounded to the currency."""

    day: date
    kind: LineKind
    text: str
    quantity: Decimal
    unit: str
    amount: Decimal
    covered: Decimal = ZERO
    call: int | None = None
    work: str = ""
    worked_seconds: int = 0
    billed_seconds: int = 0
    outside: bool = False
    """Work on hosts that the contract is not about: nothing that was paid before pays for it."""

    @property
    def net(self) -> Decimal:
        """What is to be paid."""
        return self.amount - self.covered


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of hours or money paid in advance, in money at the normal rate."""

    name: str
    granted: Decimal
    used: Decimal
    lapsed: Decimal
    left: Decimal
    hours_left: Decimal
    low: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """A client's month: the total is the sum of the rounded lines."""

    month: date
    """Its first day."""
    currency: str
    lines: tuple[Line, ...]
    balances: tuple[Balance, ...] = ()

    @property
    def total(self) -> Decimal:
        """The sum of what is to be paid."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def worked_seconds(self) -> int:
        """Raw time of the lines."""
        return sum(line.worked_seconds for line in self.lines)
