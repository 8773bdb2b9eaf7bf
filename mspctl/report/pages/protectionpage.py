"""What the page about protection asks for."""

from collections.abc import Iterable

from mspctl.model.security import Waiver
from mspctl.report.facts.posture import Result
from mspctl.report.facts.protection import Line, lines
from mspctl.report.score.health import Health
from mspctl.report.wording.findingwords import short
from mspctl.report.wording.speech import Speech

_SHOWN = 15


class ProtectionPage:
    """The findings of the security baseline in one language."""

    def __init__(self, health: Health, speech: Speech) -> None:
        self.health = health
        self.speech = speech

    @property
    def asked(self) -> bool:
        """True if any computer has answered."""
        return any(each.checks for each in self.health.postures)

    @property
    def open_findings(self) -> tuple[Line, ...]:
        """What is open, a line for all computers that have it."""
        return self._open()[:_SHOWN]

    @property
    def more_findings(self) -> str:
        """How many are not shown; empty if all are."""
        rest = len(self._open()) - _SHOWN
        if rest <= 0:
            return ""
        return self.speech.many("{count} more is not shown here.", "{count} more are not shown here.", rest)

    @property
    def new_findings(self) -> str:
        """How many of them came with the last look."""
        count = sum(each.count(Result.NEW) for each in self.health.postures)
        return self.speech.many("{count} of them new", "{count} of them new", count)

    @property
    def accepted_findings(self) -> tuple[Line, ...]:
        """What somebody answers for."""
        return lines(self.health.postures, Result.WAIVED)[:_SHOWN]

    @property
    def fixed_findings(self) -> tuple[Line, ...]:
        """What the last look found well, and the one before did not."""
        return lines(self.health.postures, Result.FIXED)[:_SHOWN]

    def grave(self, severity: str) -> str:
        """A severity in words."""
        say = self.speech.say
        known = {"high": say("High"), "medium": say("Medium"), "low": say("Low")}
        return known.get(severity, say("not known"))

    def title(self, title: str) -> str:
        """What a check calls its finding; in the reader's language if it is a check of ours."""
        return self.speech.say(title) if title else ""

    def waived(self, waiver: Waiver) -> str:
        """Why, who answers for it and until when."""
        day = self.speech.day(waiver.until)
        return self.speech.say("{why}, {owner}, until {day}", why=waiver.reason, owner=waiver.owner, day=day)

    def short_names(self, hosts: Iterable[str]) -> tuple[str, ...]:
        """The computers without their client."""
        return tuple(map(short, hosts))

    def _open(self) -> tuple[Line, ...]:
        return lines(self.health.postures, *(each for each in Result if each.open))
