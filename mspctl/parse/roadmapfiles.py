"""The files for a roadmap: prices and risks that a person writes, and lists of warranties from vendors."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.currency import CURRENCIES
from mspctl.model.place import Place
from mspctl.model.roadmap import Asset, Risk, Wishes
from mspctl.parse.node import shown
from mspctl.parse.source import Source
from mspctl.parse.toml import Table, parse_toml

_MONEY = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
# What vendors call the columns, in small letters without signs.
_HEADS: Mapping[str, str] = {
    **dict.fromkeys(("host", "hostname", "name", "device", "devicename", "computername", "asset"), "host"),
    **dict.fromkeys(("serial", "serialnumber", "servicetag", "sn"), "serial"),
    **dict.fromkeys(("model", "product", "productname", "machinetype"), "model"),
    **dict.fromkeys(("bought", "purchased", "purchasedate", "shipdate"), "bought"),
    **dict.fromkeys(
        ("warrantyuntil", "warrantyend", "warrantyenddate", "warrantyexpiry", "expires", "enddate"),
        "warranty_until",
    ),
    **dict.fromkeys(("price", "replacement", "replacementprice"), "price"),
}
COLUMNS = ("host", "serial", "model", "bought", "warranty_until", "price")
_GERMAN = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")


def parse_wishes(source: Source) -> Wishes:
    """Prices and risks.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    problems: list[Problem] = []
    table = parse_toml(source, problems)
    table.only("currency", "price", "risk")
    currency = table.text("currency")
    if currency and currency not in CURRENCIES:
        table.problem("currency", f"`{currency}` is no currency", "three capital letters, as EUR")
    prices = []
    for each in table.tables("price"):
        each.only("kind", "amount")
        amount = _amount(each, "amount")
        if amount is None:
            each.problem("amount", "`amount` is missing")
        else:
            prices.append((each.required("kind"), amount))
    risks = tuple(filter(None, (_risk(each) for each in table.tables("risk"))))
    if (prices or any(risk.price is not None for risk in risks)) and not currency:
        table.problem("currency", "prices need a `currency`")
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return Wishes(currency, tuple(prices), risks)


def _risk(table: Table) -> Risk | None:
    table.only("what", "why", "owner", "by", "price")
    by = table.day("by")
    if by is None:
        table.problem("by", "`by` is missing", "a risk needs a date")
    what, owner = table.required("what"), table.required("owner")
    price = _amount(table, "price")
    return None if by is None else Risk(what, table.text("why"), owner, by, price)


def _amount(table: Table, key: str) -> Decimal | None:
    text = table.text(key)
    if not text:
        return None
    if not _MONEY.fullmatch(text):
        table.problem(key, f"`{text}` is no amount", 'digits and a point in quotes, as "950.00"')
        return None
    return Decimal(text)


def parse_assets(source: Source) -> tuple[Asset, ...]:
    """A list of devices; columns that nobody needs are left out.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    text = source.text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    heads = {name: _HEADS.get(re.sub(r"[^a-z]", "", name.lower()), "") for name in rows.fieldnames or ()}
    problems: list[Problem] = []
    for needed in ("host", "warranty_until"):
        if needed not in heads.values():
            hint = f"one of {', '.join(name for name, stands_for in _HEADS.items() if stands_for == needed)}"
            problems.append(Problem(f"there is no column for `{needed}`", Place(source.file, 1), hint=hint))
    found: dict[str, Asset] = {}
    for number, row in enumerate(rows if not problems else (), 2):
        cells = {heads[name]: (cell or "").strip() for name, cell in row.items() if name and heads.get(name)}
        asset = _asset(cells, Place(source.file, number), problems)
        if asset.host in found:
            problems.append(Problem(f"`{shown(asset.host)}` is there twice", Place(source.file, number)))
        found[asset.host] = asset
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return tuple(found.values())


def _asset(cells: Mapping[str, str], place: Place, problems: list[Problem]) -> Asset:
    price = cells.get("price", "")
    if price and not _MONEY.fullmatch(price):
        problems.append(Problem(f"`{shown(price)}` is no amount", place, "price"))
        price = ""
    if not cells.get("host"):
        problems.append(Problem("the row has no host", place, "host"))
    return Asset(
        cells.get("host", ""),
        cells.get("serial", ""),
        cells.get("model", ""),
        _day(cells.get("bought", ""), place, problems),
        _day(cells.get("warranty_until", ""), place, problems),
        Decimal(price) if price else None,
    )


def _day(text: str, place: Place, problems: list[Problem]) -> date | None:
    """2028-03-31 or 31.03.2028; with slashes nobody knows which number is the month."""
    if not text:
        return None
    try:
        if _GERMAN.fullmatch(text):
            return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day
        return date.fromisoformat(text)
    except ValueError:
        hint = "write it as 2028-03-31 or 31.03.2028"
        problems.append(Problem(f"`{shown(text)}` is not a day", place, hint=hint))
        return None


def assets_text(assets: tuple[Asset, ...]) -> str:
    """As `parse_assets` reads it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in assets:
        told = (getattr(each, name) for name in COLUMNS)
        writer.writerow(["" if value is None else str(value) for value in told])
    return text.getvalue()
