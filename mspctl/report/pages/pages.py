"""What the templates of the health report ask for: the numbers of each page, already in words and marks."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from markupsafe import Markup

from mspctl.report.drawing import bars, charts
from mspctl.report.drawing.diskline import disk_line
from mspctl.report.drawing.pagerows import AreaRow, Cell, DiskRow, PointsRow
from mspctl.report.drawing.strips import StripMaker
from mspctl.report.drawing.yearchart import year
from mspctl.report.facts.areas import CHECKS, WEIGHTS, Area, Light, area_light, grade, light
from mspctl.report.facts.forecast import Forecast
from mspctl.report.facts.measured import Evidence
from mspctl.report.facts.measures import last_day
from mspctl.report.facts.posture import Result
from mspctl.report.facts.service import Service
from mspctl.report.facts.summary import DiskUse, HostMonth
from mspctl.report.pages.backuppage import BackupPage
from mspctl.report.pages.budget import BudgetPage
from mspctl.report.pages.servicepage import ServicePage
from mspctl.report.score.formula import AreaScore
from mspctl.report.score.health import Health, difference
from mspctl.report.score.ledger import LedgerLine, ledger
from mspctl.report.score.tenths import areas_in_tenths, average_in_tenths, percent, total_in_tenths
from mspctl.report.wording.areawords import AreaWords
from mspctl.report.wording.comingdates import ComingDates
from mspctl.report.wording.decisions import Action, Decision, actions, decisions
from mspctl.report.wording.figures import SECTIONS, Figure
from mspctl.report.wording.findingwords import FindingWords, short
from mspctl.report.wording.records import Record, Records
from mspctl.report.wording.speech import Speech
from mspctl.report.wording.yearnotes import YearNotes

_DISKS = 8
_DRAWN = 2
CALLS_SHOWN = 40
"""So many calls of the month are listed."""


class Pages:
    """The pages of one health report in one language."""

    def __init__(self, health: Health, speech: Speech) -> None:
        self.health = health
        self.speech = speech
        self.summary = health.summary
        self.words = FindingWords(speech)
        self.areas_said = AreaWords(health, speech, self.words)
        self.strips = StripMaker(health, speech)
        self.backup = BackupPage(health, speech)
        zone = self.summary.period.start.tzinfo
        computers = len(self.summary.hosts)
        self.dates = ComingDates(health.maintenance, health.said.dates, computers, speech, zone)
        first = health.summary.period.start.date()
        hosts = frozenset(host.host for host in self.summary.hosts)
        self.budget = BudgetPage(health.roadmap, health.assets, hosts, speech)
        desk = health.service or Service()
        self.service = ServicePage(desk, first, speech)
        calls = frozenset(each.number for each in desk.calls[:CALLS_SHOWN])
        self.records = Records(self.summary.client, f"{first:%Y-%m}", health.incidents, calls, zone, speech)

    @property
    def light(self) -> Light:
        """The light of the total."""
        return light(self.health.total)

    @property
    def grade(self) -> str:
        """The grade of the total; empty if there is none."""
        return "" if self.health.total is None else grade(self.health.total)

    @property
    def gauge(self) -> Markup:
        """The total on its arc."""
        say, total = self.speech.say, self.health.total
        title = (
            say("Health score: not measured") if total is None else say("Health score: {n} of 100", n=total)
        )
        return charts.gauge(total, self.light, title, say("out of 100"))

    @property
    def areas(self) -> tuple[AreaRow, ...]:
        """The six areas."""
        return tuple(self._area(each) for each in self.health.score.areas)

    def _area(self, found: AreaScore) -> AreaRow:
        points = percent(found.part)
        values = [month.area(found.area) for month in self.health.year]
        name = self.words.area(found.area)
        return AreaRow(
            found.area,
            name,
            area_light(points, percent(self.health.score.lowest(found.area))),
            self.areas_said.fact(found),
            points,
            difference(self.health.before.area(found.area), points),
            self.areas_said.coverage(found),
            charts.spark(values, self.areas_said.year(name, values)),
            SECTIONS[found.area],
        )

    @property
    def points(self) -> tuple[PointsRow, ...]:
        """What the score is made of; areas that were not measured have no bar."""
        found = areas_in_tenths(self.health.score)
        longest = max((available for _, available in found.values()), default=1)
        rows = []
        for row in self.areas:
            if row.area in found:
                earned, available = found[row.area]
                got = self.speech.earned(earned, available, whole=self.health.score.area(row.area).part == 1)
                of = self.speech.tenths(available)
                told = self.speech.say("{earned} of {available} points", earned=got, available=of)
                drawn = bars.bar(earned, available, longest, row.light, f"{row.name}: {told}")
                rows.append(PointsRow(row, got, of, drawn))
        return tuple(rows)

    @property
    def together(self) -> str:
        """The sum of those points, of how many."""
        if self.health.score.average is None:
            return ""
        earned = self.speech.earned(
            average_in_tenths(self.health.score), 1000, whole=not self.health.score.losses
        )
        return f"{earned} / {self.speech.tenths(1000)}"

    @property
    def capped(self) -> bool:
        """True if a single fact leaves less of the total than that sum."""
        return any(line.cap is not None for line in self.ledger)

    @property
    def unmeasured(self) -> tuple[AreaRow, ...]:
        """The areas of which nothing is known."""
        return tuple(row for row in self.areas if row.points is None)

    @property
    def year(self) -> Markup:
        """The score of twelve months."""
        say, months = self.speech.say, self.health.year
        values = [month.total for month in months]
        notes = YearNotes(months, self.health.milestones, self.health.contracts, self.speech).told
        told = [
            f"{self.speech.month(each.month)}: {note}"
            for each, note in zip(months, notes, strict=True)
            if note
        ]
        title = ". ".join((self.areas_said.year(say("Health score"), values), *told))
        bands = (say("Healthy"), say("Needs attention"), say("At risk"))
        names = [self.speech.short_month(each.month) for each in months]
        return year(values, names, bands, title, notes)

    @property
    def months_known(self) -> int:
        """How many of the twelve months have a score."""
        return sum(month.total is not None for month in self.health.year)

    @property
    def speed(self) -> Markup:
        """How quickly security updates came, month by month."""
        months = self.health.year
        values = [
            None if each.speed is None else (each.speed.on_time, each.speed.late, each.speed.missing)
            for each in months
        ]
        now = self.health.speed
        title = self.speech.say(
            "Security updates by month; this month {on_time} in time, {late} later, {missing} missing",
            on_time=now.on_time,
            late=now.late,
            missing=now.missing,
        )
        return bars.stacked(values, [self.speech.short_month(each.month) for each in months], title)

    @property
    def ledger(self) -> tuple[LedgerLine, ...]:
        """Where points were lost."""
        return ledger(self.health.score)

    @property
    def total_tenths(self) -> str:
        """The total to a tenth."""
        score = self.health.score
        if score.total is None:
            return ""
        return self.speech.earned(total_in_tenths(score), 1000, whole=not self.ledger)

    def evidence(self, line: LedgerLine) -> Evidence | None:
        """Where the first finding of a line comes from."""
        return next((each.evidence for each in line.found if each.evidence is not None), None)

    def place(self, line: LedgerLine) -> Figure:
        """Which section tells more of a line that no single run is the evidence of."""
        if line.found and line.found[0].check == "availability":
            section, name = self.records.downtime(line.found)
            return Figure(name, "", "", section)
        if line.found:
            area = CHECKS[line.found[0].check].area
            return Figure(self.words.area(area), "", "", SECTIONS[area])
        return Figure(self.speech.say("Computers"), "", "", "computers")

    def section(self, action: Action) -> str:
        """Which section tells more of a line of the plan."""
        return SECTIONS[action.area] if action.area is not None else "ahead"

    @property
    def age(self) -> str:
        """Of what day the oldest look is that a score rests on; empty if there is none."""
        found = [each.evidence.at for each in self.health.measured if each.evidence is not None]
        if not found:
            return ""
        day = self.speech.plain_local_day(min(found), self.summary.period.start.tzinfo)
        return self.speech.say("oldest check {day}", day=day)

    @property
    def earlier(self) -> tuple[Evidence, ...]:
        """The runs that numbers rest on and that are not among those of the month, each once."""
        known = {run.id for run in self.summary.runs}
        found = [each.evidence for each in self.health.measured if each.evidence is not None]
        for host in self.health.backups:
            goods = (host.backups.good, host.proofs.good)
            found += [Evidence(each.run, each.at) for each in goods if each is not None]
        for posture in self.health.postures:
            shown = posture.of(Result.NEW, Result.OPEN, Result.UNMEASURED, Result.WAIVED, Result.FIXED)
            found += [Evidence(each.run, each.at) for each in shown]
        runs = {each.run: each for each in found if each.run not in known}
        return tuple(sorted(runs.values(), key=lambda each: (each.at, each.run)))

    @property
    def record_kinds(self) -> tuple[Record, ...]:
        """How what rests on no run is looked up."""
        asked, compared = self.health.service is not None, self.service.comparison is not None
        return self.records.kinds(service=asked, compared=compared)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What the client has to decide."""
        return decisions(self.health, self.words)

    @property
    def actions(self) -> tuple[Action, ...]:
        """The plan."""
        return actions(self.health, self.words)

    def owner(self, action: Action) -> str:
        """Whose turn it is."""
        if action.client_decides:
            return self.speech.say("You decide, we do")
        return action.owner or self.speech.say("We")

    def by(self, action: Action) -> str:
        """Its day, with the year if that is not this year's."""
        if action.by is None:
            return "\u2013"
        same = action.by.year == self.summary.period.start.year
        return self.speech.short_day(action.by) if same else self.speech.plain_day(action.by)

    def overdue(self, action: Action) -> bool:
        """True if its day is over."""
        return action.by is not None and action.by <= last_day(self.summary.period)

    def weight(self, area: Area) -> int:
        """How much an area counts."""
        return WEIGHTS[area]

    @property
    def computers(self) -> tuple[tuple[HostMonth, tuple[Cell, ...]], ...]:
        """Each computer with its areas, the worst first."""
        parts = {(each.host, each.area): each.part for each in self.health.score.hosts}
        places = self._places()
        rows = []
        for host in self.summary.hosts:
            key = f"{self.summary.client}/{host.host}"
            found = [(percent(parts[key, area]), places.get((key, area), "")) for area in Area]
            rows.append((host, tuple(Cell(light(points), points, place) for points, place in found)))
        return tuple(sorted(rows, key=_worst_first))

    def _places(self) -> Mapping[tuple[str, Area], str]:
        """The worst check of each computer and area that has a run: the run; of others, their records."""
        found: dict[tuple[str, Area], str] = {}
        for each in sorted(self.health.measured, key=lambda each: each.part):
            area = CHECKS[each.check].area
            place = f"run-{each.evidence.run}" if each.evidence else ""
            if area is Area.AVAILABILITY:
                place = "record-availability"
            if place:
                found.setdefault((each.host, area), place)
        return found

    @property
    def speed_legend(self) -> tuple[tuple[Markup, str], ...]:
        """What the parts of a month's bar mean."""
        say = self.speech.say
        return (
            (bars.strip_key("in-time"), say("Installed within 14 days")),
            (bars.strip_key("later"), say("Installed later")),
            (bars.strip_key("missing"), say("Still missing")),
        )

    @property
    def disks(self) -> tuple[DiskRow, ...]:
        """The fullest file systems."""
        found = [(host.host, disk) for host in self.summary.hosts for disk in host.disks]
        fullest = sorted(found, key=lambda each: (-each[1].percent, each[0], each[1].mount))[:_DISKS]
        return tuple(self._disk(host, disk) for host, disk in fullest)

    def _disk(self, host: str, disk: DiskUse) -> DiskRow:
        found = self.health.forecasts.get((f"{self.summary.client}/{host}", disk.mount))
        growth, full = "\u2013", self.speech.say("not known")
        if found is not None and found.known:
            growth, full = self.words.growth(found), self.words.full(found)
        return DiskRow(host, disk, _disk_light(disk), self._share(host, disk), growth, full)

    @property
    def growing(self) -> tuple[tuple[str, Markup], ...]:
        """The disks that are full soonest, drawn."""
        keys = {f"{self.summary.client}/{host.host}" for host in self.summary.hosts}
        found = [
            (each.full, place, each)
            for place, each in self.health.forecasts.items()
            if each.full is not None and place[0] in keys
        ]
        soonest = sorted(found, key=lambda each: each[:2])[:_DRAWN]
        return tuple(
            (f"{short(host)} {mount}", self._drawn(host, mount, each)) for _, (host, mount), each in soonest
        )

    def _drawn(self, host: str, mount: str, found: Forecast) -> Markup:
        title = f"{short(host)} {mount}: {self.words.full(found)}"
        return disk_line(found, title, self.speech)

    def _share(self, host: str, disk: DiskUse) -> Markup:
        told = self.speech.percent(Fraction(disk.percent, 100))
        return bars.share(disk.percent / 100, _disk_light(disk), f"{host} {disk.mount}: {told}")

    @property
    def disk_count(self) -> int:
        """How many file systems are known."""
        return sum(len(host.disks) for host in self.summary.hosts)


def _worst_first(row: tuple[HostMonth, Sequence[Cell]]) -> tuple[int, str, str]:
    known = [cell.points for cell in row[1] if cell.points is not None]
    return (min(known, default=101), row[0].site, row[0].host)


def _disk_light(disk: DiskUse) -> Light:
    nearly_full, full = 85, 95
    if disk.percent >= full:
        return Light.RED
    return Light.AMBER if disk.percent >= nearly_full else Light.GREEN
