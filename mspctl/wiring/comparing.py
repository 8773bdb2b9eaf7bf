"""`mspctl compare`: a client's own months under other plans, as figures and as pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mspctl.desk.calls import Call, work_of
from mspctl.desk.comparing import History, compared
from mspctl.desk.prepaid import later, months_from
from mspctl.desk.value import worked
from mspctl.errors import UsageError
from mspctl.model.comparison import Comparison
from mspctl.model.inventory import Client
from mspctl.parse.plans import read_plans
from mspctl.report.pages.comparisonpage import comparison_page
from mspctl.wiring.app import App
from mspctl.wiring.desk import calls_of, client_of
from mspctl.wiring.headcount import doubt_texts, headcount_of, month_doubts
from mspctl.wiring.incidents import uptimes
from mspctl.wiring.pages import Paper, write_paper
from mspctl.wiring.reportlook import report_look


def comparison_of(
    app: App, slug: str, plans: Path, months: int, *, until: datetime | None = None
) -> Comparison:
    """The last whole months that the desk knows, at most so many, under each plan of the file.

    They end before `until`, or now.

    Raises:
        UsageError: there is no such client, or no whole month is known.
        ConfigurationError: something is wrong with the plans.
    """
    client = client_of(app, slug)
    found = read_plans(app.environment.cwd / plans, client.timezone, (*client.hosts, *client.former))
    calls = calls_of(app, (slug,))
    known = known_months(client, calls, until or app.clock.now(), months)
    if not known:
        hint = "a month is known if the desk was used, or a contract held, from its first day to its last"
        raise UsageError(f"no whole month of {slug} is known yet", hint=hint)
    comparison = compared(_history(app, client, calls, known), found)
    doubts = month_doubts(app, client, known, (offer.contract for offer in found.offers))
    doubtful = len({month for each in doubts.values() for month in each})
    told = (*_unrecorded(app, client, calls, known), *doubt_texts(doubts))
    return replace(comparison, doubts=told, doubtful=doubtful)


def _unrecorded(app: App, client: Client, calls: Sequence[Call], months: Sequence[date]) -> Iterator[str]:
    """A contract may be older than mspctl is in use; then nobody wrote down the calls of its first months."""
    zone, run = ZoneInfo(client.timezone), headcount_of(app, client).begins
    days = [call.started.astimezone(zone).date() for call in calls] + ([run] if run else [])
    first = min(days, default=date.max)
    before = ", ".join(f"{month:%Y-%m}" for month in months if later(month, 1) <= first)
    if before:
        yield f"no call or run is as old as these months, which count as months without a call: {before}"


def known_months(client: Client, calls: Sequence[Call], now: datetime, most: int) -> tuple[date, ...]:
    """The whole months from the first contract or call on; a month without a call is known, too."""
    zone = ZoneInfo(client.timezone)
    begins = [call.started.astimezone(zone).date() for call in calls]
    begins += [contract.since for contract in client.contracts]
    if not begins:
        return ()
    first, this = min(begins), now.astimezone(zone).date().replace(day=1)
    whole = first if first.day == 1 else later(first.replace(day=1), 1)
    return tuple(months_from(max(whole, later(this, -most)), this))


def _history(app: App, client: Client, calls: Sequence[Call], months: tuple[date, ...]) -> History:
    counted = [worked(calls, client.timezone, month, app.clock.now()) for month in months]
    return History(
        client.slug,
        months,
        work_of(calls, client.timezone),
        headcount_of(app, client),
        tuple(each.reactive_calls + each.planned_calls for each in counted),
        tuple(each.seconds for each in counted),
        tuple(_down(app, client, months)),
    )


def _down(app: App, client: Client, months: Sequence[date]) -> Iterator[int | None]:
    """Of the service that was down longest in a month: services that fail together are one outage."""
    zone = ZoneInfo(client.timezone)
    for month in months:
        since, until = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (month, later(month, 1)))
        measured = [each.uptime for each in uptimes(app, client.slug, since, until)]
        downs = [each.down for each in measured if each.share is not None]
        yield max(downs) if downs else None


@dataclass(frozen=True, slots=True)
class Pages:
    """What is written: the page for the client, or that for staff."""

    paper: Paper
    staff: bool


def write_comparison(app: App, slug: str, found: Comparison, pages: Pages) -> tuple[str, ...]:
    """Write the page in each format; the names of the files. Raises as write_paper."""
    client = client_of(app, slug)
    look, _ = report_look(app, slug, pages.paper.language)
    provider = app.inventory({slug}).provider.name
    made = app.clock.now().astimezone(ZoneInfo(client.timezone)).date()
    page = comparison_page(found, look, provider, client.name, made, staff=pages.staff)
    name = f"{slug}-comparison{'-staff' if pages.staff else ''}-{found.months[-1]:%Y-%m}"
    return write_paper(page, name, pages.paper)
