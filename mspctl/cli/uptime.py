"""`mspctl uptime`: how much of a month each service was up."""

from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.wiring.incidents import ServiceUptime


@click.command("uptime")
@click.option("--client", required=True, metavar="NAME", help="Whose services.")
@click.option("--month", required=True, metavar="YYYY-MM", help="Which month, in the client's time zone.")
@pass_session
def command(session: Session, /, client: str, month: str) -> None:
    """Show how much of a month each service was up, in the business hours of the contract.

    Of several probes and hosts of one service the worst counts. `covered` is how much of the time is known
    about; what nobody asked is not counted as up. Maintenance windows are no downtime.
    """
    from mspctl.report.facts.period import month_of  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.incidents import uptimes  # noqa: PLC0415 - as above

    app = session.app
    (found,) = app.inventory({client}).clients
    period = month_of(month, found.timezone, app.clock.now())
    rows = uptimes(app, client, period.start, period.until)
    if session.console.wants_json:
        session.console.json(
            {"client": client, "month": month, "services": [_document(each) for each in rows]}
        )
    elif not rows:
        session.console.error(f"nothing was watched in {month}")
    else:
        columns = ("service", "up", "covered", "down", "maintenance", "probe")
        session.console.table("", columns, [_row(each) for each in rows])


def _row(each: "ServiceUptime") -> tuple[str, ...]:
    share = each.uptime.share
    return (
        each.service,
        "not measured" if share is None else f"{_floor(share)} %",
        f"{100 * each.uptime.coverage:.1f} %",
        f"{each.uptime.down // 60} min",
        f"{each.uptime.maintenance // 60} min",
        each.key,
    )


def _floor(share: float) -> str:
    """Never rounded up: 99.999 % with an outage is not 100 %."""
    return f"{int(share * 100_000) / 1000:.3f}"


def _document(each: "ServiceUptime") -> Document:
    return {
        "service": each.service,
        "probe": each.key,
        "share": each.uptime.share,
        "coverage": each.uptime.coverage,
        "up_seconds": each.uptime.up,
        "down_seconds": each.uptime.down,
        "maintenance_seconds": each.uptime.maintenance,
        "whole_seconds": each.uptime.whole,
    }
