"""`mspctl monitor`: ask, judge, keep; then heal and tell."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mspctl.engine.openings import is_open
from mspctl.errors import UsageError
from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Client, Host, Inventory
from mspctl.model.monitoring import (
    CERTIFICATE,
    REACH,
    IncidentRecord,
    Monitoring,
    Probe,
    ProbeKind,
    Sample,
    Standing,
    VolumeDay,
)
from mspctl.monitor.incidents import Incident, folded
from mspctl.monitor.probing.ask import ask_all
from mspctl.monitor.probing.wire import endpoint
from mspctl.monitor.rounds import Subject, judge_round, spans_of
from mspctl.ports import WatchResult
from mspctl.wiring.app import App
from mspctl.wiring.hostprobes import Asked, ask_hosts, asked_on_hosts, prepare_hosts

KEPT = timedelta(days=800)
"""How long it is remembered when what was up, and how full file systems were."""
_SHOWS_CERTIFICATE = frozenset({ProbeKind.HTTP, ProbeKind.TLS})
_NO_ADDRESS = frozenset({ProbeKind.HTTP, ProbeKind.DNS})
_USED, _SIZE = "disk.used:", "disk.size:"
_MOST_BYTES = 2**62
"""No file system has more, whatever a host says."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a round at a client gave. `records` happened in it; `incidents` are those open after it."""

    client: Client
    monitoring: Monitoring
    at: datetime
    samples: tuple[Sample, ...]
    standings: tuple[Standing, ...]
    records: tuple[IncidentRecord, ...]
    incidents: tuple[Incident, ...]
    closed: tuple[Incident, ...] = ()
    """Those that were closed in it."""


def watch(app: App, slug: str, command: Sequence[str]) -> Watched:
    """One round at a client, kept in the run log's database.

    Raises:
        UsageError: there is no such client, or nothing is watched there; nothing was asked.
        ConfigurationError, SecretError: a probe on hosts cannot be asked; nothing was asked.
        LockHeld: another round is at work at this client.
        StorageError: the result cannot be kept.
    """
    inventory = app.inventory({slug})
    (client,) = inventory.clients
    monitoring = client.monitoring
    if monitoring is None or not monitoring.probes:
        raise UsageError(f"nothing is watched at {slug}", hint="see monitor in `mspctl inventory schema`")
    with ExitStack() as stack:
        lock = stack.enter_context(app.lock(slug, "monitor", command))
        asked = asked_on_hosts(app, inventory, monitoring.probes)
        samples = _ask(app, inventory, client, monitoring, asked)
        watched = _keep(app, client, monitoring, samples, asked)
        lock.release(clean=True)
    return watched


def _ask(
    app: App, inventory: Inventory, client: Client, monitoring: Monitoring, asked: Asked
) -> tuple[Sample, ...]:
    """The network and the hosts at the same time."""
    hosts = {host.name: host for host in client.hosts}
    from_here = [_aimed(probe, hosts) for probe in monitoring.probes if probe.kind is not ProbeKind.MODULE]
    with ThreadPoolExecutor(max_workers=1) as beside:
        prepared = prepare_hosts(app, inventory, client, asked)
        answers = beside.submit(ask_all, from_here)
        on_hosts = ask_hosts(app, prepared, asked)
        return (*answers.result(), *on_hosts)


def _aimed(probe: Probe, hosts: Mapping[str, Host]) -> Probe:
    """The name of a host of the inventory becomes its address."""
    host = _host_of(probe, hosts)
    if host is None:
        return probe
    rest = probe.target[len(host.name) :]
    address = host.access.address
    return replace(probe, target=f"[{address}]{rest}" if ":" in address and rest else f"{address}{rest}")


def _host_of(probe: Probe, hosts: Mapping[str, Host]) -> Host | None:
    if probe.kind in _NO_ADDRESS:
        return None
    return hosts.get(endpoint(probe.target, 0)[0])


def host_of_key(key: str, probe: Probe, client: Client) -> str:
    """The host that a key is about, empty if it is none of the inventory."""
    named = key.partition("@")[2]
    if named:
        return named
    host = _host_of(probe, {host.name: host for host in client.hosts})
    return host.name if host else ""


def subjects_of(client: Client, monitoring: Monitoring, asked: Asked, now: datetime) -> Mapping[str, Subject]:
    """All keys that are watched, with what each lies behind."""
    hosts = {host.name: host for host in client.hosts}
    found = [
        *_subjects_from_here(client, monitoring, hosts, now),
        *(
            each
            for host, probes in asked.values()
            for each in _subjects_on(host, probes, monitoring, hosts, now)
        ),
    ]
    return {each.key: each for each in found}


def _subjects_from_here(
    client: Client, monitoring: Monitoring, hosts: Mapping[str, Host], now: datetime
) -> Iterator[Subject]:
    for probe in monitoring.probes:
        if probe.kind is ProbeKind.MODULE:
            continue
        host = _host_of(probe, hosts)
        gate = monitoring.gates.get(host.site, "") if host else ""
        behind = (*probe.depends_on, *((gate,) if gate not in {"", probe.name} else ()))
        quiet = _in_maintenance(host.calendar if host else client.calendar, monitoring, now)
        yield Subject(probe.name, probe.down_after, behind, quiet)
        if probe.kind in _SHOWS_CERTIFICATE:
            yield Subject(f"{probe.name}:{CERTIFICATE}", 1, (probe.name,), quiet)


def _subjects_on(
    host: Host, probes: Sequence[Probe], monitoring: Monitoring, hosts: Mapping[str, Host], now: datetime
) -> Iterator[Subject]:
    quiet = _in_maintenance(host.calendar, monitoring, now)
    reach = f"{REACH}@{host.name}"
    gate, jump = monitoring.gates.get(host.site, ""), host.access.gateway or ""
    behind = (*((gate,) if gate else ()), *((f"{REACH}@{jump}",) if jump in hosts else ()))
    yield Subject(reach, behind=behind, maintenance=quiet)
    for probe in probes:
        yield Subject(f"{probe.name}@{host.name}", probe.down_after, (*probe.depends_on, reach), quiet)


def _in_maintenance(calendar: Calendar, monitoring: Monitoring, now: datetime) -> bool:
    return any(name in calendar.windows and is_open(calendar, name, now) for name in monitoring.maintenance)


def _keep(
    app: App, client: Client, monitoring: Monitoring, samples: Sequence[Sample], asked: Asked
) -> Watched:
    now = app.clock.now()
    slug = client.slug
    with closing(app.open_store()) as store:
        book = store.watch_book()
        incidents = folded(book.records([slug]))
        made = judge_round(
            slug,
            samples,
            subjects_of(client, monitoring, asked, now),
            {each.key: each for each in book.standings(slug)},
            {each.key: each for each in incidents if each.closed is None},
            now,
        )
        spans = tuple(spans_of(slug, made.standings, book.last_spans(slug), now))
        volumes = fullest(samples, book.volumes(slug, f"{now:%Y-%m-%d}"), now)
        result = WatchResult(made.standings, made.records, spans, volumes, now - KEPT)
        records = tuple(book.write(slug, result))
        after = folded(book.records([slug]))
    touched = {record.number for record in records}
    return Watched(
        client,
        monitoring,
        now,
        tuple(samples),
        made.standings,
        records,
        tuple(each for each in after if each.closed is None),
        tuple(each for each in after if each.closed is not None and each.number in touched),
    )


def fullest(samples: Sequence[Sample], today: Sequence[VolumeDay], now: datetime) -> tuple[VolumeDay, ...]:
    """The file systems that were seen, each with the most that was used today."""
    before = {(each.host, each.mount): each.used for each in today}
    found: list[VolumeDay] = []
    for sample in samples:
        host = sample.key.rpartition("@")[2]
        metrics = dict(sample.metrics)
        for name, used in metrics.items():
            mount = name.removeprefix(_USED)
            size = metrics.get(f"{_SIZE}{mount}", -1)
            if mount != name and 0 <= used <= _MOST_BYTES and 0 <= size <= _MOST_BYTES:
                most = max(int(used), before.get((host, mount), 0))
                found.append(VolumeDay(host, mount, f"{now:%Y-%m-%d}", most, int(size)))
    return tuple({(each.host, each.mount): each for each in found}.values())
