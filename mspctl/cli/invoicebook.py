"""`mspctl invoice history` and `ledger`: what past months cost, and what is left of advances."""

from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.wiring.costs import Advance

_CLIENT = click.option("--client", required=True, metavar="NAME", help="Whose.")


@click.command("ledger")
@_CLIENT
@pass_session
def ledger(session: Session, /, client: str) -> None:
    """Show what the client has paid in advance, which work used it, and what is left today.

    Blocks of hours, a retainer or included hours of today's contract. What lapses first is used first, by
    the day of the work, so work that is written down late may change past lines.
    """
    from mspctl.wiring.costs import advance_of  # noqa: PLC0415 - --help needs none of it

    found, console = advance_of(session.app, client), session.console
    if found is None:
        raise UsageError(f"{client} has paid nothing in advance under today's contract")
    if console.wants_json:
        console.json(_document(client, found))
        return
    lots = [
        (str(lot.opened), str(lot.lapses or ""), str(lot.amount), str(left))
        for lot, left in found.ledger.left
        if lot.opened <= found.day
    ]
    console.table(found.balance.name, ("from", "lapses", "worth", "left"), lots)
    used = [
        (str(line.day), line.text, str(line.covered), str(line.net) if line.net else "")
        for line in found.ledger.lines
        if line.covered
    ]
    if used:
        console.table("", ("day", "what", "used", "not covered"), used)
    console.out(told(found))


def told(found: "Advance") -> str:
    """What is left, in a line."""
    balance = found.balance
    low = ", low: tell the client" if balance.low else ""
    left = f"{balance.left} {found.currency} left ({balance.hours_left} h at the normal rate)"
    return f"{balance.name}: {left}, {balance.lapsed} lapsed{low}"


def _document(client: str, found: "Advance") -> dict[str, Document]:
    balance = found.balance
    return {
        "client": client,
        "day": found.day.isoformat(),
        "name": balance.name,
        "currency": found.currency,
        "left": str(balance.left),
        "hours_left": str(balance.hours_left),
        "lapsed": str(balance.lapsed),
        "low": balance.low,
        "lots": [
            {
                "opened": lot.opened.isoformat(),
                "lapses": lot.lapses.isoformat() if lot.lapses else None,
                "amount": str(lot.amount),
                "left": str(left),
            }
            for lot, left in found.ledger.left
            if lot.opened <= found.day
        ],
        "lines": [
            {"day": line.day.isoformat(), "call": line.call, "text": line.text, "covered": str(line.covered)}
            for line in found.ledger.lines
            if line.covered
        ],
    }


@click.command("history")
@_CLIENT
@click.option("--months", type=click.IntRange(1, 120), default=12, show_default=True, help="At most so many.")
@pass_session
def history(session: Session, /, client: str, months: int) -> None:
    """Show what the last whole months cost under the client's own contracts, and how much they differ.

    Half of them cost at most P50, nine of ten at most P90; with fewer than twelve neither is told.
    """
    from mspctl.wiring.costs import cost_history  # noqa: PLC0415 - --help needs none of it

    found, console = cost_history(session.app, client, months), session.console
    rows = [
        (f"{each.month:%Y-%m}", str(each.calls), f"{each.seconds / 3600:.1f}", str(each.total), each.currency)
        for each in found.months
    ]
    worst = max(found.months, key=lambda each: each.total)
    if console.wants_json:
        names = ("month", "calls", "hours", "total", "currency")
        told: list[Document] = [dict(zip(names, row, strict=True)) for row in rows]
        p50, p90 = (None if each is None else str(each) for each in (found.usual, found.dear))
        console.json(
            {"client": client, "months": told, "p50": p50, "p90": p90, "worst": f"{worst.month:%Y-%m}"}
        )
        return
    console.table(client, ("month", "calls", "hours", "total", "currency"), rows)
    spread = (
        "too little data for usual months" if found.usual is None else f"P50 {found.usual}, P90 {found.dear}"
    )
    console.out(f"dearest month {worst.month:%Y-%m}: {worst.total} {worst.currency}; {spread}")


VERBS = (history, ledger)
