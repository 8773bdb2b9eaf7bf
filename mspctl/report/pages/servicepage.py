"""The page about our service: promises, calls by month, and the same work under another plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from mspctl.model.servicelevel import Goal, GoalFigures, Kept, Promise
from mspctl.report.drawing import bars
from mspctl.report.facts.areas import Light
from mspctl.report.facts.service import Service
from mspctl.report.pages.comparisonpage import ComparisonPage
from mspctl.report.wording.speech import Speech

_LATE_SHOWN = 6
_NOTHING = "\u2013"


@dataclass(frozen=True, slots=True)
class GoalCells:
    """A goal of a priority: what was promised, what is typical, how many of how many were kept."""

    promised: str = _NOTHING
    typical: str = _NOTHING
    kept: str = _NOTHING


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A priority with both of its goals."""

    priority: str
    light: Light
    respond: GoalCells
    resolve: GoalCells


def priority_words(priority: str, speech: Speech) -> str:
    """A priority by its usual name in the reader's language; one with a name of the house keeps that."""
    say = speech.say
    usual = {
        "urgent": say("urgent"),
        "critical": say("critical"),
        "high": say("high"),
        "medium": say("medium"),
        "normal": say("normal"),
        "low": say("low"),
    }
    return usual.get(priority, priority)


class ServicePage:
    """The service of a month in one language."""

    def __init__(self, service: Service, first: date, speech: Speech) -> None:
        self.service = service
        self.speech = speech
        self._first = first
        self.comparison = (
            ComparisonPage(service.comparison, speech, staff=False) if service.comparison else None
        )

    @property
    def promises(self) -> tuple[PromiseRow, ...]:
        """What was promised, by priority, the most urgent first."""
        if self.service.levels is None:
            return ()
        found: dict[str, dict[Goal, GoalFigures]] = {}
        for each in self.service.levels.figures:
            found.setdefault(each.priority, {})[each.goal] = each
        soonest = sorted(found.items(), key=lambda each: min(each[1][goal].allowed[0] for goal in each[1]))
        return tuple(self._row(priority, goals) for priority, goals in soonest)

    def _row(self, priority: str, goals: dict[Goal, GoalFigures]) -> PromiseRow:
        cells = {goal: self._cells(figures) for goal, figures in goals.items()}
        respond, resolve = (cells.get(goal, GoalCells()) for goal in (Goal.RESPOND, Goal.RESOLVE))
        late = sum(each.breached for each in goals.values())
        known = sum(each.met + each.breached for each in goals.values())
        light = Light.GREY if not known else Light.AMBER if late else Light.GREEN
        return PromiseRow(priority_words(priority, self.speech), light, respond, resolve)

    def _cells(self, figures: GoalFigures) -> GoalCells:
        say, length = self.speech.say, self.speech.length
        told = [length(seconds) for seconds in figures.allowed]
        promised = told[0] if len(told) == 1 else say("{first} to {last}", first=told[0], last=told[-1])
        typical = say("not measured") if figures.median is None else length(figures.median)
        known = figures.met + figures.breached
        kept = say("{n} of {total}", n=figures.met, total=known) if known else say("not measured")
        if figures.running:
            still = self.speech.many("{count} open", "{count} open", figures.running)
            kept = f"{kept}, {still}"
        return GoalCells(promised, typical, kept)

    def priority(self, told: str) -> str:
        """Of a call of the month."""
        return priority_words(told, self.speech)

    @property
    def late(self) -> tuple[tuple[int | None, str], ...]:
        """The calls of which a promise was not kept, and how, in words; no number: how many more."""
        if self.service.levels is None:
            return ()
        breaches = self.service.levels.breaches
        told: tuple[tuple[int | None, str], ...] = tuple(self._late(each) for each in breaches[:_LATE_SHOWN])
        more = len(breaches) - len(told)
        if more:
            told = (*told, (None, self.speech.many("and {count} more", "and {count} more", more)))
        return told

    def _late(self, promise: Promise) -> tuple[int | None, str]:
        say, length = self.speech.say, self.speech.length
        took, allowed = length(promise.took), length(promise.allowed)
        if promise.goal is Goal.RESPOND:
            told = say("answered after {took}, promised {allowed}", took=took, allowed=allowed)
        elif promise.done is None:
            told = say("open for {took}, promised {allowed}", took=took, allowed=allowed)
        else:
            told = say("solved after {took}, promised {allowed}", took=took, allowed=allowed)
        return promise.call, say(
            "Call {number}, {title}: {told}", number=promise.call, title=promise.title, told=told
        )

    @property
    def unmeasured(self) -> int:
        """Calls of which nobody wrote down when the client asked."""
        if self.service.levels is None:
            return 0
        return len({each.call for each in self.service.levels.promises if each.kept is Kept.NOT_MEASURED})

    @property
    def without(self) -> int:
        """Calls about which nothing was promised."""
        return 0 if self.service.levels is None else len(self.service.levels.without)

    @property
    def months_known(self) -> bool:
        """True if the desk was used in any of the twelve months."""
        return any(each is not None for each in self.service.months)

    @property
    def calls_known(self) -> int:
        """The calls of the months that are known."""
        return sum(each.in_time + each.late + each.without for each in self.service.months if each)

    @property
    def months(self) -> Markup:
        """The calls of twelve months."""
        found = self.service.months
        values = [None if each is None else (each.in_time, each.late, each.without) for each in found]
        last = found[-1]
        title = self.speech.say("Calls by month: not measured")
        if last is not None:
            title = self.speech.say(
                "Calls by month; this month {in_time} in time, {late} late, {without} without a promise",
                in_time=last.in_time,
                late=last.late,
                without=last.without,
            )
        names = [self.speech.short_month(month) for month in self._twelve()]
        return bars.stacked(values, names, title, ("good", "late", "unmeasured-mid"))

    def _twelve(self) -> Iterator[date]:
        for back in range(len(self.service.months) - 1, -1, -1):
            year, zero_based = divmod(self._first.year * 12 + self._first.month - 1 - back, 12)
            yield date(year, zero_based + 1, 1)

    @property
    def legend(self) -> tuple[tuple[Markup, str], ...]:
        """What the parts of a month's bar mean."""
        say = self.speech.say
        return (
            (bars.strip_key("in-time"), say("As promised")),
            (bars.strip_key("later"), say("Later than promised")),
            (bars.strip_key("without"), say("Nothing promised, or not measured")),
        )
