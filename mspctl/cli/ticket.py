"""`mspctl ticket`: tickets of another system in, the time on them out."""

from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

import click

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.desk.calls import Call


@click.group("ticket")
def command() -> None:
    """Take tickets in as calls, and send the time of calls to the ticket system.

    mspctl is no ticket system. A ticket is JSON: client, ticket (its number there), title, and perhaps
    priority and asked. The same ticket again is the same call.
    """


@command.command("take")
@click.argument("file", type=click.File("rb"), default="-")
@pass_session
def take(session: Session, /, file: BinaryIO) -> None:
    """Take in the ticket in FILE, or on the standard input."""
    from mspctl.parse.ticketfiles import MAX_BYTES  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.tickets import take_ticket  # noqa: PLC0415 - as above

    call, new = take_ticket(session.app, file.read(MAX_BYTES + 1))
    if session.console.wants_json:
        session.console.json({"call": call.number, "client": call.client, "new": new})
    else:
        session.console.out(_told(call, new=new))


@command.command("send")
@click.argument("number", type=click.IntRange(1))
@pass_session
def send(session: Session, /, number: int) -> int:
    """Send the time of call NUMBER to the ticket system, all of it, again if need be."""
    from mspctl.wiring.tickets import send_time  # noqa: PLC0415 - --help needs none of it

    trouble = send_time(session.app, number)
    if session.console.wants_json:
        session.console.json({"call": number, "sent": not trouble, "trouble": trouble or None})
    elif trouble:
        session.console.error(f"mspctl: the time of call {number} was not taken: {trouble}")
    else:
        session.console.out(f"call {number}: its time was taken")
    return Exit.BAD_HOSTS if trouble else Exit.GOOD


@command.command("listen")
@click.option("--address", default="127.0.0.1", show_default=True, metavar="IP", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8085, show_default=True, help="On which port.")
@pass_session
def listen(session: Session, /, address: str, port: int) -> None:
    """Take in tickets that are POSTed to /tickets, until it is stopped.

    Each request is signed: X-Mspctl-Signature: sha256=HMAC of the body with the secret of `tickets` in
    inventory/mspctl.yml. A web server in front of it has to speak TLS.
    """
    from mspctl.wiring.ticketdoor import Door  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.tickets import take_ticket, ticket_secret  # noqa: PLC0415 - as above

    console, app = session.console, session.app

    def taken(content: bytes) -> dict[str, object]:
        call, new = take_ticket(app, content)
        console.error(_told(call, new=new))
        return {"call": call.number, "new": new}

    secret = ticket_secret(app)
    try:
        door = Door((address, port), secret, taken, console.error)
    except OSError as error:
        raise UsageError(f"cannot listen on {address} port {port}: {error.strerror}") from error
    with door:
        console.error(f"mspctl: listening on {address} port {door.server_address[1]}")
        with suppress(KeyboardInterrupt):  # also SIGTERM, with which a service is stopped
            door.serve_forever()


def _told(call: "Call", *, new: bool) -> str:
    known = "" if new else ", known already"
    return f"call {call.number}, {call.client}, {call.title}: ticket {call.ticket}{known}"
