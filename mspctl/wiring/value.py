"""`mspctl sla` and `mspctl value`: what was promised, what was kept, and what a client's month was worth."""

from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

from mspctl.desk.billing import bill, counted
from mspctl.desk.calls import folded, work_of
from mspctl.desk.prepaid import later
from mspctl.desk.servicelevel import asked_at, service_levels
from mspctl.desk.value import hourly_rates, machines, worked
from mspctl.model.servicelevel import ServiceLevels
from mspctl.model.servicevalue import Outage, ServiceValue
from mspctl.report.facts.period import Period, month_of
from mspctl.wiring.app import App
from mspctl.wiring.desk import calls_of, client_of
from mspctl.wiring.headcount import headcount_of
from mspctl.wiring.incidents import incidents_of, uptimes


def levels_of(app: App, slug: str, month: str) -> ServiceLevels:
    """What was promised about the calls that clients made in a month, `YYYY-MM` in the client's zone.

    Raises:
        UsageError: there is no such client or month.
    """
    client = client_of(app, slug)
    now = app.clock.now()
    period = month_of(month, client.timezone, now)
    calls = (call for call in calls_of(app, (slug,)) if period.start <= asked_at(call) < period.end)
    return service_levels(calls, client.contracts, now)


def value_of(app: App, slug: str, month: str) -> ServiceValue:
    """A client's month in figures; staff only.

    Raises:
        UsageError: there is no such client or month.
    """
    client = client_of(app, slug)
    now = app.clock.now()
    period = month_of(month, client.timezone, now)
    first = period.start.date()
    with closing(app.open_store(write=False)) as store:
        calls = folded(store.call_records({slug}))
        runs = store.runs(client=slug, since=period.start, until=period.end)
        ran = machines(runs, calls)
    hosts = headcount_of(app, client)
    bills = bill(client.contracts, work_of(calls, client.timezone), hosts, first)
    work = worked(calls, client.timezone, first, now)
    return ServiceValue(
        first,
        sum(counted(None, hosts, first).values()),
        work,
        ran,
        _outages(app, slug, period),
        _incidents(app, slug, first, client.timezone),
        tuple(hourly_rates(bills, client.contracts, first, work.seconds)),
    )


def _outages(app: App, slug: str, period: Period) -> tuple[Outage, ...]:
    return tuple(
        Outage(each.service, each.uptime.up, each.uptime.down, each.uptime.coverage)
        for each in uptimes(app, slug, period.start, period.until)
    )


def _incidents(app: App, slug: str, month: date, timezone: str) -> int:
    """Those that opened in the month."""
    zone, after = ZoneInfo(timezone), later(month, 1)
    opened = (each.opened.astimezone(zone).date() for each in incidents_of(app, (slug,)))
    return sum(month <= day < after for day in opened)
