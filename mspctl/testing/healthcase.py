"""A made-up year of a made-up client for the health report: every light, disks, support, calls, history."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from mspctl.engine.fold import Fold
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import Event, Report, ReportKind, StepEnded, StepReported, StepStarted
from mspctl.model.inventory import Access, Client, Host, Site
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.model.sample import Sample
from mspctl.model.security import NO_SECURITY, SecurityPolicy, Waiver
from mspctl.model.selection import Selection
from mspctl.model.snapshot import Snapshot
from mspctl.model.support import SupportTable, SupportTerm
from mspctl.model.theme import Appointment, Commentary
from mspctl.model.uptime import Uptime
from mspctl.report.facts.areas import SCORE_VERSION, Area
from mspctl.report.facts.availability import DaySeen, availability_findings
from mspctl.report.facts.backupmeasures import backup_findings
from mspctl.report.facts.backups import HostBackup
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.facts.measured import Findings
from mspctl.report.facts.measures import FirstSeen
from mspctl.report.facts.period import month_of
from mspctl.report.facts.protection import protection_findings
from mspctl.report.facts.summarise import summarise
from mspctl.report.score.health import Health, health_of
from mspctl.testing.aheadcase import assets, roadmap
from mspctl.testing.backupcase import backups_of
from mspctl.testing.posturecase import postures
from mspctl.testing.reportcase import held_back, metric, pending, scan, upgraded
from mspctl.testing.runs import ended, made_run
from mspctl.testing.servicecase import service

MADE = datetime(2026, 11, 2, 9, tzinfo=UTC)
_STEPS = tuple(
    BundleStep(number, name, module, "")
    for number, (name, module) in enumerate(
        (
            ("Upgrade packages", "packages"),
            ("Look again", "updates"),
            ("Facts", "facts"),
            ("Disk space", "disk"),
        )
    )
)
_TERMS = (
    SupportTerm(
        "debian", "12", date(2026, 7, 11), "debian.org", date(2026, 8, 1), date(2028, 6, 30), "Debian LTS"
    ),
    SupportTerm(
        "debian", "13", date(2028, 8, 9), "debian.org", date(2026, 8, 1), date(2030, 6, 30), "Debian LTS"
    ),
    SupportTerm("ubuntu", "22.04", date(2027, 4, 30), "ubuntu.com", date(2026, 8, 1)),
    SupportTerm("ubuntu", "24.04", date(2029, 5, 31), "ubuntu.com", date(2026, 8, 1)),
    SupportTerm("windows", "2016", date(2027, 1, 12), "microsoft.com", date(2026, 8, 1)),
    SupportTerm("windows", "2022", date(2031, 10, 14), "microsoft.com", date(2026, 8, 1)),
)
_HOSTS = (
    ("web1", "server", "debian", "13", "Debian GNU/Linux 13 (trixie)", 41),
    ("web2", "server", "debian", "13", "Debian GNU/Linux 13 (trixie)", 44),
    ("db1", "critical", "debian", "13", "Debian GNU/Linux 13 (trixie)", 72),
    ("files1", "critical", "ubuntu", "24.04", "Ubuntu 24.04.3 LTS", 91),
    ("mail1", "server", "debian", "12", "Debian GNU/Linux 12 (bookworm)", 58),
    ("licences1", "server", "windows", "2016", "Windows Server 2016", 77),
    ("dc1", "critical", "windows", "2022", "Windows Server 2022", 48),
    ("dc2", "server", "windows", "2022", "Windows Server 2022", 46),
    ("backup1", "server", "ubuntu", "24.04", "Ubuntu 24.04.3 LTS", 83),
    ("cad1", "workstation", "ubuntu", "22.04", "Ubuntu 22.04.5 LTS", 66),
    ("cad2", "workstation", "ubuntu", "24.04", "Ubuntu 24.04.3 LTS", 63),
    ("front1", "workstation", "ubuntu", "24.04", "Ubuntu 24.04.3 LTS", 38),
)
_NAMES = tuple(each[0] for each in _HOSTS)
_GONE = "laptop3"
_PACKAGES = (
    "openssl",
    "libssl3",
    "nginx",
    "openssh-server",
    "curl",
    "linux-image-amd64",
    "bind9-host",
    "sudo",
)


def client(name: str = "Alder & Finch Architects") -> Client:
    """Thirteen computers in Berlin, one of which nobody has seen."""
    waiver = Waiver("ssh-password", "Robin Alder", "the plotters know no keys", date(2027, 3, 31))
    waived = SecurityPolicy(waivers=(waiver,))
    hosts = tuple(
        Host(
            "alder",
            "hq",
            name,
            Access(),
            criticality=kind,
            security=waived if name == "web1" else NO_SECURITY,
        )
        for name, kind, *_ in _HOSTS
    )
    gone = Host("alder", "studio", _GONE, Access(), criticality="workstation")
    return Client("alder", name, "Europe/Berlin", (Site("hq", hosts), Site("studio", (gone,))))


def _facts(os: str, version: str, name: str) -> Iterator[Report]:
    for key, value in (("os.id", os), ("os.version", version), ("os.name", name)):
        yield Report(ReportKind.FACT, key, value)


def _disk(percent: int) -> Iterator[Report]:
    mount = "/srv" if percent > 80 else "/"  # noqa: PLR2004 - the fullest ones hold files
    yield metric(f"disk.size:{mount}", 2_000_398_934_016)
    yield metric(f"disk.percent:{mount}", percent)
    yield metric(f"disk.inodes:{mount}", percent // 3)


def _events(host: str, at: datetime, number: int) -> Iterator[Event]:
    day = at.day
    key = f"alder/{host}"
    _, _, os, version, name, percent = _HOSTS[number]
    if (host, day) == ("cad1", 17):
        yield ended(key, Outcome.UNREACHABLE, at)
        return
    if (host, day) == ("db1", 10):
        yield ended(key, Outcome.HELD, at, reason="window")
        return
    failed = (host, day) == ("backup1", 24)
    installs = () if failed else tuple(_installed(host, day, number))
    waits = [pending("linux-image-amd64", "6.12.48", "6.12.57", security=True)] if host == "mail1" else []
    waits += [pending("tzdata", "2026a", "2026b")] if number % 3 == 0 else []
    kept = [held_back("postgresql-16")] if host == "db1" else []
    look = scan(*waits, *kept, restart=host == "web2")
    stories = (installs, look, tuple(_facts(os, version, name)), tuple(_disk(percent)))
    for index, reports in enumerate(stories):
        yield StepStarted(key, index, 1.0)
        for report in reports:
            yield StepReported(key, index, report)
        bad = failed and index == 0
        reason = "dpkg was interrupted: the disk of the host is full" if bad else ""
        yield StepEnded(key, index, StepStatus.FAILED if bad else StepStatus.OK, reason)
    yield ended(key, Outcome.FAILED if failed else Outcome.CHANGED, at)


def _installed(host: str, day: int, number: int) -> Iterator[Report]:
    for place, package in enumerate(_PACKAGES):
        if (place + number + day) % 3 == 0 and not (host == "mail1" and package.startswith("linux")):
            yield upgraded(package, f"1.{day}", f"1.{day + 1}", security=place % 2 == 0)


@dataclass(frozen=True, slots=True)
class Night:
    """A run as a run log is given it."""

    plan: Plan
    run: Run
    events: tuple[Event, ...]
    end: datetime


def nights(of: Client) -> Iterator[Night]:
    """Five Saturdays and a mid-week night of October 2026."""
    hosts = tuple(host for host in of.hosts if host.name != _GONE)
    for day in (3, 10, 14, 17, 24, 31):
        at = datetime(2026, 10, day, 1, 30, tzinfo=UTC)
        bundles = tuple(Bundle(host, _STEPS, (), (), "d") for host in hosts)
        plan = Plan("patch", check_mode=False, selection=Selection(hosts), bundles=bundles, digest="p")
        run = made_run(plan, f"{at:%Y%m%dT%H%MZ}-alder-patch-{day:04x}", at)
        told = (event for number, host in enumerate(hosts) for event in _events(host.name, at, number))
        yield Night(plan, run, tuple(told), at + timedelta(minutes=9))


def runs(of: Client) -> Iterator[Run]:
    """The nights as they were folded."""
    for night in nights(of):
        fold = Fold(night.run)
        fold.apply(night.events)
        fold.finish(night.end)
        yield fold.run


def first_seen() -> FirstSeen:
    """The kernel of the mail server has been waiting for three weeks."""
    return {
        ("linux-image-amd64", "6.12.57"): datetime(2026, 10, 8, tzinfo=UTC),
        ("openssl", "1.15"): datetime(2026, 9, 25, tzinfo=UTC),
    }


def snapshots() -> tuple[Snapshot, ...]:
    """Nine months before; of two no report was made."""
    totals = ("69", "71.4", "70", "74.2", "73.8", "77", "79.4", "78", "82.1", None, "85.3")
    found = []
    for back, total in enumerate(totals):
        month = date(2025 + (10 + back) // 12, (10 + back) % 12 + 1, 1)
        if total is None:
            continue
        part = Fraction(total) / 100
        figures: dict[str, str | None] = {"total": total, "hosts": "12" if back < 10 else "13"}  # noqa: PLR2004
        figures |= {
            f"area.{area}": str(min(Fraction(1), part + Fraction(place, 40)))
            for place, area in enumerate(Area)
        }
        figures |= {
            "security.on_time": str(60 + 6 * back),
            "security.late": str(24 - 2 * back),
            "security.missing": str(max(1, 12 - back)),
        }
        found.append(Snapshot("alder", f"{month:%Y-%m}", SCORE_VERSION, MADE, figures))
    return tuple(found)


def other_findings(of: Client) -> Findings:
    """What backups, monitoring and security checks would say."""
    made = backups()
    down = {"alder/web2": 1020, "alder/files1": 720}
    watched = {
        each.host: (Uptime(718_920 - down.get(each.host, 0), down.get(each.host, 0), 1080, 720_000),)
        for each in made
    }
    protection = protection_findings(postures(of, _NAMES, MADE), MADE, 30)
    found = backup_findings(made, made, {f"alder/{name}": kind for name, kind, *_ in _HOSTS})
    return found + availability_findings(watched, {}) + protection


def backups() -> tuple[HostBackup, ...]:
    """What made those findings."""
    return backups_of(name for name, *_ in _HOSTS[:9])


def watched() -> dict[str, tuple[DaySeen, ...]]:
    """Nine computers, each weekday; one was down for a while."""
    days = [DaySeen.OFF if (day + 3) % 7 in {5, 6} else DaySeen.UP for day in range(31)]
    down = {1: (13, DaySeen.DOWN), 3: (20, DaySeen.SHORT), 6: (8, DaySeen.MAINTENANCE)}
    found = {}
    for number, (name, *_) in enumerate(_HOSTS[:9]):
        place, kind = down.get(number, (0, days[0]))
        found[f"alder/{name}"] = (*days[:place], kind, *days[place + 1 :])
    return found


COMMENTARY = Commentary(dates=(Appointment(date(2026, 12, 8), "Review meeting, 10:00, your office"),))
"""What the service manager wrote about October."""


def maintenance() -> tuple[Maintenance, ...]:
    """Four nights from Saturday to Sunday, and a noon for the workstations."""
    servers, desks = _NAMES[:9], _NAMES[9:]
    sundays = (datetime(2026, 11, day, 1, tzinfo=UTC) for day in (8, 15, 22, 29))
    nights_ahead = (Maintenance(at, at + timedelta(hours=3), servers) for at in sundays)
    noon = datetime(2026, 11, 12, 11, tzinfo=UTC)
    found = (*nights_ahead, Maintenance(noon, noon + timedelta(hours=1), desks))
    return tuple(sorted(found, key=lambda each: each.begins))


def samples() -> tuple[Sample, ...]:
    """Three disks over four months: one fills up steadily, one was cleaned up, one does not grow."""
    found = []
    size, cleaned_up = 2_000_398_934_016, 61
    for day in range(120):
        at = datetime(2026, 7, 4, 1, 30, tzinfo=UTC) + timedelta(days=day)
        shares = (
            ("files1", "/srv", 70 + day * 0.175),
            ("backup1", "/srv", 80 - 18 * (day > cleaned_up) + day * 0.17),
            ("db1", "/", 71.0),
        )
        for host, mount, share in shares:
            used = int(size * (share + (day * 7 % 5) / 4) / 100)
            found.append(Sample(f"alder/{host}", f"disk.size:{mount}", at, str(size)))
            found.append(Sample(f"alder/{host}", f"disk.used:{mount}", at, str(used)))
    return tuple(found)


def health(*, others: bool = True) -> Health:
    """October 2026; without `others` only what the run log says."""
    of = client()
    period = month_of("2026-10", of.timezone, MADE)
    summary = summarise(
        of, runs(of), period, provider="Brightwater Managed IT", made=MADE, support=SupportTable(_TERMS)
    )
    made = health_of(
        summary,
        first_seen(),
        others=(other_findings(of),) if others else (),
        snapshots=snapshots(),
        service=service(MADE),
        samples=samples(),
        said=COMMENTARY,
    )
    if not others:
        return made
    return replace(
        made,
        postures=postures(of, _NAMES, MADE),
        backups=backups(),
        watched=watched(),
        roadmap=roadmap(),
        assets=assets(),
        maintenance=maintenance(),
        milestones={date(2026, 2, 1): "New backup system", date(2026, 5, 1): "Patching automated"},
        contracts=(date(2025, 11, 1),),
    )
