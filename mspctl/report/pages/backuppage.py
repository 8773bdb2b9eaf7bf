"""The page about backups and protection: could the work be brought back, and how is that known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mspctl.model.backup import Goals
from mspctl.report.facts.areas import PROOF_DAYS, Light
from mspctl.report.facts.backups import BackupState, HostBackup, Try
from mspctl.report.score.health import Health
from mspctl.report.wording.copywords import CopyRow, copy_rows
from mspctl.report.wording.figures import Figure
from mspctl.report.wording.findingwords import short
from mspctl.report.wording.speech import Speech

_PROVEN = timedelta(days=PROOF_DAYS[0][0])
_LIGHTS: Mapping[BackupState, Light] = {
    BackupState.GOOD: Light.GREEN,
    BackupState.LATE: Light.AMBER,
    BackupState.FAILED: Light.RED,
    BackupState.UNKNOWN: Light.GREY,
    BackupState.NONE: Light.GREY,
}
_WORST_FIRST = (Light.RED, Light.AMBER, Light.GREY, Light.GREEN)


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A computer's backups in words; `made` and `proven` are what the numbers rest on."""

    name: str
    light: Light
    state: str
    made: Try | None
    proven: Try | None
    restore: str


class BackupPage:
    """What is known of the backups of one month, and of protection."""

    def __init__(self, health: Health, speech: Speech) -> None:
        self.health = health
        self.speech = speech
        self._wanted = tuple(each for each in health.backups if each.policy.expected or each.backups.count)

    @property
    def agreed(self) -> bool:
        """True if any computer has backups, or should have."""
        return bool(self._wanted)

    @property
    def without(self) -> tuple[str, ...]:
        """Computers of which nobody wants a backup."""
        wanted = {each.host for each in self._wanted}
        keys = (f"{self.health.summary.client}/{host.host}" for host in self.health.summary.hosts)
        return tuple(short(key) for key in keys if key not in wanted)

    @property
    def answer(self) -> str:
        """Whether the work could be brought back."""
        say, proofs = self.speech.say, self._proofs()
        if not any(each.backups.count for each in self._wanted):
            return say("Could we bring your work back? Nobody can say: no backup was tried in 90 days.")
        if not proofs:
            return say("Could we bring your work back? It is not proven: no restore succeeded in 90 days.")
        host, last = max(proofs, key=lambda each: each[1].at)
        day, name = self.speech.day(self._local(last.at).date()), short(host.host)
        return say(
            "Could we bring your work back? Yes: a restore of {name} was proven on {day}.", name=name, day=day
        )

    def _proofs(self) -> list[tuple[HostBackup, Try]]:
        found = ((each, each.proof) for each in self._wanted)
        return [(host, good) for host, good in found if good is not None and host.now - good.at <= _PROVEN]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Three: how long a restore takes, how much work could be lost, how many restores are proven."""
        return (self._restore(), self._age(), self._proven())

    def _restore(self) -> Figure:
        say = self.speech.say
        known = [(seconds, each) for each in self._wanted if (seconds := each.restore_seconds) is not None]
        if not known:
            return Figure(say("Time to restore"), "", say("nobody has measured it"))
        longest, host = max(known, key=lambda each: (each[0], each[1].host))
        rest = say("the longest, of {name}", name=short(host.host))
        if goal := host.policy.goals.rto:
            rest = say("{rest}; agreed: {goal}", rest=rest, goal=self.speech.length(goal))
        return Figure(say("Time to restore"), self.speech.length(longest), rest)

    def _age(self) -> Figure:
        say, name = self.speech.say, self.speech.say("Work that could be lost")
        if not self._wanted or any(each.backups.good is None for each in self._wanted):
            missing = sum(each.backups.good is None for each in self._wanted)
            rest = self.speech.many(
                "{count} computer has no good backup", "{count} computers have no good backup", missing
            )
            return Figure(name, "", rest if self._wanted else say("no backups are agreed"))
        age, host = self._oldest()
        rest = say("since the last good backup of {name}", name=short(host.host))
        if goal := host.policy.goals.rpo:
            rest = say("{rest}; agreed: {goal}", rest=rest, goal=self.speech.length(goal))
        return Figure(name, self.speech.length(age.total_seconds()), rest)

    def _oldest(self) -> tuple[timedelta, HostBackup]:
        ages = [
            (each.now - good.at, each) for each in self._wanted if (good := each.backups.good) is not None
        ]
        return max(ages, key=lambda each: (each[0], each[1].host))

    def _proven(self) -> Figure:
        say = self.speech.say
        name, tried = say("Proven restores"), any(each.backups.count for each in self._wanted)
        counted = say("{n} of {total}", n=len(self._proofs()), total=len(self._wanted))
        return Figure(name, counted if tried else "", say("computers, in the last 90 days"))

    @property
    def rows(self) -> tuple[BackupRow, ...]:
        """Each computer, the worst first."""
        rows = (self._row(each) for each in self._wanted)
        return tuple(sorted(rows, key=lambda row: (_WORST_FIRST.index(row.light), row.name)))

    def _row(self, host: HostBackup) -> BackupRow:
        seconds, length = host.restore_seconds, self.speech.length
        return BackupRow(
            short(host.host),
            _LIGHTS[host.state],
            self._state(host),
            host.backups.good,
            host.proof,
            "" if seconds is None else length(seconds),
        )

    @property
    def copies(self) -> tuple[CopyRow, ...]:
        """How many copies there are of each computer, by the rule 3-2-1-1-0."""
        return copy_rows(self._wanted, self.speech)

    @property
    def agreements(self) -> tuple[tuple[str, str], ...]:
        """What was agreed, and of which computers."""
        found: dict[Goals, list[str]] = {}
        for each in self._wanted:
            found.setdefault(each.policy.goals, []).append(short(each.host))
        names = {goals: self.speech.listed(tuple(hosts), 6) for goals, hosts in found.items()}
        return tuple((told, names[goals]) for goals in found if (told := self._goals(goals)))

    def _goals(self, goals: Goals) -> str:
        say, length, agreed = self.speech.say, self.speech.length, []
        if goals.rpo:
            agreed.append(say("the last backup at most {age} old", age=length(goals.rpo)))
        if goals.rto:
            agreed.append(say("a whole restore within {time}", time=length(goals.rto)))
        if goals.proof:
            agreed.append(say("a proven restore every {time}", time=length(goals.proof)))
        if goals.rule:
            agreed.append(say("copies by the rule {rule}", rule=goals.rule.value))
        return self.speech.listed(tuple(agreed))

    def _state(self, host: HostBackup) -> str:
        say, last = self.speech.say, host.backups.last
        told = {
            BackupState.GOOD: say("good"),
            BackupState.LATE: say("older than agreed"),
            BackupState.UNKNOWN: say("not measured"),
            BackupState.NONE: say("not agreed"),
        }
        if host.state is not BackupState.FAILED:
            return told[host.state]
        return (
            say("the last one failed: {why}", why=last.why)
            if last and last.why
            else say("the last one failed")
        )

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.health.summary.period.start.tzinfo)
