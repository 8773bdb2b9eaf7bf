"""What a client's past months cost under its own contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from mspctl.desk.billing import bill, prepaid_ledger
from mspctl.desk.calls import work_of
from mspctl.desk.prepaid import Ledger
from mspctl.desk.rating import rounded
from mspctl.desk.statistics import ranked
from mspctl.desk.value import worked
from mspctl.errors import UsageError
from mspctl.model.billing import Balance
from mspctl.model.comparison import ENOUGH_MONTHS
from mspctl.model.contract import contract_on
from mspctl.wiring.app import App
from mspctl.wiring.comparing import known_months
from mspctl.wiring.desk import calls_of, client_of
from mspctl.wiring.headcount import headcount_of


@dataclass(frozen=True, slots=True)
class MonthCost:
    """A month in one currency."""

    month: date
    currency: str
    total: Decimal
    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class CostHistory:
    """The whole months that are known, the oldest first. `usual` is P50, `dear` P90; None with too few."""

    months: tuple[MonthCost, ...]
    usual: Decimal | None
    dear: Decimal | None


def cost_history(app: App, slug: str, most: int) -> CostHistory:
    """At most so many months, billed anew.

    Raises:
        UsageError: there is no such client, or no whole month with a contract.
    """
    found = tuple(_months(app, slug, most))
    if not found:
        raise UsageError(f"no whole month of {slug} under a contract with prices is known yet")
    currencies = {each.currency for each in found}
    totals = [each.total for each in found]
    enough = len(totals) >= ENOUGH_MONTHS and len(currencies) == 1
    return CostHistory(found, ranked(totals, 50) if enough else None, ranked(totals, 90) if enough else None)


def _months(app: App, slug: str, most: int) -> Iterator[MonthCost]:
    client, calls, now = client_of(app, slug), calls_of(app, (slug,)), app.clock.now()
    work, units = work_of(calls, client.timezone), headcount_of(app, client)
    for month in known_months(client, calls, now, most):
        done = worked(calls, client.timezone, month, now)
        for each in bill(client.contracts, work, units, month):
            count = done.reactive_calls + done.planned_calls
            yield MonthCost(month, each.currency, rounded(each.total, each.currency), count, done.seconds)


@dataclass(frozen=True, slots=True)
class Advance:
    """What was paid in advance under today's contract, with each line that used it."""

    day: date
    currency: str
    balance: Balance
    ledger: Ledger


def advance_of(app: App, slug: str) -> Advance | None:
    """As of today; None if today's contract has nothing such. Raises UsageError: there is no such client."""
    client = client_of(app, slug)
    today = app.clock.now().astimezone(ZoneInfo(client.timezone)).date()
    contract = contract_on(client.contracts, today)
    if contract is None:
        return None
    work = work_of(calls_of(app, (slug,)), client.timezone)
    found = prepaid_ledger(contract, work.entries, today)
    return None if found is None else Advance(today, contract.currency, *found)
