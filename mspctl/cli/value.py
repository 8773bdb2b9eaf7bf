"""`mspctl value`: what a client's month was worth, for the provider's own eyes."""

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from mspctl.cli.session import Session, pass_session
from mspctl.cli.whose import whose_month

if TYPE_CHECKING:
    from mspctl.model.servicevalue import HourlyRate, ServiceValue


@click.command("value")
@whose_month
@pass_session
def command(session: Session, /, client: str, month: str) -> None:
    """Show planned and reactive work, outages and what an hour of work brought in. Not for clients.

    The effective hourly rate has three variants, side by side: of all that was billed, less what others are
    paid (`third_parties` of the contract), and less what those would have cost the client itself.
    """
    from mspctl.wiring.value import value_of  # noqa: PLC0415 - --help needs none of it

    found = value_of(session.app, client, month)
    if session.console.wants_json:
        from mspctl.cli.valuedocument import value_document  # noqa: PLC0415 - only wanted with --json

        session.console.json({"client": client, "month": month, **value_document(found)})
    else:
        session.console.table(f"{client}, {month}, staff only", ("key", "value"), list(_rows(found)))


def _rows(found: "ServiceValue") -> list[tuple[str, str]]:
    work, ran = found.work, found.machines
    rows = [
        ("called for", f"{_hours(work.reactive)} in {work.reactive_calls} calls, {ran.called_runs} runs"),
        ("planned", f"{_hours(work.planned)} in {work.planned_calls} calls, {ran.planned_runs} runs"),
        ("not billable", _hours(work.unbilled)),
        ("hosts", str(found.hosts)),
        ("hours per host", _known(found.hours_per_host)),
        ("called for, per host", _known(found.reactive_hours_per_host)),
        ("incidents", str(found.incidents)),
    ]
    for each in found.outages:
        watched = f"{100 * each.coverage:.1f} % watched"
        rows.append(
            (f"{each.service} down", f"{each.down // 60} of {(each.up + each.down) // 60} min, {watched}")
        )
    for rate in found.rates:
        rows += [
            ("billed", f"{rate.revenue} {rate.currency}"),
            ("an hour, gross", _per_hour(rate.gross, rate)),
            ("an hour, net of cost", _per_hour(rate.net_of_cost, rate)),
            ("an hour, net of retail", _per_hour(rate.net_of_retail, rate)),
        ]
    return rows


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.2f} h"


def _known(value: Decimal | None) -> str:
    return "no hosts" if value is None else str(value)


def _per_hour(value: Decimal | None, rate: "HourlyRate") -> str:
    return "no work" if value is None else f"{value} {rate.currency}"
