"""`mspctl invoice`: a client's month under its contract, line by line."""

import re
from datetime import date
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.model.billing import Bill, Line

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@click.group("invoice")
def command() -> None:
    """Draft a client's month of work and fees under its contract.

    Amounts are net: mspctl knows no taxes and keeps no books.
    """


@command.command("draft")
@click.option("--client", required=True, metavar="NAME", help="Whose month.")
@click.option("--month", required=True, metavar="YYYY-MM", help="Which month, in the client's time zone.")
@click.option("--csv", "wants_csv", is_flag=True, help="Print the lines as CSV.")
@pass_session
def draft(session: Session, /, client: str, month: str, *, wants_csv: bool) -> None:
    """Show what a month costs. Nothing is stored; the same calls and contract give the same lines."""
    from mspctl.wiring.desk import draft as drafted  # noqa: PLC0415 - --help needs none of it

    _, bills, still_open = drafted(session.app, client, _first_day(month))
    if still_open:
        numbers = ", ".join(str(call.number) for call in still_open)
        session.console.error(f"mspctl: not in it, because still open: call {numbers}")
    if session.console.wants_json:
        session.console.json({"client": client, "month": month, "bills": [_document(each) for each in bills]})
        return
    for each in bills:
        if wants_csv:
            session.console.out(_csv(each).rstrip("\n"))
        else:
            _show(session, client, each)


def _first_day(month: str) -> date:
    match = _MONTH.fullmatch(month)
    if match is None or not 2000 <= int(match[1]) <= 9998:  # noqa: PLR2004 - what dates and sense allow
        raise UsageError(f"{month!r} is not a month", hint="write it as 2026-11")
    return date(int(match[1]), int(match[2]), 1)


def _show(session: Session, client: str, bill: "Bill") -> None:
    columns = ("day", "what", "quantity", "amount", "paid before", bill.currency)
    rows = [_row(line) for line in bill.lines]
    title = f"{client}, {bill.month:%Y-%m}, draft, net"
    session.console.table(title, columns, [*rows, ("", "total", "", "", "", str(bill.total))])
    for balance in bill.balances:
        low = ", low: tell the client" if balance.low else ""
        session.console.out(
            f"{balance.name}: {balance.left} {bill.currency} left at the end of the month"
            f" ({balance.hours_left} h at the normal rate), {balance.lapsed} lapsed{low}"
        )


def _row(line: "Line") -> tuple[str, ...]:
    paid = str(line.covered) if line.covered else ""
    return (str(line.day), line.text, f"{line.quantity} {line.unit}", str(line.amount), paid, str(line.net))


def _document(bill: "Bill") -> Document:
    return {
        "currency": bill.currency,
        "total": str(bill.total),
        "worked_seconds": bill.worked_seconds,
        "lines": [_line_document(line) for line in bill.lines],
        "balances": [
            {
                "name": each.name,
                "granted": str(each.granted),
                "used": str(each.used),
                "lapsed": str(each.lapsed),
                "left": str(each.left),
                "hours_left": str(each.hours_left),
                "low": each.low,
            }
            for each in bill.balances
        ],
    }


def _line_document(line: "Line") -> dict[str, Document]:
    return {
        "day": line.day.isoformat(),
        "kind": line.kind.value,
        "call": line.call,
        "text": line.text,
        "work": line.work,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "worked_seconds": line.worked_seconds,
        "billed_seconds": line.billed_seconds,
        "amount": str(line.amount),
        "covered": str(line.covered),
        "net": str(line.net),
    }


def _csv(bill: "Bill") -> str:
    import csv  # noqa: PLC0415 - only wanted with --csv
    import io  # noqa: PLC0415 - as above

    text = io.StringIO()
    rows = [{**_line_document(line), "currency": bill.currency} for line in bill.lines]
    names = list(rows[0]) if rows else ["day"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _unsteering(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _unsteering(value: Document) -> Document:
    """A spreadsheet takes text that begins so for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value
