"""Tickets as a ticket system sends them, and the block `tickets` of the provider's file."""

import json
import re
from datetime import UTC, datetime

from pydantic import Field

from mspctl.errors import UsageError
from mspctl.model.suggestion import did_you_mean
from mspctl.model.ticketing import Ticket, TicketSystem
from mspctl.parse.block import Block
from mspctl.parse.fields import Reference

MAX_BYTES = 64 * 1024
_KEYS = ("client", "ticket", "title", "priority", "asked")
_NEEDED = ("client", "ticket", "title")
_LONGEST = 300
_FIRST_YEAR = 2000
_LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""Later moments would not be in every zone; all of them are later than now."""
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Controls, what turns the direction of writing, and halves of characters."""


class TicketsBlock(Block):
    """A ticket system that sends tickets and takes time. What goes over is signed (HMAC-SHA256)."""

    secret: Reference = Field(description="what both sides sign with")
    time_url: Reference | None = Field(
        None, description="where the time of a call goes when it is stopped; an https URL, kept as a secret"
    )


def ticket_system_of(block: TicketsBlock | None) -> TicketSystem | None:
    """The system that the provider's file names."""
    return None if block is None else TicketSystem(block.secret, block.time_url)


def parse_ticket(content: bytes) -> Ticket:
    """A ticket as JSON: client, ticket and title; priority and asked (with its zone) may be left out.

    Raises:
        UsageError: it is none; nothing of it is repeated but the names of its keys.
    """
    if len(content) > MAX_BYTES:
        raise UsageError(f"a ticket has at most {MAX_BYTES // 1024} KiB")
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise UsageError("the ticket is no JSON") from None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise UsageError("the ticket is no object of texts", hint=f"its keys: {', '.join(_KEYS)}")
    for key in told:
        if key not in _KEYS:
            raise UsageError(f"the key {key[:40]!r} is not known here", hint=did_you_mean(key, _KEYS))
    for key in _NEEDED:
        if not _line(told.get(key, "")):
            raise UsageError(f"`{key}` is missing")
    fields = {key: _line(told.get(key, "")) for key in _KEYS}
    return Ticket(
        fields["client"], fields["ticket"], fields["title"], fields["priority"], _moment(fields["asked"])
    )


def _line(text: str) -> str:
    return _STEERING.sub(" ", text).strip()[:_LONGEST]


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year < _FIRST_YEAR:
        raise UsageError("`asked` is no time", hint="with its zone, as 2026-11-03T18:30+01:00 or …Z")
    return min(found, _LAST).astimezone(UTC)
