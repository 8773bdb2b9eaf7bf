"""What an area is doing, in one fact, and the sentence at the top of the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from mspctl.report.facts.areas import Area, Light, light
from mspctl.report.facts.availability import watched_in_all
from mspctl.report.facts.backupmeasures import backups_in_all
from mspctl.report.facts.measured import Measured
from mspctl.report.facts.pace import ON_TIME_DAYS, in_time
from mspctl.report.facts.summary import HostState
from mspctl.report.score.formula import AreaScore
from mspctl.report.score.health import Health
from mspctl.report.wording.decisions import decisions
from mspctl.report.wording.findingwords import FindingWords
from mspctl.report.wording.speech import Speech


@dataclass(frozen=True, slots=True)
class AreaWords:
    """Speaks of the areas of one month."""

    health: Health
    speech: Speech
    words: FindingWords

    def light(self, shown: Light) -> str:
        """A light in words."""
        say = self.speech.say
        told = {
            Light.GREEN: say("Healthy"),
            Light.AMBER: say("Needs attention"),
            Light.RED: say("At risk"),
            Light.GREY: say("Not measured"),
        }
        return told[shown]

    def light_named(self, name: str) -> str:
        """A light in words, by its name."""
        return self.light(Light(name))

    def coverage(self, area: AreaScore) -> str:
        """How many computers a number rests on."""
        total = self.speech.number(area.expected)
        return self.speech.many(
            "known for {count} of {total} computers",
            "known for {count} of {total} computers",
            area.measured,
            total=total,
        )

    def fact(self, area: AreaScore) -> str:
        """The one fact that tells most."""
        if area.part is None:
            return self.speech.say("Nothing is known about it yet")
        match area.area:
            case Area.BACKUP if self._found("backup-success"):
                told = self._backups()
            case Area.UPDATES:
                told = self._updates()
            case Area.AVAILABILITY:
                told = self._uptime(area)
            case Area.CAPACITY:
                told = self._fullest()
            case Area.AGE:
                told = self._ends()
            case Area.PROTECTION:
                told = self._open()
            case _:
                told = self.coverage(area)
        return told

    def _updates(self) -> str:
        seen, on_time = in_time(self.health.measured)
        if not seen:
            return self.speech.say("Work was done, but nothing was checked after it")
        return self.speech.many(
            "{on_time} of {count} checked computer has its security updates within {days} days",
            "{on_time} of {count} checked computers have their security updates within {days} days",
            seen,
            on_time=self.speech.number(on_time),
            days=ON_TIME_DAYS,
        )

    def _backups(self) -> str:
        told, tried = backups_in_all(self.health.measured)
        good, count = self.speech.number(told), self.speech.number(tried)
        proven = [each.details["at"] for each in self._found("restore-test") if "at" in each.details]
        if not tried:
            return self.coverage(self.health.score.area(Area.BACKUP))
        if not proven:
            return self.speech.say("{good} of {count} good; no restore was proven", good=good, count=count)
        day = self.speech.local_day(
            datetime.fromisoformat(max(proven)), self.health.summary.period.start.tzinfo
        )
        return self.speech.say(
            "{good} of {count} good; restore proven on {day}", good=good, count=count, day=day
        )

    def _open(self) -> str:
        names = ("high", "open", "waived")
        details = [each.details for each in self._found("protection")]
        high, count, waived = (sum(int(each[name]) for each in details) for name in names)
        if not count:
            told = self.speech.say("No security finding is open")
        else:
            told = self.speech.many(
                "{count} security finding is open, {high} of them grave",
                "{count} security findings are open, {high} of them grave",
                count,
                high=self.speech.number(high),
            )
        if not waived:
            return told
        return self.speech.many(
            "{told}; {count} is accepted", "{told}; {count} are accepted", waived, told=told
        )

    def _uptime(self, area: AreaScore) -> str:
        seen = watched_in_all(self.health.measured)
        if seen is None:
            return self.coverage(area)
        return self.speech.say(
            "Up {share} of the agreed hours, of which {covered} were watched",
            share=self.speech.percent(seen.share, 2),
            covered=self.speech.percent(seen.coverage, 2),
        )

    def _found(self, check: str) -> tuple[Measured, ...]:
        return tuple(each for each in self.health.measured if each.check == check)

    def _fullest(self) -> str:
        found = self._found("disk")
        fullest = max(found, key=lambda each: (int(each.details["percent"]), each.host))
        percent = self.speech.percent(Fraction(int(fullest.details["percent"]), 100))
        if fullest.part == 1:
            return self.speech.say("No disk is more than {percent} full", percent=percent)
        return self.words.finding((fullest,))

    def _ends(self) -> str:
        ending = tuple(each for each in self._found("support") if "until" in each.details)
        if not ending:
            return self.speech.say("All systems are rolling releases")
        first = min(ending, key=lambda each: each.details["until"])
        day = date.fromisoformat(first.details["until"])
        if first.part == 1:
            return self.speech.say(
                "Every known system gets fixes until {day} at least", day=self.speech.day(day)
            )
        same = tuple(
            each
            for each in ending
            if (each.details["until"], each.details["state"])
            == (first.details["until"], first.details["state"])
        )
        return self.words.finding(same)

    def year(self, name: str, values: Sequence[int | None]) -> str:
        """The words of a line over a year."""
        known = [value for value in values if value is not None]
        if not known:
            return self.speech.say("{name}: not measured", name=name)
        return self.speech.say(
            "{name}: {now} now, {low} to {high} in the months that are known",
            name=name,
            now=self.speech.say("not measured") if values[-1] is None else values[-1],
            low=min(known),
            high=max(known),
        )

    def verdict(self) -> str:
        """The answer in two sentences."""
        if self.health.said.verdict:
            return self.health.said.verdict
        say, total, change = self.speech.say, self.health.total, self.health.change
        if total is None:
            first = say("Too little was measured this month for a health score.")
        else:
            first = self._compared(self._opinion(total), change)
        found = decisions(self.health, self.words)
        if not found:
            nothing = say("Nothing needs a decision from you.")
            return f"{first} {nothing}"
        asked = self.speech.many(
            "Please decide this month: {what}.",
            "{count} decisions wait for you; the first: {what}.",
            len(found),
            what=found[0].what,
        )
        return f"{first} {asked}"

    def _opinion(self, total: int) -> str:
        say = self.speech.say
        if all(each.complete for each in self.health.score.areas):
            opinions = {
                Light.GREEN: say("Your IT is in good health"),
                Light.AMBER: say("Your IT needs attention"),
                Light.RED: say("Your IT is at risk"),
            }
        else:
            opinions = {
                Light.GREEN: say("As far as it is measured, your IT is in good health"),
                Light.AMBER: say("As far as it is measured, your IT needs attention"),
                Light.RED: say("As far as it is measured, your IT is at risk"),
            }
        return opinions[light(total)]

    def _compared(self, opinion: str, change: int | None) -> str:
        say = self.speech.say
        if change is None:
            return f"{opinion}."
        if change > 0:
            return say("{opinion}, and better than last month.", opinion=opinion)
        if change < 0:
            return say("{opinion}, and worse than last month.", opinion=opinion)
        return say("{opinion}, as last month.", opinion=opinion)

    def failed(self) -> str:
        """On how many computers the last work failed: whoever pays reads no further than the first page."""
        count = self.health.summary.states[HostState.FAILED]
        if not count:
            return ""
        return self.speech.many(
            "The last work failed on {count} computer.", "The last work failed on {count} computers.", count
        )

    def since(self) -> str:
        """How the score moved; empty if no earlier month is known."""
        change, total = self.health.change, self.health.total
        first = next((month for month in self.health.year[:-1] if month.total is not None), None)
        if change is None or total is None or first is None or first.total is None:
            return ""
        before = self.speech.month_name(self.health.before.month)
        moved = self.speech.say(
            "{change} points against {month}", change=self.speech.change(change), month=before
        )
        if first is self.health.before:
            return f"{moved}."
        since = self.speech.say(
            "{change} since {month}",
            change=self.speech.change(total - first.total),
            month=self.speech.month(first.month),
        )
        return f"{moved}, {since}."
