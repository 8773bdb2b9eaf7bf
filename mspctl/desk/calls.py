"""A call as all that was written down about it says: folded from its records, which stay as they are.

An edit replaces what counts for the bill and leaves the raw times beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from mspctl.model.billing import NORMAL_WORK, Entry, Visit, Work
from mspctl.model.call import CallRecord, CallWord
from mspctl.model.contract import ZERO

IDLE = timedelta(hours=4)
"""An open stretch longer than this was probably forgotten."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time at work on a call; it runs on while `end` is None."""

    technician: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Time in which it had to wait for somebody else; it goes on while `end` is None."""

    reason: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the client and back for the stretch of this place in the row."""

    stretch: int
    km: Decimal = ZERO
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `raw` is what the clock said; `stretches` what counts, the same unless somebody edited it.

    `asked` is when the client asked, None if nobody wrote it down; `solved` when it was done.
    """

    number: int
    client: str
    title: str
    raw: tuple[Stretch, ...]
    stretches: tuple[Stretch, ...]
    priority: str = ""
    ticket: str = ""
    skill: str = ""
    work: str = NORMAL_WORK
    emergency: bool = False
    billable: bool = True
    ways: tuple[Way, ...] = ()
    asked: datetime | None = None
    solved: datetime | None = None
    holds: tuple[Hold, ...] = ()
    planned: bool = False
    """Work that nobody called for: maintenance, a project."""
    cause: str = ""
    hosts: frozenset[str] = frozenset()
    """Names of the hosts that it is about; empty if nobody named one."""
    records: tuple[CallRecord, ...] = ()
    notes: tuple[CallRecord, ...] = field(default=())
    edits: tuple[CallRecord, ...] = field(default=())

    @property
    def open(self) -> bool:
        """True while somebody is at work on it."""
        return any(stretch.end is None for stretch in self.raw)

    @property
    def started(self) -> datetime:
        """When it began by the clock, or came in while nobody is at work on it."""
        return self.raw[0].start if self.raw else self.records[0].at

    @property
    def waiting(self) -> bool:
        """True while nobody has been at work on it."""
        return not self.raw

    @property
    def km(self) -> Decimal:
        """Of all ways."""
        return sum((way.km for way in self.ways), ZERO)

    @property
    def travel_seconds(self) -> int:
        """Of all ways."""
        return sum(way.seconds for way in self.ways)

    def seconds(self, now: datetime) -> int:
        """What counts so far."""
        lengths = ((stretch.end or now) - stretch.start for stretch in self.stretches)
        return int(sum((max(length, timedelta(0)) for length in lengths), timedelta(0)).total_seconds())

    def idle(self, now: datetime) -> bool:
        """True if it was probably forgotten: hours without an end or a note."""
        touched = [note.at for note in self.notes] + [s.start for s in self.raw if s.end is None]
        return self.open and now - max(touched) > IDLE


def silence(call: Call) -> timedelta:
    """How long the last stretch went on without a note; nothing if it goes on, or was edited since."""
    start, end = (call.raw[-1].start, call.raw[-1].end) if call.raw else (call.started, None)
    if end is None or call.raw[-1] != call.stretches[-1]:
        return timedelta(0)
    return end - max((start, *(note.at for note in call.notes if start <= note.at < end)))


def folded(records: Iterable[CallRecord]) -> tuple[Call, ...]:
    """The calls, by number."""
    calls: dict[int, Call] = {}
    for record in records:
        known = calls.get(record.call)
        if known is not None:
            calls[record.call] = replace(_after(known, record), records=(*known.records, record))
        elif record.word in {CallWord.STARTED, CallWord.ASKED}:
            calls[record.call] = _begun(record)
    return tuple(calls[number] for number in sorted(calls))


def _begun(record: CallRecord) -> Call:
    first = (Stretch(record.author, record.at),) if record.word is CallWord.STARTED else ()
    call = Call(record.call, record.client, record.text, first, first, records=(record,))
    call = replace(call, ways=_way(record.fields, Way(0)))
    return _with_fields(call if first else replace(call, asked=record.at), record.fields)


def _after(call: Call, record: CallRecord) -> Call:
    match record.word:
        case CallWord.NOTED:
            return replace(call, notes=(*call.notes, record))
        case CallWord.STOPPED:
            noted = (*call.notes, record) if record.text else call.notes
            ended = replace(call, raw=_ended(call.raw, record), stretches=_ended(call.stretches, record))
            ended = replace(ended, ways=(*call.ways, *_way(record.fields, Way(len(call.stretches) - 1))))
            return replace(_put_down(_with_fields(ended, record.fields), record), notes=noted)
        case CallWord.RESUMED if not call.open:  # twice at the same moment is once
            more = Stretch(record.author, record.at)
            again = replace(call, raw=(*call.raw, more), stretches=(*call.stretches, more))
            return replace(again, solved=None, holds=_released(call.holds, record.at))
        case CallWord.EDITED:
            edited = replace(_with_fields(call, record.fields), edits=(*call.edits, record))
            stretches = _shortened(edited.stretches, record.fields)
            ways = _way(record.fields, Way(0, call.km, call.travel_seconds))
            if not _WAY & set(record.fields):  # their stretches may be one now, and none of a later visit's
                ways = tuple(replace(way, stretch=min(way.stretch, len(stretches) - 1)) for way in call.ways)
            return replace(edited, stretches=stretches, ways=ways)
    return call


_WAY = frozenset({"km", "travel_seconds"})


def _way(fields: Mapping[str, str], known: Way) -> tuple[Way, ...]:
    """What is told of a way, in the place of what was known; none without a length."""
    km = _decimal(fields.get("km"), known.km)
    way = Way(known.stretch, km, int(fields.get("travel_seconds", known.seconds)))
    return (way,) if way.km or way.seconds else ()


def _put_down(call: Call, record: CallRecord) -> Call:
    """Work ends because it is done, or because it waits for somebody, or for now."""
    if reason := record.fields.get("waiting"):
        return replace(call, holds=(*call.holds, Hold(reason, record.at)))
    unsolved = _flag(record.fields, "unsolved", default=False)
    return call if unsolved else replace(call, solved=max(record.at, call.started))


def _released(holds: tuple[Hold, ...], at: datetime) -> tuple[Hold, ...]:
    return tuple(replace(each, end=max(at, each.start)) if each.end is None else each for each in holds)


def _ended(stretches: tuple[Stretch, ...], record: CallRecord) -> tuple[Stretch, ...]:
    return tuple(
        replace(each, end=max(record.at, each.start)) if each.end is None else each for each in stretches
    )


def _shortened(stretches: tuple[Stretch, ...], fields: Mapping[str, str]) -> tuple[Stretch, ...]:
    """All of the time as one stretch, from where the first began (or `start`), so many seconds long."""
    if not stretches or ("seconds" not in fields and "start" not in fields):
        return stretches
    first = stretches[0]
    start = datetime.fromisoformat(fields["start"]) if "start" in fields else first.start
    worked = sum(((s.end or s.start) - s.start for s in stretches), timedelta(0))
    length = timedelta(seconds=int(fields["seconds"])) if "seconds" in fields else worked
    return (Stretch(first.technician, start, start + length),)


def _with_fields(call: Call, fields: Mapping[str, str]) -> Call:
    return replace(
        call,
        title=fields.get("title", call.title),
        priority=fields.get("priority", call.priority),
        ticket=fields.get("ticket", call.ticket),
        skill=fields.get("skill", call.skill),
        work=fields.get("work", call.work),
        emergency=_flag(fields, "emergency", default=call.emergency),
        billable=_flag(fields, "billable", default=call.billable),
        planned=_flag(fields, "planned", default=call.planned),
        cause=fields.get("cause", call.cause),
        hosts=frozenset(fields["hosts"].split()) if "hosts" in fields else call.hosts,
        asked=datetime.fromisoformat(fields["asked"]) if "asked" in fields else call.asked,
    )


def _flag(fields: Mapping[str, str], name: str, *, default: bool) -> bool:
    return fields[name] == "yes" if name in fields else default


def _decimal(text: str | None, default: Decimal) -> Decimal:
    try:
        return default if text is None else Decimal(text)
    except InvalidOperation:
        return default


def work_of(calls: Iterable[Call], timezone: str) -> Work:
    """What is billed of these calls: all stretches that have ended, of calls that are billable."""
    entries: list[Entry] = []
    visits: list[Visit] = []
    for call in calls:
        if not call.billable or call.waiting:
            continue
        entries += (
            Entry(
                call.number,
                each.technician,
                each.start,
                each.end,
                call.title,
                call.skill,
                call.work,
                call.emergency,
                call.hosts,
            )
            for each in call.stretches
            if each.end is not None
        )
        for way in call.ways:
            begun = call.stretches[min(way.stretch, len(call.stretches) - 1)].start
            day = begun.astimezone(ZoneInfo(timezone)).date()
            visits.append(Visit(call.number, day, way.km, way.seconds, call.skill))
    return Work(tuple(entries), tuple(visits))
