"""What the year's line is told with: why it rose or fell, as far as the records know, or a person said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from mspctl.report.score.health import MonthEnd
from mspctl.report.wording.speech import Speech

LONGEST = 30
"""Letters that stand beside a line."""
MOST = 6


@dataclass(frozen=True, slots=True)
class YearNotes:
    """Speaks of twelve months; `milestones` is what a person said, by the first day of its month."""

    year: tuple[MonthEnd, ...]
    milestones: Mapping[date, str]
    contracts: tuple[date, ...]
    """The first days of the client's agreements."""
    speech: Speech

    @property
    def told(self) -> tuple[str, ...]:
        """One note at most for each month; empty where there is nothing to tell.

        A person's words come before ours; of ours the graver kinds come first. What is too many is left out.
        """
        notes = [shortened(self.milestones.get(each.month, "")) for each in self.year]
        room = MOST - sum(bool(note) for note in notes)
        for place, note in self._ours():
            if room > 0 and not notes[place]:
                notes[place] = shortened(note)
                room -= 1
        return tuple(notes)

    def _ours(self) -> Iterator[tuple[int, str]]:
        """The gravest kind first."""
        yield from self._caps()
        yield from self._agreements()
        yield from self._computers()

    def _caps(self) -> Iterator[tuple[int, str]]:
        say = self.speech.say
        names = {
            "malware": say("Malware was active"),
            "no-good-backup": say("A backup was missing"),
            "unsupported-exposed": say("Open system without support"),
            "critical-overdue": say("Updates were overdue"),
        }
        before = ""
        for place, month in enumerate(self.year):
            if month.total is None:
                continue
            if month.cap != before and month.cap in names:
                yield place, names[month.cap]
            before = month.cap

    def _agreements(self) -> Iterator[tuple[int, str]]:
        months = [each.month for each in self.year]
        for number, since in enumerate(sorted(self.contracts)):
            first = since.replace(day=1)
            if first in months:
                told = self.speech.say("New agreement") if number else self.speech.say("Agreement began")
                yield months.index(first), told

    def _computers(self) -> Iterator[tuple[int, str]]:
        known = [(place, each.hosts) for place, each in enumerate(self.year) if each.hosts is not None]
        for (_, before), (place, now) in pairwise(known):
            if before != now:
                change = self.speech.change(now - before)
                told = self.speech.many(
                    "{change} computer", "{change} computers", abs(now - before), change=change
                )
                yield place, told


def shortened(note: str) -> str:
    """As much of it as has room beside the line."""
    words = " ".join(note.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}\u2026"
