"""`mspctl patches`: what is pending under which policy, what was decided, which windows were missed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from mspctl.engine.patchrules import PATCH_WINDOW
from mspctl.engine.patchstate import MissedWindow, PatchState, missed_window, patch_state
from mspctl.errors import UsageError
from mspctl.model.inventory import Host
from mspctl.model.ledger import EVERY_VERSION, Decision, Ledger, Pending, Verdict
from mspctl.model.suggestion import did_you_mean
from mspctl.wiring.app import App
from mspctl.wiring.catchup import playbooks_of_window
from mspctl.wiring.judging import read_ledgers


@dataclass(frozen=True, slots=True)
class Update:
    """One version of one package that hosts of a client have pending, and what would become of it there.

    `hosts` are names. Hosts with different policies make different updates.
    """

    client: str
    package: str
    version: str
    security: bool
    first_seen: datetime | None
    state: PatchState
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision is about: a package (a glob for `approve`), a version, one client or all."""

    package: str
    version: str
    client: str


def pending_updates(app: App, clients: Collection[str]) -> tuple[Update, ...]:
    """The pending updates of these clients (all if none is named), by client, name and version.

    Raises:
        UsageError: a client has no file.
    """
    inventory = app.inventory(clients or None)
    hosts = {host.key: host for host in inventory.hosts}
    now = app.clock.now()
    slugs = [client.slug for client in inventory.clients]
    known = read_ledgers(app, slugs, now)
    with closing(app.open_store(write=False)) as store:
        rows = [row for row in store.pending(slugs) if row.host in hosts]
    return tuple(_grouped(rows, hosts, known, now))


def _grouped(
    rows: Sequence[Pending], hosts: Mapping[str, Host], known: Mapping[str, Ledger], now: datetime
) -> Iterator[Update]:
    first = {
        (client, each.package, each.version): each.first
        for client, ledger in known.items()
        for each in ledger.seen
    }
    groups: dict[tuple[str, str, str, bool, PatchState], list[str]] = {}
    for row in rows:
        host = hosts[row.host]
        state = patch_state(row, host, known[host.client], now)
        key = (host.client, row.package, row.version, row.security, state)
        groups.setdefault(key, []).append(host.name)
    for key in sorted(groups, key=lambda key: (key[0], not key[3], key[1], key[2], key[4].word)):
        client, package, version, security, state = key
        seen = first.get((client, package, version))
        yield Update(client, package, version, security, seen, state, tuple(groups[key]))


@dataclass(frozen=True, slots=True)
class Decided:
    """What was recorded; `awaited` is False where an approval names a version that no scan has found."""

    made: tuple[Decision, ...]
    awaited: bool


def decide(app: App, verdict: Verdict, asked: Asked, reason: str) -> Decided:
    """Record a decision. `approve` without a version is about the versions pending now.

    Raises:
        UsageError: no such update is pending; it is rejected or quarantined (`approve`); there is nothing to
            release.
        ConfigurationError: the inventory is wrong.
    """
    everybody = app.client_names()
    if asked.client and asked.client not in everybody:
        raise UsageError(f"there is no client `{asked.client}`", hint=did_you_mean(asked.client, everybody))
    clients = (asked.client,) if asked.client else everybody
    now = app.clock.now()
    versions: Sequence[tuple[str, str]] = [(asked.package, asked.version)]
    awaited = True
    with closing(app.open_store()) as store:
        if verdict is Verdict.APPROVE:
            rows = store.pending(clients)
            versions = _approvable(asked, rows, read_ledgers(app, clients, now))
            awaited = any(_means(asked, row) for row in rows)
        elif verdict is Verdict.RELEASE:
            _check_release(asked, read_ledgers(app, clients, now))
        made = tuple(
            Decision(verdict, package, version, asked.client, app.environment.user, now, reason)
            for package, version in versions
        )
        store.decide(made)
    for each in made:
        told = {"verdict": each.verdict.value, "package": each.package, "version": each.version}
        app.audited("patch-decided", {**told, "client": each.client or "all", "reason": each.reason})
    return Decided(made, awaited)


def _approvable(
    asked: Asked, rows: Sequence[Pending], known: Mapping[str, Ledger]
) -> Sequence[tuple[str, str]]:
    """The pending versions that are meant; a version that is named need not be pending yet."""
    found = dict.fromkeys((row.package, row.version) for row in rows if _means(asked, row))
    if not found and asked.version != EVERY_VERSION:
        found = {(asked.package, asked.version): None}
    if not found:
        names = {row.package for row in rows}
        raise UsageError(
            f"no update of `{asked.package}` is pending", hint=did_you_mean(asked.package, names)
        )
    barred = sorted(
        {name for name, version in found for ledger in known.values() if _bars(ledger, name, version)}
    )
    if barred:
        raise UsageError(
            f"rejected, or quarantined since it failed elsewhere: {', '.join(barred)}",
            hint="see `mspctl patches pending`; take that back first with `mspctl patches release`",
        )
    return tuple(found)


def _means(asked: Asked, row: Pending) -> bool:
    names = (row.package, row.package.partition(":")[0])
    wanted = asked.version in {EVERY_VERSION, row.version}
    return wanted and any(fnmatchcase(name, asked.package) for name in names)


def _bars(ledger: Ledger, name: str, version: str) -> bool:
    barred = (*ledger.quarantined, *((package, glob) for package, glob, _ in ledger.rejected))
    return any(fnmatchcase(name, package) and fnmatchcase(version, glob) for package, glob in barred)


def _check_release(asked: Asked, known: Mapping[str, Ledger]) -> None:
    pairs = {
        pair
        for ledger in known.values()
        for pair in (
            *ledger.approved,
            *ledger.quarantined,
            *((name, glob) for name, glob, _ in ledger.rejected),
        )
    }
    matching = {
        pair for pair in pairs if pair[0] == asked.package and asked.version in {EVERY_VERSION, pair[1]}
    }
    if not matching:
        raise UsageError(
            f"nothing was decided about `{asked.package}`, and it is not quarantined",
            hint=did_you_mean(asked.package, {name for name, _ in pairs}),
        )


def missed_windows(app: App, clients: Collection[str], days: int) -> tuple[MissedWindow, ...]:
    """Hosts whose last patch window of the last `days` days passed without a good patch run.

    Raises:
        UsageError: a client has no file.
    """
    inventory = app.inventory(clients or None)
    now = app.clock.now()
    since = now - timedelta(days=days)
    with closing(app.open_store(write=False)) as store:
        good = store.good_runs(playbooks_of_window(app, PATCH_WINDOW), since)
    found = (missed_window(host, good.get(host.key), now, since) for host in inventory.hosts)
    return tuple(each for each in found if each is not None)
