"""Time and invoices as the tables that other programs import. Amounts and hours are those of the desk."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from mspctl.desk.calls import Call, Stretch
from mspctl.desk.rating import hours_of

Row = Mapping[str, str]
_STEERING = ("=", "+", "@", "-", "\t")


def timesheet(kind: str, calls: Iterable[Call], timezone: str, client: str, since: date, until: date) -> str:
    """The stretches that began from `since` to the day before `until`, as the program `kind` wants them.

    Raises:
        KeyError: no such kind.
    """
    zone, row_of = ZoneInfo(timezone), _ROWS[kind]
    rows = [
        row_of(call, stretch, zone, client)
        for call in calls
        for stretch in call.stretches
        if stretch.end is not None and since <= stretch.start.astimezone(zone).date() < until
    ]
    return table(rows, tuple(_HEADS[kind]))


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """CSV; what a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _unsteering(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _unsteering(value: str) -> str:
    number = value.removeprefix("-").replace(".", "", 1).isdecimal()
    return f"'{value}" if value.startswith(_STEERING) and not number else value


def _kimai(call: Call, stretch: Stretch, zone: ZoneInfo, client: str) -> Row:
    """As Kimai's import plugin reads it: local times, the duration in seconds, a mail address for each user.

    mspctl knows no addresses; the plugin then finds the user by the name.
    """
    start, end = stretch.start.astimezone(zone), (stretch.end or stretch.start).astimezone(zone)
    return {
        "Date": f"{start:%Y-%m-%d}",
        "From": f"{start:%H:%M}",
        "To": f"{end:%H:%M}",
        "Duration": str(_real(stretch)),
        "Rate": "",
        "User": stretch.technician,
        "Email": f"{stretch.technician}@mspctl.invalid",
        "Customer": client,
        "Project": client,
        "Activity": call.work,
        "Description": _title(call),
        "Exported": "0",
        "Tags": ",".join(filter(None, (call.priority, call.skill, call.cause))),
        "Billable": "1" if call.billable else "0",
    }


def _connectwise(call: Call, stretch: Stretch, zone: ZoneInfo, client: str) -> Row:
    """With the columns that professional-services programs of that kind import."""
    start, end = stretch.start.astimezone(zone), (stretch.end or stretch.start).astimezone(zone)
    return {
        "Company": client,
        "Ticket": call.ticket,
        "Member": stretch.technician,
        "Date": f"{start:%Y-%m-%d}",
        "Start Time": f"{start:%H:%M}",
        "End Time": f"{end:%H:%M}",
        "Actual Hours": str(hours_of(_real(stretch))),
        "Work Type": call.work,
        "Work Role": call.skill,
        "Billable Option": "Billable" if call.billable else "Do Not Bill",
        "Notes": _title(call),
    }


def _real(stretch: Stretch) -> int:
    return int(((stretch.end or stretch.start) - stretch.start).total_seconds())


def _title(call: Call) -> str:
    return f"call {call.number}: {call.title}"


_ROWS: Mapping[str, Callable[[Call, Stretch, ZoneInfo, str], Row]] = {
    "kimai": _kimai,
    "connectwise": _connectwise,
}
_HEADS: Mapping[str, Sequence[str]] = {
    "kimai": (
        "Date", "From", "To", "Duration", "Rate", "User", "Email", "Customer", "Project", "Activity",
        "Description", "Exported", "Tags", "Billable",
    ),
    "connectwise": (
        "Company", "Ticket", "Member", "Date", "Start Time", "End Time", "Actual Hours", "Work Type",
        "Work Role", "Billable Option", "Notes",
    ),
}  # fmt: skip
KINDS = tuple(_ROWS)


def invoice_ninja(number: str, issued: date, client: str, document: Mapping[str, Any]) -> str:
    """An approved invoice as Invoice Ninja imports it: a row for each line, its net amount as the cost."""
    tax = document.get("tax") or {}
    rows = [
        {
            "Client Name": client,
            "Invoice Number": number,
            "Invoice Date": issued.isoformat(),
            "Currency": document["currency"],
            "Item Product": line["kind"],
            "Item Description": line["text"],
            "Item Quantity": "1",
            "Item Cost": line["net"],
            "Item Tax Name 1": "VAT" if tax else "",
            "Item Tax Rate 1": tax.get("percent", ""),
        }
        for line in document["lines"]
    ]
    return table(rows, _NINJA)


_NINJA = (
    "Client Name", "Invoice Number", "Invoice Date", "Currency", "Item Product", "Item Description",
    "Item Quantity", "Item Cost", "Item Tax Name 1", "Item Tax Rate 1",
)  # fmt: skip
