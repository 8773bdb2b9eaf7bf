"""`mspctl roadmap`: what is known of a client's hosts, calls, incidents and disks, made into a plan."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from mspctl.desk.billing import counted
from mspctl.desk.calls import Call
from mspctl.desk.prepaid import later
from mspctl.desk.roadmap import OFTEN, Known, more_hosts, recurring_causes, roadmap
from mspctl.desk.value import worked
from mspctl.errors import StorageError, UsageError
from mspctl.model.contract import contract_on
from mspctl.model.inventory import Client
from mspctl.model.place import Place
from mspctl.model.roadmap import Asset, Fact, Filling, More, Recurring, Roadmap, Wishes
from mspctl.model.support import SupportState
from mspctl.parse.roadmapfiles import assets_text, parse_assets, parse_wishes
from mspctl.parse.source import read_source
from mspctl.report.facts.summary import HostMonth
from mspctl.report.formats.month import month_summary
from mspctl.report.pages.roadmappage import roadmap_page
from mspctl.wiring.app import App
from mspctl.wiring.comparing import known_months
from mspctl.wiring.desk import calls_of, client_of
from mspctl.wiring.headcount import headcount_of
from mspctl.wiring.incidents import incidents_of, volumes_of
from mspctl.wiring.pages import Paper, write_paper
from mspctl.wiring.reportlook import report_look

FOLDER = "roadmap"
_MAX_BYTES = 4 * 1024 * 1024
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many more hosts of a kind."""

    hosts: int
    kind: str


def import_warranties(app: App, slug: str, file: Path) -> tuple[int, tuple[str, ...]]:
    """Take over a vendor's list: how many devices are known now, and which are not in the inventory.

    What the list does not name stays as it was.

    Raises:
        ConfigurationError: something is wrong with the list; nothing is taken over then.
        StorageError: the project's list cannot be written.
    """
    client = client_of(app, slug)
    new = parse_assets(read_source(app.environment.cwd / file, file=file.name, max_bytes=_MAX_BYTES))
    names = {host.name for host in client.hosts}
    merged = {
        asset.host: asset for asset in (*_listed(app, slug), *(each for each in new if each.host in names))
    }
    path = _assets_file(app, slug)
    text = assets_text(tuple(merged[host] for host in sorted(merged)))
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        problem = f"the list of devices cannot be written: {error.strerror}"
        raise StorageError(problem, place=Place(str(path))) from error
    return len(merged), tuple(each.host for each in new if each.host not in names)


def roadmap_of(app: App, slug: str, wanted: Wanted | None = None) -> Roadmap:
    """A client's roadmap as of today.

    Raises:
        UsageError: there is no such client, or no host of the kind that is to grow.
        ConfigurationError: one of its files is wrong.
    """
    client = client_of(app, slug)
    now = app.clock.now()
    today = now.astimezone(ZoneInfo(client.timezone)).date()
    calls = calls_of(app, (slug,))
    known = Known(
        slug,
        today,
        tuple(_facts(app, client, today, now)),
        assets_of(app, slug),
        tuple(_filling(app, slug, today)),
        recurring_of(app, client, calls, today),
        wishes_of(app, slug),
    )
    return roadmap(known, _more(app, client, calls, wanted) if wanted else None)


def write_roadmap(app: App, slug: str, found: Roadmap, paper: Paper) -> tuple[str, ...]:
    """Write the page in each format; the names of the files. Raises as write_paper."""
    look, _ = report_look(app, slug, paper.language)
    page = roadmap_page(found, look, app.inventory({slug}).provider.name, client_of(app, slug).name)
    return write_paper(page, f"{slug}-roadmap-{found.made}", paper)


def _facts(app: App, client: Client, today: date, now: datetime) -> Iterator[Fact]:
    """From this month's runs and the last month's: a host says what it runs when something runs on it."""
    months = [f"{later(today.replace(day=1), -back):%Y-%m}" for back in (0, 1)]
    with closing(app.open_store(write=False)) as store:
        summaries = [
            month_summary(store, client, month, provider="", now=now, support=app.support())
            for month in months
        ]
    told: dict[str, HostMonth] = {}
    for summary in summaries:
        for host in summary.hosts:
            if host.os and host.host not in told:
                told[host.host] = host
    for each in client.hosts:
        yield fact_of(each.name, each.criticality, told.get(each.name) or told.get(each.key))


def fact_of(name: str, kind: str, host: HostMonth | None) -> Fact:
    """What a month of runs says of a host."""
    if host is None:
        return Fact(name, kind)
    term = host.support.term
    rolling = host.support.state is SupportState.ROLLING
    return Fact(name, kind, host.os, term.until if term else None, term.extended if term else None, rolling)


def _assets_file(app: App, slug: str) -> Path:
    return app.project / FOLDER / f"{slug}-assets.csv"


def assets_of(app: App, slug: str) -> tuple[Asset, ...]:
    """The devices that the project's list names and the inventory still has. Raises ConfigurationError."""
    names = {host.name for host in client_of(app, slug).hosts}
    return tuple(each for each in _listed(app, slug) if each.host in names)


def _listed(app: App, slug: str) -> tuple[Asset, ...]:
    path = _assets_file(app, slug)
    if not path.exists():
        return ()
    return parse_assets(read_source(path, file=f"{FOLDER}/{path.name}", max_bytes=_MAX_BYTES))


def wishes_of(app: App, slug: str) -> Wishes:
    """Prices and risks that a person wrote down. Raises ConfigurationError."""
    path = app.project / FOLDER / f"{slug}.toml"
    if not path.exists():
        return Wishes()
    return parse_wishes(read_source(path, file=f"{FOLDER}/{path.name}", max_bytes=_MAX_BYTES))


def _filling(app: App, slug: str, today: date) -> Iterator[Filling]:
    for volume in volumes_of(app, slug):
        forecast = volume.forecast
        if forecast.soonest is not None:
            since = date.fromisoformat(volume.day)
            days = forecast.days if forecast.sure and forecast.days is not None else forecast.soonest
            full = max(since + timedelta(days=days), min(since, today))
            yield Filling(volume.host, volume.mount, full, forecast.sure)


def recurring_of(app: App, client: Client, calls: tuple[Call, ...], today: date) -> tuple[Recurring, ...]:
    """What came again in the twelve months before a day: causes of calls, and incidents."""
    return (*_causes(client, calls, today), *_reopened(app, client, today))


def _causes(client: Client, calls: tuple[Call, ...], today: date) -> Iterator[Recurring]:
    return recurring_causes(calls, client.timezone, later(today, -_MONTHS), today)


def _reopened(app: App, client: Client, today: date) -> Iterator[Recurring]:
    zone, since = ZoneInfo(client.timezone), later(today, -_MONTHS)
    days: dict[str, list[date]] = {}
    for each in incidents_of(app, (client.slug,)):
        day = each.opened.astimezone(zone).date()
        if since <= day <= today:
            days.setdefault(each.key, []).append(day)
    counted = Counter({key: len(found) for key, found in days.items()})
    for key, times in counted.most_common():
        if times >= OFTEN:
            yield Recurring(key, times, 0, min(days[key]), max(days[key]), from_calls=False)


def _more(app: App, client: Client, calls: tuple[Call, ...], wanted: Wanted) -> More:
    now = app.clock.now()
    today = now.astimezone(ZoneInfo(client.timezone)).date()
    contract = contract_on(client.contracts, today)
    units = counted(contract, headcount_of(app, client), today.replace(day=1))
    if wanted.kind not in units:
        kinds = ", ".join(sorted(units))
        raise UsageError(f"{client.slug} has no hosts of the kind {wanted.kind}", hint=f"there are: {kinds}")
    months = known_months(client, calls, now, _MONTHS)
    seconds = [worked(calls, client.timezone, month, now).seconds for month in months]
    return more_hosts(client.contracts, units, wanted.kind, wanted.hosts, today, seconds)
