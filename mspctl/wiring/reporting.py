"""A client's health report over the inventory, the run log and the desk."""

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from mspctl.desk.calls import Call, folded
from mspctl.library.reportfiles import commentary, report_files
from mspctl.model.inventory import Client
from mspctl.report.availability import availability_findings
from mspctl.report.backupmeasures import backup_findings
from mspctl.report.backups import ALL_MODULES, host_backups
from mspctl.report.forecast import DAYS_READ, PREFIXES
from mspctl.report.health import Health, health_of, snapshot_of
from mspctl.report.html import Look, report_folder
from mspctl.report.measured import Findings
from mspctl.report.month import month_summary
from mspctl.report.period import Period
from mspctl.report.service import CallLine, Service
from mspctl.report.speech import SOURCE_LANGUAGE, speech_of
from mspctl.report.summary import Summary
from mspctl.wiring.app import App
from mspctl.wiring.incidents import host_uptimes

_QUARTER = timedelta(days=90)

if TYPE_CHECKING:
    from mspctl.runstore.store import SqlRunStore


def client_health(app: App, slug: str, month: str) -> Health:
    """The health of a client's month. The first report of a month that is over keeps what it came to.

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
        service = _service(store, slug, summary.period)
        until = summary.period.until
        backups = _backups(store, client, summary)
        availability = _availability(store, client, summary.period)
        samples = store.samples(slug, PREFIXES, until - timedelta(days=DAYS_READ), until)
    said = commentary(app.project, slug, month)
    health = health_of(
        summary,
        seen,
        others=(backups, availability),
        snapshots=kept,
        service=service,
        said=said,
        samples=samples,
    )
    if not summary.period.partial and health.measured:
        ours = snapshot_of(health)
        if not any((each.month, each.version) == (ours.month, ours.version) for each in kept):
            with closing(app.open_store()) as store:
                store.write_snapshot(ours)
    return health


def report_look(app: App, slug: str, language: str) -> tuple[Look, tuple[str, ...]]:
    """How a client's report looks, and notes on what of its theme could not be taken.

    `language` is empty for the theme's own.

    Raises:
        ConfigurationError: a theme is wrong.
        UsageError: there is no such language.
    """
    found = report_files(app.project, slug)
    wanted = language or found.theme.language or SOURCE_LANGUAGE
    return Look(speech_of(wanted, report_folder() / "locale"), found.theme, found.templates), found.notes


def _backups(store: "SqlRunStore", client: Client, summary: Summary) -> Findings:
    """Nobody reads three months of runs for a client without backups."""
    if not any(host.backup.expected for host in client.hosts):
        return Findings()
    period = summary.period
    since = period.until - _QUARTER
    runs = list(store.runs(client=client.slug, since=since, until=period.until, modules=ALL_MODULES))
    ours = [run for run in runs if run.started >= period.start]
    month, quarter = (host_backups(client, each, period.until) for each in (ours, runs))
    return backup_findings(month, quarter, {host.key: host.criticality for host in client.hosts})


def _availability(store: "SqlRunStore", client: Client, period: Period) -> Findings:
    spans = store.watch_book().spans(client.slug, period.start, period.until)
    watched = host_uptimes(client, spans, period.start, period.until)
    return availability_findings(watched, {host.key: host.criticality for host in client.hosts})


def _service(store: "SqlRunStore", slug: str, period: Period) -> Service:
    calls = folded(store.call_records({slug}))
    ours = [call for call in calls if period.start <= call.started < period.end]
    return Service(tuple(_line(call, period) for call in sorted(ours, key=lambda call: call.started)))


def _line(call: Call, period: Period) -> CallLine:
    seconds = call.seconds(period.until)
    return CallLine(call.number, call.started, call.title, call.priority, seconds, call.open)
