"""The strips of the report, a box for each day: what was seen of a computer, its backups, the work on it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from mspctl.model.outcome import Outcome
from mspctl.report.drawing import bars
from mspctl.report.drawing.pagerows import StripRow
from mspctl.report.facts.availability import DaySeen
from mspctl.report.facts.backups import HostBackup
from mspctl.report.facts.period import Period
from mspctl.report.facts.summary import Attempt, HostMonth
from mspctl.report.score.health import Health
from mspctl.report.wording.findingwords import short
from mspctl.report.wording.speech import Speech

MOST = 24
"""So many computers have a strip; the ones with trouble come first."""
_KEPT = frozenset({Outcome.HELD, Outcome.SKIPPED})
_AWAY = frozenset({Outcome.UNREACHABLE, Outcome.LOST, Outcome.CANCELLED})
_RANK: Mapping[str, int] = {"none": 0, "held": 1, "good": 2, "late": 3, "risk": 4}
_SEEN: Mapping[DaySeen, str] = {
    DaySeen.UP: "good",
    DaySeen.MAINTENANCE: "held",
    DaySeen.SHORT: "late",
    DaySeen.DOWN: "risk",
    DaySeen.NOT_WATCHED: "none",
    DaySeen.OFF: "off",
}
Legend = tuple[tuple[Markup, str], ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """The rows that are shown, and how many are not."""

    rows: tuple[StripRow, ...]
    more: int
    legend: Legend
    record: str
    """Where the page says what they rest on."""


class StripMaker:
    """Draws the strips of one month in one language."""

    def __init__(self, health: Health, speech: Speech) -> None:
        self.health = health
        self.speech = speech
        self._period = health.summary.period

    @property
    def day_count(self) -> int:
        """The days of the month."""
        return (self._period.end.date() - self._period.start.date()).days

    @property
    def heads(self) -> Markup:
        """The numbers above the strips."""
        return bars.day_heads(self.day_count, self.speech.say("Days of the month"))

    @property
    def work(self) -> Strips:
        """The nights of the computers that were worked on."""
        say = self.speech.say
        legend = (
            ("good", say("Succeeded")),
            ("held", say("Held back by a rule")),
            ("late", say("Not reached")),
            ("risk", say("Did not succeed")),
            ("none", say("Nothing planned")),
        )
        rows = [self._work(host) for host in self.health.summary.hosts if host.nights]
        return _chosen(rows, legend, "evidence")

    def _work(self, host: HostMonth) -> StripRow:
        days = ["none"] * self.day_count
        for night in host.nights:
            self._mark(days, night.at, _kind(night))
        counted = Counter(_kind(night) for night in host.nights)
        good, of = counted["good"], sum(counted.values()) - counted["held"]
        title = self.speech.say("{name}: {good} of {of} runs succeeded", name=host.host, good=good, of=of)
        return StripRow(host.host, bars.strip(days, title), f"{good} / {of}", of - good)

    @property
    def backups(self) -> Strips:
        """The backups of the computers that have any, or should have."""
        say = self.speech.say
        legend = (
            ("good", say("Good")),
            ("late", say("Good after a failure")),
            ("risk", say("Failed")),
            ("none", say("None made")),
        )
        wanted = (each for each in self.health.backups if each.policy.expected or each.backups.count)
        return _chosen([self._backup(each) for each in wanted], legend, "evidence")

    def _backup(self, host: HostBackup) -> StripRow:
        days = self._empty_days()
        made = [each for each in host.backups.made if _inside(self._period, each.at)]
        for each in made:
            place = self._day(each.at)
            if not each.good:
                days[place] = "risk"
            else:
                days[place] = "late" if days[place] in {"risk", "late"} else "good"
        good, of = sum(each.good for each in made), len(made)
        name = short(host.host)
        title = self.speech.say("{name}: {good} of {of} backups were good", name=name, good=good, of=of)
        return StripRow(name, bars.strip(days, title), f"{good} / {of}", of - good if of else 1)

    @property
    def uptime(self) -> Strips:
        """What was seen of the computers that are watched, in the agreed hours."""
        say = self.speech.say
        legend = (
            ("good", say("Running")),
            ("held", say("Announced maintenance")),
            ("late", say("Down for up to 15 minutes")),
            ("risk", say("Down for longer")),
            ("none", say("Not watched")),
        )
        shares = {
            each.host: (int(each.details["up"]), int(each.details["down"]))
            for each in self.health.measured
            if each.check == "availability"
        }
        rows = [
            self._uptime(host, days, shares.get(host)) for host, days in sorted(self.health.watched.items())
        ]
        return _chosen(rows, legend, "record-availability")

    def _uptime(self, host: str, days: Sequence[DaySeen], seconds: tuple[int, int] | None) -> StripRow:
        say, name = self.speech.say, short(host)
        told, down = say("not measured"), 0
        if seconds is not None:
            up, down = seconds
            whole = up + down
            told = self.speech.percent(up * 10_000 // whole / 10_000, 2)
        title = say("{name}: up {share} of the agreed hours that were watched", name=name, share=told)
        if seconds is None:
            told = "\u2013"
        return StripRow(name, bars.strip([_SEEN[day] for day in days], title), told, down)

    def _empty_days(self) -> list[str]:
        """Days that are yet to come have no box."""
        last = self._day(self._period.until) if self._period.partial else self.day_count
        return ["none" if day <= last else "off" for day in range(self.day_count)]

    def _mark(self, days: list[str], at: datetime, kind: str) -> None:
        place = self._day(at)
        days[place] = max(days[place], kind, key=lambda each: _RANK[each])

    def _day(self, at: datetime) -> int:
        day = (at.astimezone(self._period.start.tzinfo).date() - self._period.start.date()).days
        return min(max(day, 0), self.day_count - 1)


def _inside(period: Period, at: datetime) -> bool:
    return period.start <= at < period.until


def _chosen(rows: Iterable[StripRow], legend: Iterable[tuple[str, str]], record: str) -> Strips:
    ordered = sorted(rows, key=lambda row: -row.trouble)
    drawn = tuple((bars.strip_key(kind), words) for kind, words in legend)
    return Strips(tuple(ordered[:MOST]), max(0, len(ordered) - MOST), drawn, record)


def _kind(night: Attempt) -> str:
    if night.outcome.good:
        return "good"
    if night.outcome in _KEPT:
        return "held"
    return "late" if night.outcome in _AWAY else "risk"
