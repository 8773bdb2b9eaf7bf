"""`mspctl status`: how the fleet or one client stands, on a terminal, as plain text or as JSON."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.report.staff.concern import Concern
    from mspctl.report.staff.fleet import ClientView, Exemption, Fleet, HostView, Light


@click.command("status")
@click.option("--client", metavar="NAME", help="Only this client, with its computers.")
@click.option(
    "--watch",
    "every",
    type=click.IntRange(1, 86_400),
    metavar="SECONDS",
    help="Look again and again; ^C ends it.",
)
@pass_session
def command(session: Session, /, client: str | None, every: int | None) -> None:
    """Show how the fleet stands: clients by risk, and what somebody has to look at, the gravest first.

    Reads the inventory and the run log; connects to no host. A terminal shows as much as fits, anything else
    gets everything.
    """
    from mspctl.wiring.fleet import fleet_of  # noqa: PLC0415 - --help needs none of it

    app, console = session.app, session.console

    def look() -> "Fleet":
        return fleet_of(app, app.inventory({client} if client else None))

    if every is not None:
        if console.wants_json or not console.terminal:
            raise UsageError("--watch is for a terminal", hint="without it, status prints once")
        from mspctl.cli.dashboard import watch  # noqa: PLC0415 - rich is slow to import

        watch(console, look, lambda: app.clock.sleep(every), whole=client is not None)
        return
    fleet = look()
    if console.wants_json:
        console.json(_document(fleet, hosts=client is not None))
    elif console.terminal:
        from mspctl.cli.dashboard import dashboard  # noqa: PLC0415 - rich is slow to import

        console.draw(dashboard(console, fleet, console.rich_out().size, whole=client is not None))
    else:
        _print(session, fleet, hosts=client is not None)


def _print(session: Session, fleet: "Fleet", *, hosts: bool) -> None:
    from mspctl.cli.statusrows import (  # noqa: PLC0415 - --help needs none of it
        CLIENTS,
        CONCERNS,
        HOSTS,
        client_rows,
        concern_rows,
        headline,
        host_rows,
    )

    console = session.console
    console.out(headline(fleet))
    console.table("clients by risk", CLIENTS, client_rows(fleet))
    rows = concern_rows(fleet)
    if rows:
        console.table("what to look at", CONCERNS, rows)
    if hosts:
        console.table("computers", HOSTS, host_rows(fleet))


def _document(fleet: "Fleet", *, hosts: bool) -> Document:
    return {
        "provider": fleet.provider,
        "made": utc_text(fleet.made),
        "days": fleet.days,
        "hosts": _lights(fleet.lights),
        "clients": [_client_document(client, hosts=hosts) for client in fleet.clients],
    }


def _client_document(client: "ClientView", *, hosts: bool) -> Document:
    listed: dict[str, Document] = {"list": [_host_document(host) for host in client.hosts]} if hosts else {}
    return {
        "client": client.slug,
        "name": client.name,
        "plan": client.plan or None,
        "points": client.points,
        "hosts": {**_lights(client.lights), **listed},
        "last_run": client.last.run if client.last else None,
        "concerns": [_concern_document(each) for each in client.concerns],
        "ending": [_exemption_document(each) for each in client.exemptions],
    }


def _lights(lights: "Mapping[Light, int]") -> dict[str, Document]:
    return {light.value: count for light, count in sorted(lights.items())}


def _host_document(host: "HostView") -> Document:
    return {
        "host": host.name,
        "site": host.site,
        "state": host.light.value,
        "points": host.points,
        "updates": host.waiting.updates if host.waiting else None,
        "security_updates": host.waiting.security if host.waiting else None,
        "last_run": host.last.run if host.last else None,
        "outcome": host.last.outcome.value if host.last and host.last.outcome else None,
        "at_work": host.at_work,
    }


def _concern_document(each: "Concern") -> Document:
    return {
        "kind": each.kind.value,
        "host": each.host or None,
        "text": each.text,
        "points": each.points,
        "since": utc_text(each.since),
        "evidence": each.evidence or None,
    }


def _exemption_document(each: "Exemption") -> Document:
    return {
        "what": each.what,
        "hosts": _names(each.hosts),
        "until": each.until.isoformat(),
        "over": each.over,
        "owner": each.owner,
        "reason": each.reason,
    }


def _names(names: Iterable[str]) -> list[Document]:
    return list(names)
