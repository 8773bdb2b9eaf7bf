"""The coming days of a client in words: maintenance, and what a person said of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, tzinfo

from mspctl.model.theme import Appointment
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.wording.speech import Speech

MOST_DATES = 3
_NAMED = 6


@dataclass(frozen=True, slots=True)
class ComingDates:
    """Speaks of the coming days of a client, in its time zone."""

    windows: tuple[Maintenance, ...]
    said: tuple[Appointment, ...]
    computers: int
    """How many the client has."""
    speech: Speech
    zone: tzinfo | None

    @property
    def first(self) -> tuple[tuple[str, str], ...]:
        """The day and the words of the next ones, in order: all that a person named, and windows."""
        windows = [(each.begins.astimezone(self.zone).date(), self._short(each)) for each in self.windows]
        told = [(each.day, each.what) for each in self.said]
        room = max(1, MOST_DATES - len(told))
        ordered = sorted([*told, *list(dict.fromkeys(windows))[:room]], key=lambda each: each[0])
        return tuple((self.speech.near_day(day), what) for day, what in ordered)

    def _short(self, window: Maintenance) -> str:
        return self.speech.say("Maintenance, {time}", time=self._clock(window))

    def _clock(self, window: Maintenance) -> str:
        begins = window.begins.astimezone(self.zone)
        first = f"{begins:%H:%M}"
        if window.ends is None:
            return self.speech.say("from {begins}", begins=first)
        ends = window.ends.astimezone(self.zone)
        last, days = f"{ends:%H:%M}", (ends.date() - begins.date()).days
        if days > 1 or (days and ends.time() > begins.time()):
            last = f"{self.speech.near_day(ends.date())}, {last}"
        return self.speech.say("{begins} to {ends}", begins=first, ends=last)

    def _hosts(self, hosts: tuple[str, ...]) -> str:
        if len(hosts) == self.computers:
            return self.speech.many("your computer", "all {count} computers", len(hosts))
        return self.speech.listed(hosts, _NAMED)

    @property
    def windows_told(self) -> tuple[str, ...]:
        """Each kind of window once, with all of its days."""
        kinds: dict[tuple[tuple[str, ...], time, int], list[Maintenance]] = {}
        for each in self.windows:
            begins = each.begins.astimezone(self.zone)
            length = int((each.ends - each.begins).total_seconds()) if each.ends else 0
            kinds.setdefault((each.hosts, begins.time(), length), []).append(each)
        return tuple(self._told(alike) for alike in kinds.values())

    def _told(self, alike: list[Maintenance]) -> str:
        days, clock, hosts = self._days(alike), self._clock(alike[0]), self._hosts(alike[0].hosts)
        return f"{days}, {clock}: {hosts}" if hosts else f"{days}, {clock}"

    def _days(self, windows: Iterable[Maintenance]) -> str:
        days = tuple(self.speech.near_day(day) for day in _each_once(windows, self.zone))
        return self.speech.listed(days, len(days))


def _each_once(windows: Iterable[Maintenance], zone: tzinfo | None) -> Iterator[date]:
    yield from dict.fromkeys(each.begins.astimezone(zone).date() for each in windows)
