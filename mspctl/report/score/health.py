"""A client's health of a month: its score with all that it rests on, and the months before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from mspctl.model.roadmap import Asset, Roadmap
from mspctl.model.sample import Sample
from mspctl.model.snapshot import Snapshot
from mspctl.model.theme import NOTHING_SAID, Commentary
from mspctl.report.facts.areas import SCORE_VERSION, Area
from mspctl.report.facts.availability import DaySeen
from mspctl.report.facts.backups import HostBackup
from mspctl.report.facts.forecast import Forecast, Place, forecasts, no_forecasts
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.facts.measured import Findings, Measured
from mspctl.report.facts.measures import FirstSeen, findings_of
from mspctl.report.facts.pace import Speed, speed
from mspctl.report.facts.posture import HostPosture
from mspctl.report.facts.service import IncidentLine, Service
from mspctl.report.facts.summary import Summary
from mspctl.report.score.formula import Score, score
from mspctl.report.score.tenths import percent, shown

MONTHS_SHOWN = 12
_CAP = "cap"
"""The one figure of a snapshot that is a word."""


def no_milestones() -> Mapping[date, str]:
    """An empty, immutable map."""
    return MappingProxyType({})


def no_days() -> Mapping[str, tuple[DaySeen, ...]]:
    """An empty, immutable map."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """A month of the year before the report, as it was kept at its end; None where nothing was measured.

    `speed` is None if no report of that month was made.
    """

    month: date
    total: int | None
    areas: tuple[tuple[Area, int | None], ...]
    speed: Speed | None
    hosts: int | None = None
    """How many computers there were."""
    cap: str = ""
    """The kind of cap that held the total down."""

    def area(self, area: Area) -> int | None:
        """The score of an area in that month."""
        return dict(self.areas).get(area)


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that the health report is made from. The last of `year` is the month itself."""

    summary: Summary
    score: Score
    speed: Speed
    year: tuple[MonthEnd, ...]
    measured: tuple[Measured, ...]
    service: Service | None = None
    """None: nobody asked the desk."""
    said: Commentary = NOTHING_SAID
    """What a person wrote about the month."""
    forecasts: Mapping[Place, Forecast] = field(default_factory=no_forecasts)
    postures: tuple[HostPosture, ...] = ()
    """How safe the computers were known to be."""
    backups: tuple[HostBackup, ...] = ()
    """Of 90 days, seen from the month's end."""
    roadmap: Roadmap | None = None
    """What lies ahead; None: nobody asked the desk."""
    assets: tuple[Asset, ...] = ()
    """The devices of which a vendor's list is known."""
    watched: Mapping[str, tuple[DaySeen, ...]] = field(default_factory=no_days)
    """Host (client/name) → each day of the month, of those that are watched."""
    incidents: tuple[IncidentLine, ...] = ()
    """What monitoring opened, or had open, in the month."""
    maintenance: tuple[Maintenance, ...] = ()
    """The windows of the coming weeks."""
    milestones: Mapping[date, str] = field(default_factory=no_milestones)
    """What a person wrote beside a month of the year, by the month's first day."""
    contracts: tuple[date, ...] = ()
    """The first days of the client's agreements."""

    @property
    def before(self) -> MonthEnd:
        """The month before."""
        return self.year[-2]

    @property
    def total(self) -> int | None:
        """The score as it is shown."""
        return None if self.score.total is None else shown(self.score.total)

    @property
    def change(self) -> int | None:
        """Points since the month before, None if either is not known."""
        return difference(self.before.total, self.total)


def difference(before: int | None, now: int | None) -> int | None:
    """A change of what is shown: less than a point is none."""
    return None if before is None or now is None else now - before


def health_of(
    summary: Summary,
    seen: FirstSeen,
    *,
    others: Sequence[Findings] = (),
    snapshots: Sequence[Snapshot] = (),
    service: Service | None = None,
    said: Commentary = NOTHING_SAID,
    samples: Sequence[Sample] = (),
) -> Health:
    """The health of the summary's month; `others` are what sources beside the run log have found."""
    found = sum(others, findings_of(summary.client, summary, seen))
    criticality = {f"{summary.client}/{host.host}": host.criticality for host in summary.hosts}
    result, pace = score(criticality, found), speed(summary, seen)
    growth = forecasts(samples, summary.period.start.tzinfo)
    first = summary.period.start.date()
    kept = {each.month: each for each in snapshots if each.version == SCORE_VERSION}
    months = [_earlier(first, back) for back in range(MONTHS_SHOWN - 1, 0, -1)]
    year = (*(_month_end(month, kept.get(f"{month:%Y-%m}")) for month in months), _now(summary, result, pace))
    return Health(summary, result, pace, year, found.measured, service, said, growth)


def _earlier(month: date, back: int) -> date:
    years, zero_based = divmod(month.year * 12 + month.month - 1 - back, 12)
    return date(years, zero_based + 1, 1)


def _now(summary: Summary, result: Score, pace: Speed) -> MonthEnd:
    areas = tuple((each.area, percent(each.part)) for each in result.areas)
    total = None if result.total is None else shown(result.total)
    return MonthEnd(summary.period.start.date(), total, areas, pace, len(summary.hosts), _cap(result))


def _cap(result: Score) -> str:
    return "" if result.cap is None else result.cap.kind


def _month_end(month: date, kept: Snapshot | None) -> MonthEnd:
    if kept is None:
        return MonthEnd(month, None, (), None)
    told = {name: value for name, value in kept.figures.items() if name != _CAP}
    figures = {name: None if value is None else Fraction(value) for name, value in told.items()}
    total, hosts = figures.get("total"), figures.get("hosts")
    areas = tuple((area, percent(figures.get(f"area.{area}"))) for area in Area)
    pace = Speed(*(int(figures.get(f"security.{name}") or 0) for name in ("on_time", "late", "missing")))
    points = None if total is None else shown(total)
    return MonthEnd(
        month, points, areas, pace, None if hosts is None else int(hosts), kept.figures.get(_CAP) or ""
    )


def snapshot_of(health: Health) -> Snapshot:
    """What is kept of a month that is over."""
    figures = {"total": _text(health.score.total)}
    figures |= {f"area.{each.area}": _text(each.part) for each in health.score.areas}
    pace = health.speed
    figures |= {
        "security.on_time": str(pace.on_time),
        "security.late": str(pace.late),
        "security.missing": str(pace.missing),
        "hosts": str(len(health.summary.hosts)),
        "hosts.seen": str(len(health.summary.scanned)),
        _CAP: _cap(health.score) or None,
    }
    summary = health.summary
    month = f"{summary.period.start:%Y-%m}"
    return Snapshot(summary.client, month, health.score.version, summary.made, figures)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
