"""Tickets of another system: what comes in, and where the time on them goes."""

from dataclasses import dataclass
from datetime import datetime

from mspctl.model.secret import SecretRef


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a client asked for, as the ticket system tells it. `number` is that system's own."""

    client: str
    number: str
    title: str
    priority: str = ""
    asked: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketSystem:
    """The other side: both directions are signed with `secret`. No `time_url`: nothing is sent."""

    secret: SecretRef
    time_url: SecretRef | None = None
