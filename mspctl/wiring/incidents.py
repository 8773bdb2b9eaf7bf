"""`mspctl incident`, uptimes and forecasts: what monitoring knows of a client."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from mspctl.desk.businesstime import business_seconds
from mspctl.errors import UsageError
from mspctl.model.growth import Growth, growth
from mspctl.model.inventory import Client
from mspctl.model.monitoring import CERTIFICATE, REACH, IncidentRecord, IncidentWord, Span, VolumeDay
from mspctl.model.uptime import Measure, Uptime, all_seconds, uptime
from mspctl.monitor.incidents import Incident, folded
from mspctl.wiring.app import App

_FORECAST_DAYS = 120


def incidents_of(app: App, clients: Collection[str]) -> tuple[Incident, ...]:
    """The incidents of these clients, of all of the project's if none is named. Raises UsageError."""
    chosen = [client.slug for client in app.inventory(clients).clients] if clients else app.client_names()
    with closing(app.open_store(write=False)) as store:
        return folded(store.watch_book().records(chosen))


def incident(app: App, number: int) -> Incident:
    """The one of that number. Raises UsageError: there is none."""
    found = next((each for each in incidents_of(app, ()) if each.number == number), None)
    if found is None:
        raise UsageError(f"there is no incident {number}", hint="see `mspctl incident list`")
    return found


def tell_incident(app: App, number: int, word: IncidentWord, text: str) -> Incident:
    """Acknowledge an incident, or write something down about it.

    Raises:
        UsageError: there is none of that number, or it is over and cannot be acknowledged.
    """
    found = incident(app, number)
    if word is IncidentWord.ACKNOWLEDGED and found.closed is not None:
        raise UsageError(f"incident {number} is over since {found.closed:%Y-%m-%d %H:%M} UTC")
    record = IncidentRecord(
        number, found.client, found.key, word, app.clock.now(), found.seen, text, app.environment.user
    )
    with closing(app.open_store()) as store:
        written = store.watch_book().tell(record)
    return Incident((*found.records, written))


@dataclass(frozen=True, slots=True)
class ServiceUptime:
    """The uptime of what people know by a name; of several probes and hosts the worst counts."""

    service: str
    key: str
    uptime: Uptime


def uptimes(app: App, slug: str, since: datetime, until: datetime) -> tuple[ServiceUptime, ...]:
    """The uptime of each service in the business hours of the contract; without hours every second counts.

    Raises:
        UsageError: there is no such client.
    """
    (client,) = app.inventory({slug}).clients
    with closing(app.open_store(write=False)) as store:
        spans = store.watch_book().spans(slug, since, until)
    names = _services(client)
    by_key: dict[str, list[Span]] = {}
    for span in spans:
        by_key.setdefault(span.key, []).append(span)
    measure = office_hours(client, since.date())
    found = [
        ServiceUptime(
            names.get(key.partition("@")[0], key.partition("@")[0]), key, uptime(own, since, until, measure)
        )
        for key, own in by_key.items()
        if not key.endswith(f":{CERTIFICATE}")
    ]
    worst: dict[str, ServiceUptime] = {}
    for each in sorted(found, key=_badness):
        worst.setdefault(each.service, each)
    return tuple(worst[service] for service in sorted(worst))


def host_uptimes(
    client: Client, spans: Iterable[Span], since: datetime, until: datetime
) -> Mapping[str, tuple[Uptime, ...]]:
    """Host (client/name) → the uptimes of what counts of it: that it can be reached, and its services.

    A probe without a `service` tells of a disk or a warning, not of whether anybody could work.
    """
    probes = client.monitoring.probes if client.monitoring else ()
    counted = {REACH, *(probe.name for probe in probes if probe.service)}
    hosts = {host.name: host.key for host in client.hosts}
    own: dict[str, dict[str, list[Span]]] = {}
    for span in spans:
        probe, _, name = span.key.partition("@")
        if probe in counted and name in hosts:
            own.setdefault(hosts[name], {}).setdefault(span.key, []).append(span)
    # Most spans of a day are the whole day: it is measured once.
    measure = cache(office_hours(client, since.date()))
    return {
        host: tuple(uptime(of_key, since, until, measure) for of_key in keys.values())
        for host, keys in own.items()
    }


def _badness(each: ServiceUptime) -> tuple[float, str]:
    share = each.uptime.share
    return (2.0 if share is None else share, each.key)


def _services(client: Client) -> Mapping[str, str]:
    probes = client.monitoring.probes if client.monitoring else ()
    return {probe.name: probe.service or probe.name for probe in probes}


def office_hours(client: Client, day: date) -> Measure:
    """How seconds count under the contract of a day."""
    held = [
        each for each in client.contracts if each.since <= day and (each.until is None or day < each.until)
    ]
    if not held or not held[-1].hours.openings:
        return all_seconds
    hours = held[-1].hours
    return lambda begins, ends: business_seconds(hours, begins, ends)


@dataclass(frozen=True, slots=True)
class Volume:
    """A file system, as it was last, and when it will be full."""

    host: str
    mount: str
    used: int
    size: int
    day: str
    forecast: Growth


def volumes_of(app: App, slug: str) -> tuple[Volume, ...]:
    """The file systems of a client, the most urgent first. Raises UsageError."""
    app.inventory({slug})
    since = app.clock.now() - timedelta(days=_FORECAST_DAYS)
    with closing(app.open_store(write=False)) as store:
        days = store.watch_book().volumes(slug, f"{since:%Y-%m-%d}")
    groups: dict[tuple[str, str], list[VolumeDay]] = {}
    for each in days:
        groups.setdefault((each.host, each.mount), []).append(each)
    found = [_volume(own) for own in groups.values()]
    return tuple(sorted(found, key=_urgency))


def _volume(days: Sequence[VolumeDay]) -> Volume:
    last = days[-1]
    points = [(date.fromisoformat(each.day).toordinal(), float(each.used)) for each in days]
    return Volume(last.host, last.mount, last.used, last.size, last.day, growth(points, last.size))


def _urgency(volume: Volume) -> tuple[float, str, str]:
    soonest = volume.forecast.soonest
    return (float("inf") if soonest is None else soonest, volume.host, volume.mount)
