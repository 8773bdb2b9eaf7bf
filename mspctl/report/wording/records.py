"""What numbers rest on that rest on no run: incidents, calls, agreements; and how each is looked up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from mspctl.report.facts.measured import Measured
from mspctl.report.facts.service import IncidentLine
from mspctl.report.wording.findingwords import short
from mspctl.report.wording.speech import Speech

MOST = 40
"""So many incidents are listed."""


@dataclass(frozen=True, slots=True)
class Record:
    """A kind of records with the command or file that holds it; `key` is its place on the page."""

    key: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Records:
    """Speaks of the records behind one month of one client."""

    client: str
    month: str
    """`2026-11`"""
    incidents: tuple[IncidentLine, ...]
    calls: frozenset[int]
    """The calls that the page lists."""
    zone: tzinfo | None
    speech: Speech

    def kinds(self, *, service: bool, compared: bool) -> tuple[Record, ...]:
        """Of what the report shows, how each is looked up."""
        return tuple(self._kinds(service=service, compared=compared))

    def _kinds(self, *, service: bool, compared: bool) -> Iterator[Record]:
        say = self.speech.say
        whose, when = f"--client {self.client}", f"--month {self.month}"
        availability = say("Availability, and each day of it")
        yield Record("record-availability", availability, f"mspctl uptime {whose} {when}")
        if service:
            promises = say("What was promised about calls, and kept")
            yield Record("record-calls", promises, f"mspctl sla {whose} {when}")
            yield Record("record-call", say("Each call, by its number"), "mspctl call show N")
        if compared:
            plans = f"mspctl compare {whose} --plans report/clients/{self.client}/plans.yml"
            yield Record("record-plans", say("The same work under another plan"), plans)
        yield Record(
            "record-ahead", say("Budget, warranties, and the plan beyond findings"), f"mspctl roadmap {whose}"
        )
        agreed = say("The agreement, its hours and prices, and windows")
        yield Record("record-agreement", agreed, f"inventory/clients/{self.client}.yml")
        yield Record(
            "record-year",
            say("The scores of earlier months, as each was kept at its end"),
            f"mspctl report {whose} {when} --format json",
        )

    @property
    def listed(self) -> tuple[tuple[IncidentLine, str, str, str, str], ...]:
        """Each incident with its computer, what was down, from when to when."""
        say, rows = self.speech.say, []
        for each in self.incidents[:MOST]:
            what = each.what or say("could not be reached")
            closed = say("still open") if each.closed is None else self._moment(each.closed)
            rows.append((each, short(each.host), what, self._moment(each.opened), closed))
        return tuple(rows)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return max(0, len(self.incidents) - MOST)

    def _moment(self, at: datetime) -> str:
        return f"{self.speech.local_day(at, self.zone)}, {at.astimezone(self.zone):%H:%M}"

    def call(self, number: int) -> str:
        """Where the page tells of a call."""
        return f"call-{number}" if number in self.calls else "record-call"

    def downtime(self, found: tuple[Measured, ...]) -> tuple[str, str]:
        """Where the page tells of the longest of these outages, and what to call that place."""
        worst = max(found, key=lambda each: int(each.details.get("down", 0)))
        ours = [each for each in self.incidents[:MOST] if each.host == worst.host]
        if not ours:
            return "record-availability", self.speech.say("Monitoring")
        longest = max(ours, key=_length)
        return f"incident-{longest.number}", self.speech.say("Incident {number}", number=longest.number)


def _length(incident: IncidentLine) -> tuple[bool, timedelta]:
    """One that is not over is longer than all others."""
    return incident.closed is None, (incident.closed or incident.opened) - incident.opened
