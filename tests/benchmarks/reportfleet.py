"""A fleet made up for the benchmark of reports: clients in an inventory, and years of nights in a run log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import Event, Report, ReportKind, StepEnded, StepReported, StepStarted
from mspctl.model.inventory import Access, Host
from mspctl.model.monitoring import Span
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.selection import Selection
from mspctl.ports import WatchResult
from mspctl.runstore.store import SqlRunStore
from mspctl.testing.reportcase import held_back, metric, pending, scan, upgraded
from mspctl.testing.runs import ended, made_run

NIGHTS = (3, 10, 14, 17, 24)
_STEPS = tuple(
    BundleStep(index, name, module, "")
    for index, (name, module) in enumerate(
        (
            ("Upgrade packages", "packages"),
            ("Look again", "updates"),
            ("Facts", "facts"),
            ("Disks", "disk"),
            ("Back up", "restic"),
        )
    )
)
_SYSTEMS = (
    ("debian", "13", "Debian GNU/Linux 13 (trixie)"),
    ("debian", "12", "Debian GNU/Linux 12 (bookworm)"),
    ("ubuntu", "24.04", "Ubuntu 24.04.3 LTS"),
    ("ubuntu", "22.04", "Ubuntu 22.04.5 LTS"),
)
_PACKAGES = ("openssl", "libssl3", "nginx", "curl", "sudo", "bind9-host", "openssh-server", "libc6", "tzdata")
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Fleet:
    """`clients` of `hosts` hosts each, over so many months of which October 2026 is the last."""

    clients: int
    hosts: int
    months: int

    @property
    def names(self) -> tuple[str, ...]:
        """The clients."""
        return tuple(f"client{number:04}" for number in range(self.clients))


def write_project(folder: Path, fleet: Fleet) -> None:
    """The inventory: hosts of three kinds, watched and backed up, in an agreement."""
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text("name: Brightwater\n")
    kinds = ("server", "server", "workstation", "critical")
    for name in fleet.names:
        lines = (
            f"      h{number:03}: {{address: 10.0.0.{number % 250 + 1}, shared: true,"
            f" criticality: {kinds[number % 4]}}}\n"
            for number in range(fleet.hosts)
        )
        text = (
            f"client: {name}\nname: {name.title()} GmbH\ntimezone: Europe/Berlin\n"
            "contract:\n  - {plan: break_fix, from: 2025-01-01, currency: EUR, labour: {rate: 90},"
            ' hours: {business: "Mon-Fri 08:00-18:00"}}\n'
            'backup: {sources: [/srv], repository: /b, password: "file:keys/b"}\n'
            f"sites:\n  hq:\n    hosts:\n{''.join(lines)}"
        )
        (clients / f"{name}.yml").write_text(text)


def fill(store: SqlRunStore, fleet: Fleet, nights: Sequence[int] = NIGHTS) -> int:
    """Each client's nights and what was watched of it; the number of host rows."""
    rows = 0
    for client in fleet.names:
        hosts = tuple(Host(client, "hq", f"h{number:03}", Access()) for number in range(fleet.hosts))
        for month in range(fleet.months):
            for day in nights:
                _night(store, hosts, _back(month, day))
                rows += len(hosts)
        begin, end = datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
        spans = tuple(Span(client, f"reach@{host.name}", "up", begin, end) for host in hosts)
        store.watch_book().write(client, WatchResult((), (), spans, (), begin))
    return rows


def _back(months: int, day: int) -> datetime:
    year, zero_based = divmod(2026 * 12 + 9 - months, 12)
    return datetime(year, zero_based + 1, day, 1, 30, tzinfo=UTC)


def _night(store: SqlRunStore, hosts: Sequence[Host], at: datetime) -> None:
    bundles = tuple(Bundle(host, _STEPS, (), (), "d") for host in hosts)
    plan = Plan("patch", check_mode=False, selection=Selection(tuple(hosts)), bundles=bundles, digest="p")
    run = made_run(plan, f"{at:%Y%m%dT%H%MZ}-{hosts[0].client}-patch-0000", at)
    store.plan(run, plan)
    batch: list[Event] = []
    for number, host in enumerate(hosts):
        batch += _story(host.key, number, at)
        if len(batch) > _BATCH:
            store.record(run.id, batch)
            batch = []
    store.record(run.id, batch)
    store.finish(run.id, at + timedelta(minutes=20))


def _story(host: str, number: int, at: datetime) -> Iterator[Event]:
    if (number + at.day) % 37 == 0:
        yield ended(host, Outcome.UNREACHABLE, at)
        return
    turn = at.month * 31 + at.day
    chosen = [name for place, name in enumerate(_PACKAGES) if (place + number + turn) % 2]
    installs = tuple(
        upgraded(name, f"1.{turn}", f"1.{turn + 1}", security=number % 2 == 0) for name in chosen
    )
    waits = [pending("linux-image-amd64", "6.12.48", "6.12.57", security=True)] if number % 9 == 4 else []
    kept = [held_back("postgresql-16")] if number % 11 == 5 else []
    stories = (installs, scan(*waits, *kept, restart=number % 13 == 6), *_told(number, turn))
    for index, reports in enumerate(stories):
        yield StepStarted(host, index, 1.0)
        for report in reports:
            yield StepReported(host, index, report)
        yield StepEnded(host, index, StepStatus.CHANGED, "")
    yield ended(host, Outcome.CHANGED, at)


def _told(number: int, turn: int) -> Iterator[tuple[Report, ...]]:
    system = zip(("os.id", "os.version", "os.name"), _SYSTEMS[number % len(_SYSTEMS)], strict=True)
    yield tuple(Report(ReportKind.FACT, key, value) for key, value in system)
    size = 2_000_398_934_016
    used = size * (30 + number % 55 + turn % 31 / 40) / 100
    yield tuple(
        metric(f"disk.{name}:{mount}", value)
        for mount in ("/", "/srv")
        for name, value in (
            ("size", size),
            ("used", int(used)),
            ("percent", int(used * 100 / size)),
            ("inodes", 9),
        )
    )
    yield (Report(ReportKind.FACT, "backup.snapshot", "5a4843c8"),)
