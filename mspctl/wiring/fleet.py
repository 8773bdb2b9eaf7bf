"""All clients and hosts as they stand, from the inventory and a handful of queries over the run log."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from mspctl.engine.openings import Opening
from mspctl.engine.patchrules import PATCH_WINDOW
from mspctl.engine.patchstate import LOOK_BACK_DAYS, around
from mspctl.engine.timetable import Missed
from mspctl.model.fleet import LastRun, Waiting
from mspctl.model.inventory import Client, Host, Inventory
from mspctl.model.monitoring import Seen as Sight
from mspctl.monitor.incidents import Incident, folded
from mspctl.report.staff.concern import POINTS, Concern, Kind, weight
from mspctl.report.staff.fleet import ClientView, Exemption, Fleet, by_risk
from mspctl.report.staff.judge import Seen, concern, judged
from mspctl.wiring.app import App
from mspctl.wiring.catchup import playbooks_of_window
from mspctl.wiring.exemptions import ending
from mspctl.wiring.monitoring import host_of_key
from mspctl.wiring.schedules import times_missed

_Row = TypeVar("_Row", Incident, Missed)

SCHEDULE_DAYS = 8
"""How long a time of a schedule that was not kept is shown: a weekly one until the next."""


@dataclass(frozen=True, slots=True)
class _Log:
    """What was read, by host or client."""

    runs: Mapping[str, Sequence[LastRun]]
    waiting: Mapping[str, Waiting]
    incidents: Mapping[str, Sequence[Incident]]
    schedules: Mapping[str, Sequence[Missed]]
    patching: frozenset[str]
    """The playbooks of which a good run is a patch run."""
    now: datetime
    openings: dict[int, Opening | None] = field(default_factory=dict)
    """The last patch window by the identity of a calendar: hosts share them."""


def fleet_of(app: App, inventory: Inventory) -> Fleet:
    """The clients of this inventory.

    Raises:
        StorageError: the run log cannot be read.
    """
    now = app.clock.now()
    log = _read(app, inventory.clients, now)
    clients = sorted((_client_view(client, log) for client in inventory.clients), key=by_risk)
    return Fleet(inventory.provider.name, now, LOOK_BACK_DAYS, tuple(clients))


def log_mark(app: App) -> str:
    """A text that is another one as soon as the run log says something else. Raises StorageError."""
    with closing(app.open_store(write=False)) as store:
        return store.fleet_book().mark()


def _read(app: App, clients: Sequence[Client], now: datetime) -> _Log:
    names = [client.slug for client in clients]
    with closing(app.open_store(write=False)) as store:
        book = store.fleet_book()
        runs: dict[str, list[LastRun]] = {}
        for each in book.last_runs(names, now - timedelta(days=LOOK_BACK_DAYS)):
            runs.setdefault(each.host, []).append(each)
        waiting = book.waiting(names)
        incidents = folded(book.open_incidents(names))
    return _Log(
        runs,
        waiting,
        _by_client(incidents),
        _by_client(times_missed(app, clients, SCHEDULE_DAYS)),
        frozenset(playbooks_of_window(app, PATCH_WINDOW)),
        now,
    )


def _by_client(rows: Sequence[_Row]) -> Mapping[str, Sequence[_Row]]:
    found: dict[str, list[_Row]] = {}
    for each in rows:
        found.setdefault(each.client, []).append(each)
    return found


def _client_view(client: Client, log: _Log) -> ClientView:
    today = log.now.astimezone(ZoneInfo(client.timezone)).date()
    services = client.services(today)
    incidents = _incidents(client, log.incidents.get(client.slug, ()))
    exemptions = tuple(ending(client, log.now))
    hosts = tuple(
        judged(
            host,
            Seen(
                log.runs.get(host.key, ()),
                log.waiting.get(host.key),
                _missed_window(host, log),
                tuple(incidents.get(host.name, ())),
                covered=services is None or bool(services),
                now=log.now,
            ),
            LOOK_BACK_DAYS,
        )
        for host in client.hosts
    )
    own = (
        *incidents.get("", ()),
        *(_unkept(each) for each in log.schedules.get(client.slug, ())),
        *(_ending(each) for each in exemptions),
    )
    return ClientView(
        client.slug,
        client.name,
        client.contract_plan or "",
        client.timezone,
        hosts,
        (*(each for host in hosts for each in host.concerns), *own),
        exemptions,
    )


def _missed_window(host: Host, log: _Log) -> datetime | None:
    """As `mspctl patches missed`, with one look at each calendar."""
    key = id(host.calendar)
    if key not in log.openings:
        since = log.now - timedelta(days=LOOK_BACK_DAYS)
        log.openings[key] = around(host.calendar, log.now, since)[0]
    last = log.openings[key]
    if last is None:
        return None
    good = [
        each.finished
        for each in log.runs.get(host.key, ())
        if each.playbook in log.patching and each.outcome is not None and each.outcome.good and each.finished
    ]
    return None if good and max(good) >= last.begins else last.begins


def _incidents(client: Client, incidents: Sequence[Incident]) -> Mapping[str, list[Concern]]:
    """By the name of the host; those about none of the inventory under the empty name."""
    hosts = {host.name: host for host in client.hosts}
    probes = {probe.name: probe for probe in client.monitoring.probes} if client.monitoring else {}
    found: dict[str, list[Concern]] = {}
    for each in incidents:
        kind = Kind.DOWN if each.seen is Sight.DOWN else Kind.WARNING
        named = each.key.partition("@")[2]
        probe = probes.get(each.key.partition("@")[0])
        host = hosts.get(host_of_key(each.key, probe, client) if probe else named)
        taken = f" ({each.acknowledged.author} takes care of it)" if each.acknowledged else ""
        text = f"incident {each.number}, {each.key} {each.seen.value}: {each.detail}{taken}"
        evidence = f"mspctl incident show {each.number}"
        if host is None:
            points = POINTS[kind] * weight("")
            made = Concern(kind, client.slug, "", text, points, each.opened, evidence)
        else:
            made = concern(kind, host, text, each.opened, evidence)
        found.setdefault(host.name if host else "", []).append(made)
    return found


def _unkept(each: Missed) -> Concern:
    times = f", {each.times} times in a row" if each.times > 1 else ""
    text = f"schedule {each.schedule.name}: {each.word}, due {each.due:%Y-%m-%d %H:%M} UTC{times}"
    evidence = f"mspctl schedule missed --client {each.client}"
    return Concern(Kind.MISSED, each.client, "", text, POINTS[Kind.MISSED] * weight(""), each.due, evidence)


def _ending(each: Exemption) -> Concern:
    word = "is over since" if each.over else "ends on"
    text = f"{each.what} {word} {each.until}"
    return Concern(Kind.ENDING, each.client, "", text, POINTS[Kind.ENDING] * weight(""), None, each.place)
