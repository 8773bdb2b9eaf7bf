"""A year at a client of the break/fix desk, drawn with a seed: the same year on every machine.

The client has nine servers, 40 workstations and 45 users in Berlin. It calls some three times a week, more on
Mondays and in two bad months (a failing disk in March, ransomware in October), mostly in business hours and
now and then at night, on Sundays and on holidays. Some calls are emergencies, some are taken up again on
another day, a few run over midnight, each sixth needs a visit each time, each seventh a senior, each twelfth
is project work, and a few are not billable. All times are whole minutes: a count by minutes can check each
bill.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import MappingProxyType
from zoneinfo import ZoneInfo

from mspctl.model.call import CallRecord, CallWord

ZONE = ZoneInfo("Europe/Berlin")
UNITS: Mapping[str, int] = MappingProxyType({"server": 9, "workstation": 40})
USERS = 45
YEAR = 2026
BAD_MONTHS = frozenset({3, 10})
TITLES = ("mail down", "printer", "disk full", "new account", "slow web shop", "no network", "restore a file")
CAUSES = ("disk-full", "worn-part", "update", "user-error", "")


@dataclass(frozen=True, slots=True)
class Told:
    """A call before it becomes records."""

    number: int
    start: datetime
    minutes: tuple[int, ...]
    """One for each stretch; each further one begins a day later."""
    fields: Mapping[str, str]
    stopped: Mapping[str, str]
    title: str


def year_of_calls(seed: int = 2026) -> tuple[CallRecord, ...]:
    """What was written down, in order."""
    records = [record for each in _told(Random(seed)) for record in _records(each)]  # noqa: S311 - a made-up year
    return tuple(sorted(records, key=lambda record: (record.call, record.at)))


def _told(random: Random) -> Iterator[Told]:
    number, day = 0, date(YEAR, 1, 2)
    while day.year == YEAR:
        chance = {0: 0.7, 5: 0.12, 6: 0.08}.get(day.weekday(), 0.4)
        for _ in range(3 if day.month in BAD_MONTHS else 1):
            if random.random() < chance:
                number += 1
                yield _one(random, number, day)
        day += timedelta(days=1)


def _one(random: Random, number: int, day: date) -> Told:
    minute = random.choice((random.randrange(8 * 60, 17 * 60), random.randrange(8 * 60, 17 * 60), None))
    if minute is None:
        minute = random.randrange(24 * 60) if random.random() < 0.4 else random.randrange(15 * 60, 19 * 60)
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZONE)
    start = local.astimezone(UTC)
    minutes = [random.randrange(4, 150) if random.random() < 0.9 else random.randrange(150, 420)]
    if random.random() < 0.15:
        minutes.append(random.randrange(10, 90))
    fields = {"priority": random.choice(("P1", "P2", "P3"))}
    asked = start - timedelta(minutes=random.choice((1, 5, 20, 90)))
    fields["asked"] = asked.isoformat()
    draws = {
        "skill": ("senior", 7),
        "work": ("project", 12),
        "emergency": ("yes", 15),
        "billable": ("no", 30),
    }
    fields |= {name: value for name, (value, of) in draws.items() if random.randrange(of) == 0}
    stopped = {"cause": cause} if (cause := random.choice(CAUSES)) else {}
    if random.randrange(6) == 0:
        stopped |= {"km": str(random.randrange(2, 60)), "travel_seconds": str(60 * random.randrange(10, 90))}
    return Told(number, start, tuple(minutes), fields, stopped, random.choice(TITLES))


def _records(told: Told) -> Iterator[CallRecord]:
    start = told.start
    for place, minutes in enumerate(told.minutes):
        last = place == len(told.minutes) - 1
        word = CallWord.RESUMED if place else CallWord.STARTED
        yield _record(told, word, start, {} if place else told.fields)
        stopped = told.stopped if last else {**told.stopped, "unsolved": "yes"}
        yield _record(told, CallWord.STOPPED, start + timedelta(minutes=minutes), stopped)
        start += timedelta(days=1, hours=1)


def _record(told: Told, word: CallWord, at: datetime, fields: Mapping[str, str]) -> CallRecord:
    title = told.title if word is CallWord.STARTED else ""
    return CallRecord(told.number, "acme", word, at, at, "ann", title, dict(fields))
