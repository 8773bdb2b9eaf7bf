"""Windows and blackouts as people write them: `Sun 02:00-05:00`, or a rule of RFC 5545."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from mspctl.model.calendar import Blackout, Span
from mspctl.model.fit import seconds
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.fields import kind_of, wrong
from mspctl.parse.node import List, Map, Node, Scalar, shown

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RFC_DAYS: Mapping[str, str] = {day: day[:2].upper() for day in _DAYS}
_SHORT = re.compile(r"(?:(?P<days>\S+) )?(?P<start>[0-2][0-9]:[0-5][0-9])-(?P<end>[0-2][0-9]:[0-5][0-9])")
_ITEM = re.compile(r"([A-Z][a-z]{2})(?:-([A-Z][a-z]{2})|#(-?[1-5]))?")
_SHORT_HINT = (
    "write it as `Sun 02:00-05:00`, `Mon-Fri 22:00-04:00`, `Sun#2 02:00-05:00` or `daily 01:00-03:00`"
)
_PARTS = (
    "FREQ",
    "INTERVAL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
    "BYYEARDAY",
    "BYWEEKNO",
    "WKST",
    "UNTIL",
)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SAYS_DAYS = frozenset({"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"})
_DATE = re.compile(r"2\d{3}-\d{2}-\d{2}")
_PLAUSIBLE: Mapping[str, re.Pattern[str]] = {
    "INTERVAL": re.compile(r"[1-9]\d{0,2}"),
    "UNTIL": re.compile(r"2\d{7}"),
}
_MAX_SECONDS = 7 * 86_400


def _place(node: Node, validation: ValidationInfo) -> Place:
    line, column = (0, 0) if node is None else (node.line, node.column)
    return Place(str(validation.context or ""), line, column)


def _windows(node: Node, validation: ValidationInfo) -> tuple[Span, ...]:
    items = node if isinstance(node, List) else [node]
    if not items:
        raise wrong("there is nothing in it", "remove the key or fill it")
    return tuple(span for item in items for span in _spans(item, _place(item, validation)))


def _spans(node: Node, place: Place) -> Iterator[Span]:
    if isinstance(node, Map):
        yield _ruled(node, place, ("rrule", "start", "duration", "from"))
    elif isinstance(node, Scalar):
        for part in node.split(";"):
            yield from _short(part.strip(), place)
    else:
        raise wrong(f"expected a window, found {kind_of(node)}", _SHORT_HINT)


def _short(text: str, place: Place) -> Iterator[Span]:
    match = _SHORT.fullmatch(text)
    if match is None:
        raise wrong(f"`{shown(text)}` is no window", _SHORT_HINT)
    start, end = clock_of(match["start"]), clock_of("00:00" if match["end"] == "24:00" else match["end"])
    if match["start"] == match["end"]:
        raise wrong(f"`{shown(text)}` begins when it ends", "a whole day is 00:00-24:00")
    for rule in day_rules(match["days"] or "daily"):
        yield Span(rule, start, end, text=text, place=place)


def day_rules(days: str) -> Iterator[str]:
    """The rules of RFC 5545 for days: `Mon-Wed,Sun#2` needs a weekly and a monthly one."""
    if days == "daily":
        yield "FREQ=DAILY"
        return
    weekly: dict[str, None] = {}
    monthly: dict[str, None] = {}
    for item in days.split(","):
        match = _ITEM.fullmatch(item)
        if match is None or {match[1], match[2] or match[1]} - set(_DAYS):
            word = item if match is None else next(day for day in match.groups()[:2] if day not in _DAYS)
            raise wrong(f"`{shown(word)}` is no day of the week", did_you_mean(word, (*_DAYS, "daily")))
        if match[3]:
            monthly[match[3] + _RFC_DAYS[match[1]]] = None
        else:
            weekly.update(dict.fromkeys(_range(match[1], match[2] or match[1])))
    if weekly:
        yield f"FREQ=WEEKLY;BYDAY={','.join(weekly)}"
    if monthly:
        yield f"FREQ=MONTHLY;BYDAY={','.join(monthly)}"


def _range(first: str, last: str) -> Iterator[str]:
    index = _DAYS.index(first)
    while True:
        yield _RFC_DAYS[_DAYS[index]]
        if _DAYS[index] == last:
            return
        index = (index + 1) % len(_DAYS)


def _ruled(node: Map, place: Place, keys: tuple[str, ...]) -> Span:
    """`{rrule: …, start: 02:00, duration: 3h}`; in a blackout without times it is a whole day."""
    only_keys(node, keys)
    start, duration = text_at(node, "start"), text_at(node, "duration")
    if not start and "reason" not in keys:
        raise wrong("`start` is missing", "write start: 02:00")
    if not duration and (start or "reason" not in keys):
        raise wrong("`duration` is missing", "write duration: 3h")
    length = seconds(duration) if duration else 86_400.0
    if length is None or not 60 <= length <= _MAX_SECONDS:  # noqa: PLR2004 - a minute
        raise wrong(f"`{shown(duration)}` is no length of a window", "from 1m to 7d, such as 3h")
    since = since_of(node)
    rule = rule_of(text_at(node, "rrule"), since)
    told = f"{rule}, {start or '00:00'} for {duration or '1d'}"
    whole = time(0) if not start else None  # a day is as long as the clock says, an hour more or less
    return Span(
        rule, clock_of(start or "00:00"), whole if not duration else None, int(length), since, told, place
    )


def rule_of(text: str, since: date | None) -> str:
    """A rule that says on which days, checked."""
    rule = text.strip().upper().removeprefix("RRULE:")
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    for name in parts:
        if name not in _PARTS:
            raise wrong(f"`{shown(name)}` cannot be used in a rule here", did_you_mean(name, _PARTS))
    for name, pattern in _PLAUSIBLE.items():
        if name in parts and not pattern.fullmatch(parts[name]):
            raise wrong(f"{name} is not plausible", "INTERVAL from 1 to 999, UNTIL as 20261231")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise wrong(f"FREQ is not one of {', '.join(_FREQUENCIES)}", "as in FREQ=MONTHLY;BYDAY=2SU")
    vague = parts["FREQ"] != "DAILY" and not _SAYS_DAYS & set(parts)
    if since is None and (vague or parts.get("INTERVAL", "1") != "1"):
        raise wrong(
            "the rule does not say on which days",
            "add BYDAY or BYMONTHDAY, or the first day as from: 2026-01-31",
        )
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - most files have the short form only

    try:
        rrulestr(rule, dtstart=datetime(2020, 1, 1))  # noqa: DTZ001 - local time without a zone is meant
    except (ValueError, TypeError) as error:
        raise wrong(
            f"`{shown(rule)}` is no rule of RFC 5545: {error}", "as in FREQ=MONTHLY;BYDAY=2SU"
        ) from None
    return rule


def _blackout(node: Node, validation: ValidationInfo) -> Blackout:
    place = _place(node, validation)
    if not isinstance(node, Map):
        raise wrong(
            f"expected a map, found {kind_of(node)}", "write {from: 2026-12-20, to: 2027-01-06, reason: …}"
        )
    reason = text_at(node, "reason")
    if not reason:
        raise wrong("`reason` is missing", "say why: it is shown beside each host that is held")
    if node.key("rrule") is not None:
        keys = ("rrule", "start", "duration", "from", "reason")
        return Blackout(reason, span=_ruled(node, place, keys), place=place)
    only_keys(node, ("from", "to", "reason"))
    first, last = _moment(text_at(node, "from"), "from"), _moment(text_at(node, "to"), "to")
    if last.time() == time(0) and ":" not in text_at(node, "to"):
        last += timedelta(days=1)  # the last day belongs to it
    if first >= last:
        raise wrong("the blackout ends before it begins", "`to` is later than `from`, or the same day")
    return Blackout(reason, first, last, place=place)


def since_of(node: Map) -> date | None:
    """The day under `from`, from which intervals count."""
    text = text_at(node, "from")
    return _day(text) if text else None


def only_keys(node: Map, keys: tuple[str, ...]) -> None:
    """Refuse other keys."""
    for key in node:
        if key not in keys:
            raise wrong(f"the key `{shown(key)}` is not known here", did_you_mean(key, keys))


def text_at(node: Map, key: str) -> str:
    """The text under a key, empty if there is none."""
    written = node.key(key)
    value = node[written] if written is not None else None
    if value is not None and not isinstance(value, Scalar):
        raise wrong(f"`{key}`: expected text, found {kind_of(value)}")
    return str(value or "").strip()


def clock_of(text: str) -> time:
    """A time of day."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise wrong(f"`{shown(text)}` is no time of day", "as in 02:00, from 00:00 to 23:59") from None


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise wrong(f"`{shown(text)}` is no date", "write it as 2026-12-31")
    return day


def _moment(text: str, key: str) -> datetime:
    if not text:
        raise wrong(f"`{key}` is missing", "write dates as 2026-12-31, or times as 2026-12-31 18:00")
    day, _, clock = text.partition(" ")
    return datetime.combine(_day(day), clock_of(clock or "00:00"))


def _until(node: Node) -> date:
    if not isinstance(node, Scalar):
        raise wrong(f"expected a date, found {kind_of(node)}", "write it as 2026-12-31")
    return _day(node)


def _keys(names: str, required: str) -> dict[str, Any]:
    """The schema of a map with these keys, blank separated."""
    return {
        "type": "object",
        "required": required.split(),
        "additionalProperties": False,
        "properties": {key: {"type": ["string", "number"]} for key in names.split()},
    }


_ONE: Sequence[dict[str, Any]] = (
    {"type": "string"},
    _keys("rrule start duration from", "rrule start duration"),
)

Windows = Annotated[
    tuple[Span, ...],
    PlainValidator(_windows),
    WithJsonSchema(
        {
            "title": "window",
            "anyOf": [*_ONE, {"type": "array", "items": {"anyOf": list(_ONE)}}],
            "description": "`Sun 02:00-05:00`, several with `;`, or {rrule, start, duration}",
        }
    ),
]
BlackoutItem = Annotated[
    Blackout,
    PlainValidator(_blackout),
    WithJsonSchema(
        {
            "title": "blackout",
            **_keys("from to reason rrule start duration", "reason"),
            "description": "{from, to, reason}, or {rrule, reason}",
        }
    ),
]
Day = Annotated[
    date, PlainValidator(_until), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})
]
