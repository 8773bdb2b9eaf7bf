"""When schedules are due: local times become instants, with each client's share of the jitter.

In the night in which the clock goes forward, a time that it leaves out counts on from before the gap (02:30
is 03:30); when it goes back, a time that happens twice means the first one. So each day has each time once.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from heapq import merge
from types import MappingProxyType

from mspctl.engine.openings import begins, zone_named
from mspctl.model.schedule import Firing, Schedule

AHEAD = timedelta(days=800)
"""How far cron's lines are computed ahead: every pair of clock changes lies in it."""
_DAY = timedelta(days=1)
_MINUTE, _HOUR = 60, 3600
_EVERY_DAY = frozenset(range(7))


def share_of(name: str, whole: int) -> int:
    """A fixed part of `whole` that belongs to this name, evenly spread over names."""
    return int.from_bytes(sha256(name.encode()).digest()[:8]) % whole if whole else 0


def lateness(schedule: Schedule, client: str) -> timedelta:
    """The client's part of the jitter, in whole minutes."""
    part = share_of(f"{client}/{schedule.name}", schedule.jitter + _MINUTE if schedule.jitter else 0)
    return timedelta(seconds=min(part, schedule.jitter) // _MINUTE * _MINUTE)


def moments(schedule: Schedule, client: str, since: datetime) -> Iterator[datetime]:
    """The times of a schedule from `since` on, in order (UTC); jitter is in them."""
    late = lateness(schedule, client)
    if schedule.every:
        yield from _steps(schedule.every, late, since)
        return
    zone = zone_named(schedule.timezone)
    last: datetime | None = None
    for begun in merge(*(begins(span, zone, since - late - _DAY) for span in schedule.at)):
        at = begun + late
        if at >= since and at != last:
            last = at
            yield at


def _steps(every: int, late: timedelta, since: datetime) -> Iterator[datetime]:
    number = math.ceil((since - late).timestamp() / every)
    while True:
        yield datetime.fromtimestamp(number * every, UTC) + late
        number += 1


def between(schedule: Schedule, client: str, since: datetime, until: datetime) -> Iterator[datetime]:
    """The times in [since, until)."""
    for at in moments(schedule, client, since):
        if at >= until:
            return
        yield at


def due(schedule: Schedule, client: str, now: datetime) -> datetime | None:
    """The last time at or before `now` that may still be made up for; earlier ones are not."""
    back = max(schedule.catch_up, _MINUTE)
    if schedule.every:
        back = min(back, schedule.every)
    found: datetime | None = None
    for at in between(schedule, client, now - timedelta(seconds=back), now + timedelta(microseconds=1)):
        found = at
    return found


@dataclass(frozen=True, slots=True)
class Wake:
    """When cron looks whether a schedule is due: at these minutes of the hour (None: of every hour).

    Weekdays count from Monday, 0. More often than the schedule itself is well, less often is not.
    """

    minutes: tuple[int, ...]
    hour: int | None = None
    weekdays: frozenset[int] = _EVERY_DAY


def wakes(schedule: Schedule, client: str, zone: tzinfo, now: datetime) -> tuple[Wake, ...]:
    """All that is needed on a machine whose clock is in `zone`, whatever both clocks do meanwhile."""
    if schedule.every and schedule.every < _HOUR:
        hour = between(schedule, client, now, now + timedelta(hours=1))
        return (Wake(tuple(sorted({at.astimezone(zone).minute for at in hour}))),)
    times: set[tuple[int, int]] = set()
    days: set[int] = set()
    for at in between(schedule, client, now, now + AHEAD):
        local = at.astimezone(zone)
        times.add((local.hour, local.minute))
        days.add(local.weekday())
    return tuple(Wake((minute,), hour, frozenset(days)) for hour, minute in sorted(times))


@dataclass(frozen=True, slots=True)
class Missed:
    """A time that was not kept: `never`, `late`, `overlap`, `killed` or `failed`.

    `firing` is that of the last time, if there was one. `times` is how often that happened in a row, `last`
    the last of these times.
    """

    client: str
    schedule: Schedule
    due: datetime
    word: str
    firing: Firing | None = None
    times: int = 1
    last: datetime | None = None


LATE = timedelta(minutes=5)
"""What cron's minute and a busy machine explain."""
_SOON = timedelta(minutes=2)
"""A time this young may yet be kept."""


def missed(
    schedule: Schedule, client: str, since: datetime, now: datetime, firings: Sequence[Firing]
) -> tuple[Missed, ...]:
    """What was not kept in [since, now), alike ones in a row as one."""
    began = {each.due: each for each in firings}
    found: list[Missed] = []
    row = False
    for at in between(schedule, client, since, now):
        firing = began.get(at)
        if firing is None and now - at < _SOON:
            continue
        word = _word(firing, at, _BAD_ANSWERS.get(schedule.words[0], 1))
        if not word:
            row = False
        elif row and found[-1].word == word:
            before = found[-1]
            found[-1] = Missed(client, schedule, before.due, word, firing, before.times + 1, at)
        else:
            found.append(Missed(client, schedule, at, word, firing, last=at))
            row = True
    return tuple(found)


_BAD_ANSWERS: Mapping[str, int] = MappingProxyType({"monitor": 2})
"""Command → the least exit code that says that it failed: 1 of `monitor` is what it saw."""


def _word(firing: Firing | None, at: datetime, bad: int) -> str:
    if firing is None:
        return "never"
    if firing.word == "overlap":
        return "overlap"
    if firing.ended is None:
        return "killed" if firing.word == "killed" else ""
    if firing.code is not None and not 0 <= firing.code < bad:
        return "failed"
    return "late" if firing.began - at > LATE else ""
