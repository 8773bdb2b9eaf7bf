"""From what was written down about incidents to incidents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mspctl.model.monitoring import IncidentRecord, IncidentWord, Seen


@dataclass(frozen=True, slots=True)
class Incident:
    """One time that something was bad, from its opening to its end; `records` are in order."""

    records: tuple[IncidentRecord, ...]

    @property
    def number(self) -> int:
        """As people call it."""
        return self.records[0].number

    @property
    def client(self) -> str:
        """Whose it is."""
        return self.records[0].client

    @property
    def key(self) -> str:
        """The probe, `probe@host` or `probe:certificate`."""
        return self.records[0].key

    @property
    def opened(self) -> datetime:
        """When it was bad often enough."""
        return self.records[0].at

    @property
    def closed(self) -> datetime | None:
        """When it was well again."""
        return next((each.at for each in self.records if each.word is IncidentWord.CLOSED), None)

    @property
    def seen(self) -> Seen:
        """How bad it was at its worst."""
        return max((each.seen for each in self.records), key=lambda seen: seen.weight)

    @property
    def detail(self) -> str:
        """What was seen when it opened or became worse, the last time."""
        told = [each.text for each in self.records if each.word in _SAYS_WHAT]
        return told[-1]

    @property
    def acknowledged(self) -> IncidentRecord | None:
        """Who takes care of it; becoming worse afterwards calls for somebody again."""
        found: IncidentRecord | None = None
        for each in self.records:
            if each.word is IncidentWord.ACKNOWLEDGED:
                found = each
            elif each.word is IncidentWord.WORSENED:
                found = None
        return found

    @property
    def healings(self) -> tuple[IncidentRecord, ...]:
        """Each time that it ran a playbook."""
        return tuple(each for each in self.records if each.word is IncidentWord.HEALING)


_SAYS_WHAT = frozenset({IncidentWord.OPENED, IncidentWord.WORSENED})


def folded(records: Iterable[IncidentRecord]) -> tuple[Incident, ...]:
    """All incidents, by number."""
    by_number: dict[int, list[IncidentRecord]] = {}
    for record in records:
        by_number.setdefault(record.number, []).append(record)
    return tuple(Incident(tuple(by_number[number])) for number in sorted(by_number))
