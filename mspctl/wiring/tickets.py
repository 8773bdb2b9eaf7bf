"""Tickets that come in become calls that nobody is at work on yet; the time on them goes out again."""

import json
from contextlib import closing
from zoneinfo import ZoneInfo

from mspctl.desk.calls import Call, folded
from mspctl.errors import UsageError
from mspctl.model.call import CallRecord, CallWord
from mspctl.model.secret import Secret
from mspctl.model.ticketing import TicketSystem
from mspctl.notify.webhook import send
from mspctl.parse.ticketfiles import parse_ticket
from mspctl.wiring.app import App
from mspctl.wiring.desk import calls_of, client_of

SENDER = "tickets"
"""Who writes down what a ticket system tells."""


def take_ticket(app: App, content: bytes) -> tuple[Call, bool]:
    """Make a call of a ticket; the same ticket again is the same call. True if it is new.

    Raises:
        UsageError: it is no ticket, or of no client.
        LockHeld: another one is being taken in for longer than anybody waits.
    """
    ticket = parse_ticket(content)
    client = client_of(app, ticket.client)
    now = app.clock.now()
    asked = min(ticket.asked or now, now)  # their clock may be ahead of ours
    with app.lock(client.slug, "ticket", ("ticket",)), closing(app.open_store()) as store:
        calls = folded(store.call_records({client.slug}))
        known = next((call for call in calls if call.ticket == ticket.number), None)
        if known is not None:
            return known, False
        fields = {"ticket": ticket.number} | ({"priority": ticket.priority} if ticket.priority else {})
        record = CallRecord(0, client.slug, CallWord.ASKED, asked, now, SENDER, ticket.title, fields)
        number = store.write_call(record)
        return next(c for c in folded(store.call_records({client.slug})) if c.number == number), True


def ticket_secret(app: App) -> Secret:
    """What both sides sign with. Raises UsageError: the provider's file names none."""
    return app.secrets.resolve(_system(app).secret)


def send_time(app: App, number: int) -> str:
    """Send the time of a call; empty if the other side took it, otherwise why not.

    Raises:
        UsageError: there is no such call, or nobody is to get it.
    """
    system = _system(app)
    if system.time_url is None:
        raise UsageError("nobody is to get the time", hint="`tickets: {time_url: …}` in inventory/mspctl.yml")
    call = next((each for each in calls_of(app, ()) if each.number == number), None)
    if call is None:
        raise UsageError(f"there is no call {number}", hint="see `mspctl call list`")
    content = json.dumps(_told(app, call), separators=(",", ":")).encode()
    url, secret = app.secrets.resolve(system.time_url), app.secrets.resolve(system.secret)
    return send(url, secret, content, f"mspctl-{call.number}-{len(call.records)}")


def wants_time(app: App) -> bool:
    """True if a ticket system is to get the time of each call that is stopped."""
    system = app.inventory([]).provider.tickets
    return system is not None and system.time_url is not None


def _system(app: App) -> TicketSystem:
    system = app.inventory([]).provider.tickets
    if system is None:
        raise UsageError("there is no ticket system", hint="`tickets: {secret: …}` in inventory/mspctl.yml")
    return system


def _told(app: App, call: Call) -> dict[str, object]:
    """All stretches that count; the other side replaces what it has of the call by this."""
    zone = ZoneInfo(client_of(app, call.client).timezone)
    return {
        "client": call.client,
        "ticket": call.ticket,
        "call": call.number,
        "title": call.title,
        "version": len(call.records),
        "work": call.work,
        "skill": call.skill,
        "cause": call.cause,
        "billable": call.billable,
        "solved": call.solved.astimezone(zone).isoformat() if call.solved else None,
        "time": [
            {
                "technician": stretch.technician,
                "start": stretch.start.astimezone(zone).isoformat(),
                "end": stretch.end.astimezone(zone).isoformat(),
                "seconds": int((stretch.end - stretch.start).total_seconds()),
            }
            for stretch in call.stretches
            if stretch.end is not None
        ],
        "notes": [note.text for note in call.notes],
    }
