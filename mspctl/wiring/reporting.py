"""A client's health report over the inventory, the run log and the desk."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mspctl.desk.calls import folded
from mspctl.library.reportfiles import commentary
from mspctl.model.inventory import Client
from mspctl.model.monitoring import Span
from mspctl.model.snapshot import Snapshot
from mspctl.report.facts.areas import PROOF_DAYS
from mspctl.report.facts.availability import DaySeen, availability_findings, day_seen
from mspctl.report.facts.backupmeasures import backup_findings
from mspctl.report.facts.backups import ALL_MODULES, PROOF_MODULES, HostBackup, host_backups
from mspctl.report.facts.forecast import DAYS_READ, PREFIXES
from mspctl.report.facts.measured import Findings
from mspctl.report.facts.period import Period
from mspctl.report.facts.protection import protection_findings
from mspctl.report.facts.summary import Summary
from mspctl.report.formats.month import month_summary
from mspctl.report.score.health import Health, health_of, snapshot_of
from mspctl.wiring.app import App
from mspctl.wiring.incidents import host_uptimes
from mspctl.wiring.reportahead import ahead_of
from mspctl.wiring.reportdates import maintenance_of, milestones_of
from mspctl.wiring.reportrecords import incidents_in
from mspctl.wiring.reportservice import service_of
from mspctl.wiring.roadmap import assets_of
from mspctl.wiring.security import REMEMBERED, client_postures

_QUARTER = timedelta(days=90)
_PROOF = timedelta(days=PROOF_DAYS[-1][0])
"""An older proof is worth nothing to the score."""

if TYPE_CHECKING:
    from mspctl.runstore.store import SqlRunStore


def client_health(app: App, slug: str, month: str) -> Health:
    """The health of a client's month. What a month that is over came to is kept.

    Until its report is approved or sent, at most for the month after it, a later report corrects that.

    Raises:
        UsageError: there is no such client, no such month, or it has not begun.
        StorageError: the run log cannot be read, or the month's end not be kept.
    """
    inventory = app.inventory({slug})
    (client,) = (each for each in inventory.clients if each.slug == slug)
    with closing(app.open_store(write=False)) as store:
        summary = month_summary(
            store,
            client,
            month,
            provider=inventory.provider.name,
            now=app.clock.now(),
            support=app.support(),
        )
        seen = {(each.package, each.version): each.first for each in store.seen(slug, summary.period.start)}
        kept = store.snapshots(slug)
        calls = folded(store.call_records({slug}))
        until = summary.period.until
        ours, quarter = _backups(store, client, summary)
        incidents = incidents_in(client, store.watch_book().records([slug]), summary.period)
        spans = tuple(store.watch_book().spans(client.slug, summary.period.start, summary.period.until))
        postures = client_postures(store, client, until - timedelta(days=REMEMBERED), until, until)
        samples = store.samples(slug, PREFIXES, until - timedelta(days=DAYS_READ), until)
    said = commentary(app.project, slug, month)
    kinds = {host.key: host.criticality for host in client.hosts}
    health = health_of(
        summary,
        seen,
        others=(
            backup_findings(ours, quarter, kinds),
            _availability(client, spans, summary.period),
            protection_findings(postures, until, summary.stale_days),
        ),
        snapshots=kept,
        service=service_of(app, client, summary.period, calls),
        said=said,
        samples=samples,
    )
    watched = _days(client, spans, summary.period)
    health = replace(health, postures=postures, backups=quarter, watched=watched)
    health = replace(
        health,
        incidents=incidents,
        maintenance=maintenance_of(client, summary.period, summary.made),
        milestones=milestones_of(app, slug, summary.period.start.date()),
        contracts=tuple(each.since for each in client.contracts),
    )
    assets = assets_of(app, slug)
    health = replace(health, assets=assets, roadmap=ahead_of(app, client, health, calls, assets))
    ended = month_end(health)
    if ended is not None and _open(ended, kept, summary):
        with closing(app.open_store()) as store:
            store.write_snapshot(ended)
    return health


def month_end(health: Health) -> Snapshot | None:
    """What is kept of the month; None if it is not over, or nothing was measured in it."""
    return None if health.summary.period.partial or not health.measured else snapshot_of(health)


def _open(ended: Snapshot, kept: Iterable[Snapshot], summary: Summary) -> bool:
    """True while a report of the month may still correct what it came to: through the month after it."""
    known = [each for each in kept if (each.month, each.version) == (ended.month, ended.version)]
    settled = summary.period.end + timedelta(days=31)
    return not known or (not known[0].final and summary.made < settled)


def _backups(
    store: "SqlRunStore", client: Client, summary: Summary
) -> tuple[tuple[HostBackup, ...], tuple[HostBackup, ...]]:
    """Of the month and of 90 days, with proofs as old as count; none of a client without backups."""
    if not any(host.backup.expected for host in client.hosts):
        return (), ()
    period = summary.period
    since = period.until - _QUARTER
    runs = list(store.runs(client=client.slug, since=since, until=period.until, modules=ALL_MODULES))
    ours = [run for run in runs if run.started >= period.start]
    agreed = max(host.backup.goals.proof for host in client.hosts)
    first = period.until - max(_PROOF, timedelta(seconds=agreed))
    proving = store.runs(client=client.slug, since=first, until=period.until, modules=PROOF_MODULES)
    proofs = {each.host: each.proofs for each in host_backups(client, proving, period.until)}
    quarter = host_backups(client, runs, period.until)
    with_proofs = tuple(replace(each, proofs=proofs[each.host]) for each in quarter)
    return host_backups(client, ours, period.until), with_proofs


def _availability(client: Client, spans: Sequence[Span], period: Period) -> Findings:
    watched = host_uptimes(client, spans, period.start, period.until)
    return availability_findings(watched, {host.key: host.criticality for host in client.hosts})


def _days(client: Client, spans: Sequence[Span], period: Period) -> Mapping[str, tuple[DaySeen, ...]]:
    """Each day of the month, of the hosts that are watched; of days to come nothing is said."""
    days: dict[str, list[DaySeen]] = {
        host: [] for host in host_uptimes(client, spans, period.start, period.until)
    }
    start = period.start
    while start < period.end:
        # Across a change of the clocks a day has 23 or 25 hours: the next one begins at its own midnight.
        after = start + timedelta(days=1)
        begun = [span for span in spans if span.begins < after and span.ends > start]
        seen = host_uptimes(client, begun, start, min(after, period.until)) if start < period.until else None
        for host, found in days.items():
            found.append(DaySeen.OFF if seen is None else day_seen(seen.get(host, ())))
        start = after
    return {host: tuple(found) for host, found in days.items()}
