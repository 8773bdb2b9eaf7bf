"""What the desk did for a client, for its report: calls, promises, and the same months under other plans."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from mspctl.desk.calls import Call
from mspctl.desk.prepaid import later
from mspctl.desk.servicelevel import asked_at, service_levels
from mspctl.errors import UsageError
from mspctl.library.reportfiles import plans_name
from mspctl.model.comparison import Comparison
from mspctl.model.inventory import Client
from mspctl.model.servicelevel import Kept, ServiceLevels
from mspctl.report.facts.period import Period
from mspctl.report.facts.service import MONTHS, CallLine, CallMonth, Service
from mspctl.wiring.app import App
from mspctl.wiring.comparing import comparison_of, known_months


def service_of(app: App, client: Client, period: Period, calls: Sequence[Call]) -> Service:
    """The desk's part of the report of a month.

    Raises:
        ConfigurationError: something is wrong with the plans.
    """
    begun = (call for call in calls if period.start <= call.started < period.end)
    lines = tuple(_line(call, period) for call in sorted(begun, key=lambda call: call.started))
    first = period.start.date()
    known = set(known_months(client, calls, period.end, MONTHS))
    months = tuple(
        _month(app, client, month, calls) if month in known else None
        for month in (later(first, -back) for back in range(MONTHS - 1, -1, -1))
    )
    levels = _levels(app, client, first, calls) if client.contracts else None
    return Service(lines, levels, months, _comparison(app, client, period))


def _line(call: Call, period: Period) -> CallLine:
    seconds = call.seconds(period.until)
    return CallLine(call.number, call.started, call.title, call.priority, seconds, call.open)


def _levels(app: App, client: Client, month: date, calls: Sequence[Call]) -> ServiceLevels:
    """What was promised about the calls that the client made in a month."""
    zone = ZoneInfo(client.timezone)
    asked = (call for call in calls if asked_at(call).astimezone(zone).date().replace(day=1) == month)
    return service_levels(asked, client.contracts, app.clock.now())


def _month(app: App, client: Client, month: date, calls: Sequence[Call]) -> CallMonth:
    levels = _levels(app, client, month, calls)
    late = {each.call for each in levels.breaches}
    kept = {each.call for each in levels.promises if each.kept in {Kept.MET, Kept.RUNNING}} - late
    unmeasured = {each.call for each in levels.promises} - kept - late
    return CallMonth(month, len(kept), len(late), len(levels.without) + len(unmeasured))


def _comparison(app: App, client: Client, period: Period) -> Comparison | None:
    """None if no other plans are laid down for the client, or no whole month is known."""
    plans = app.project / plans_name(client.slug)
    if not plans.is_file():
        return None
    try:
        return comparison_of(app, client.slug, plans, MONTHS, until=period.until)
    except UsageError:
        return None
