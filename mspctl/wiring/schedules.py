"""`mspctl schedule`: what is due when at which client, since when it is kept, and what was missed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from mspctl.engine.timetable import Missed, missed, moments
from mspctl.errors import LockHeld
from mspctl.model.inventory import Client
from mspctl.model.schedule import Firing, Installed, Schedule
from mspctl.wiring.app import App
from mspctl.wiring.locks import JobLock

KEPT = timedelta(days=62)
"""How long it is remembered what became of a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A schedule of a client; `kept` says since when this machine keeps it, None: it does not.

    `stale`: it was installed with another text than it has now.
    """

    client: Client
    schedule: Schedule
    kept: datetime | None = None
    stale: bool = False
    following: datetime | None = None


def scheduled(clients: Collection[Client]) -> tuple[tuple[Client, Schedule], ...]:
    """Each client's schedules, in the order of the files."""
    return tuple((client, schedule) for client in clients for schedule in client.schedules)


def entries(app: App, slugs: Collection[str]) -> tuple[Entry, ...]:
    """The schedules of these clients (all if none is named), each with its next time."""
    clients = app.inventory(slugs or None).clients
    known = installed_of(app, clients)
    now = app.clock.now()
    return tuple(_entry(client, schedule, known, now) for client, schedule in scheduled(clients))


def _entry(
    client: Client, schedule: Schedule, known: Mapping[tuple[str, str], Installed], now: datetime
) -> Entry:
    kept = known.get((client.slug, schedule.name))
    coming = next(moments(schedule, client.slug, now), None)
    if kept is None:
        return Entry(client, schedule, following=coming)
    return Entry(client, schedule, kept.since, kept.text != schedule.text, coming)


def installed_of(app: App, clients: Collection[Client]) -> Mapping[tuple[str, str], Installed]:
    """What is kept, by client and schedule."""
    with closing(app.open_store(write=False)) as store:
        rows = store.installed([client.slug for client in clients])
    return {(each.client, each.schedule): each for each in rows}


@dataclass(frozen=True, slots=True, order=True)
class Coming:
    """A time that is due."""

    at: datetime
    client: str
    name: str


def upcoming(app: App, slugs: Collection[str], count: int) -> tuple[tuple[Coming, Client, Schedule], ...]:
    """The next `count` times of all schedules of these clients, in order."""
    now = app.clock.now()
    pairs = scheduled(app.inventory(slugs or None).clients)
    known = {(client.slug, schedule.name): (client, schedule) for client, schedule in pairs}
    rows = merge(*(_coming(client, schedule, now) for client, schedule in pairs))
    return tuple((each, *known[each.client, each.name]) for each in islice(rows, count))


def _coming(client: Client, schedule: Schedule, now: datetime) -> Iterator[Coming]:
    return (Coming(at, client.slug, schedule.name) for at in moments(schedule, client.slug, now))


def missed_times(app: App, slugs: Collection[str], days: int) -> tuple[Missed, ...]:
    """Times of the last days that were not kept, since the schedules are installed on this machine."""
    return times_missed(app, app.inventory(slugs or None).clients, days)


def not_kept(app: App, slugs: Collection[str]) -> tuple[str, ...]:
    """Schedules of these clients (all, if none is named) that nothing here keeps, as `client/name`."""
    found = entries(app, slugs)
    return tuple(f"{each.client.slug}/{each.schedule.name}" for each in found if each.kept is None)


def times_missed(app: App, clients: Collection[Client], days: int) -> tuple[Missed, ...]:
    """As `missed_times`, of clients that are known already."""
    now = app.clock.now()
    since = now - timedelta(days=days)
    with closing(app.open_store(write=False)) as store:
        names = [client.slug for client in clients]
        known = {(each.client, each.schedule): each.since for each in store.installed(names)}
        firings = store.firings(names, since)
    told: dict[tuple[str, str], list[Firing]] = {}
    for firing in firings:
        told.setdefault((firing.client, firing.schedule), []).append(firing)
    found: list[Missed] = []
    for client, schedule in scheduled(clients):
        kept = known.get((client.slug, schedule.name))
        if kept is not None:
            own = _told(app, client.slug, schedule, told.get((client.slug, schedule.name), ()))
            found += missed(schedule, client.slug, max(since, kept), now, own)
    return tuple(sorted(found, key=lambda each: each.due))


def _told(app: App, client: str, schedule: Schedule, own: Sequence[Firing]) -> tuple[Firing, ...]:
    """Its firings; one without an end that holds no lock any more was killed."""
    if any(each.ended is None for each in own) and not _at_work(app, client, schedule):
        own = [replace(each, word="killed") if each.ended is None else each for each in own]
    return tuple(own)


def schedule_lock(app: App, client: str, schedule: Schedule) -> JobLock:
    """The lock under which a schedule is at work."""
    return app.lock(client, f"schedule-{schedule.name}", ("mspctl", *schedule.words))


def _at_work(app: App, client: str, schedule: Schedule) -> bool:
    try:
        schedule_lock(app, client, schedule).probe()
    except LockHeld:
        return True
    return False
