"""Days for a client's report: the windows of the coming weeks, and what was written beside earlier months."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from mspctl.desk.prepaid import later
from mspctl.engine.openings import LONGEST, openings
from mspctl.engine.timetable import between
from mspctl.library.reportfiles import commentary
from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Client
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.facts.period import Period
from mspctl.report.score.health import MONTHS_SHOWN
from mspctl.wiring.app import App

_WINDOW = "patch"
_WORK = frozenset({"patch", "update"})
_AHEAD = timedelta(days=31)


def maintenance_of(client: Client, period: Period, made: datetime) -> tuple[Maintenance, ...]:
    """The patch windows of the weeks after a month, in order; those before the report was made are over.

    A client without windows has the times at which its schedules begin such work.
    """
    since = max(period.until, made) if made < period.end + _AHEAD else period.end
    until = max(period.end, since) + _AHEAD
    by_calendar: dict[object, tuple[Calendar, list[str]]] = {}
    for host in client.hosts:
        spans = host.calendar.windows.get(_WINDOW)
        if spans is not None:
            key = (spans, host.calendar.blackouts, host.calendar.timezone)
            by_calendar.setdefault(key, (host.calendar, []))[1].append(host.name)
    found: dict[tuple[datetime, datetime], list[str]] = {}
    for calendar, hosts in by_calendar.values():
        # From before, so that one that has begun is not taken for one that begins now.
        for each in openings(calendar, _WINDOW, since - LONGEST):
            if each.begins >= until:
                break
            if each.begins >= since:
                found.setdefault((each.begins, each.ends), []).extend(hosts)
    if by_calendar:
        return tuple(Maintenance(*times, tuple(sorted(found[times]))) for times in sorted(found))
    return tuple(sorted(_scheduled(client, since, until), key=lambda each: each.begins))


def _scheduled(client: Client, since: datetime, until: datetime) -> Iterator[Maintenance]:
    for schedule in client.schedules:
        if schedule.words[0] in _WORK and not schedule.every:
            yield from (Maintenance(at, None) for at in between(schedule, client.slug, since, until))


def milestones_of(app: App, slug: str, month: date) -> Mapping[date, str]:
    """What a person wrote beside the twelve months that end with this one. Raises ConfigurationError."""
    months = (later(month, -back) for back in range(MONTHS_SHOWN))
    told = {each: commentary(app.project, slug, f"{each:%Y-%m}").milestone for each in months}
    return {each: words for each, words in told.items() if words}
