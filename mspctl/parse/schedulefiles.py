"""The shape of `schedules` in the inventory: what shall be run when.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from mspctl.model.calendar import Span
from mspctl.model.place import Place
from mspctl.model.schedule import Overlap, Schedule
from mspctl.parse.block import Block
from mspctl.parse.fields import Seconds, enum_word, kind_of, wrong
from mspctl.parse.node import List, Map, Node, Scalar, shown
from mspctl.parse.spans import clock_of, day_rules, only_keys, rule_of, since_of, text_at

_SHORT = re.compile(r"(?:(?P<days>\S+) )?(?P<start>[0-2][0-9]:[0-5][0-9])")
_SHORT_HINT = "write it as `Sun 02:05`, `Mon-Fri 22:00`, `Sun#2 02:05` or `daily 01:00`"
_VERB = re.compile(r"[a-z][a-z-]*")
_TOLD_ELSEWHERE = ("--client", "--all", "--project", "--database", "--json")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def _moments(node: Node) -> tuple[Span, ...]:
    items = node if isinstance(node, List) else [node]
    if not items:
        raise wrong("there is nothing in it", "remove the key or fill it")
    return tuple(span for item in items for span in _spans(item))


def _spans(node: Node) -> Iterator[Span]:
    if isinstance(node, Map):
        only_keys(node, ("rrule", "start", "from"))
        since = since_of(node)
        rule, start = rule_of(text_at(node, "rrule"), since), text_at(node, "start")
        if not start:
            raise wrong("`start` is missing", "write start: 02:05")
        yield Span(rule, clock_of(start), seconds=1, since=since, text=f"{rule}, {start}")
    elif isinstance(node, Scalar):
        for part in node.split(";"):
            text = part.strip()
            match = _SHORT.fullmatch(text)
            if match is None:
                raise wrong(f"`{shown(text)}` is no time of a schedule", _SHORT_HINT)
            for rule in day_rules(match["days"] or "daily"):
                yield Span(rule, clock_of(match["start"]), seconds=1, text=text)
    else:
        raise wrong(f"expected times, found {kind_of(node)}", _SHORT_HINT)


def _words(node: Node) -> tuple[str, ...]:
    if not isinstance(node, Scalar):
        raise wrong(f"expected a command of mspctl, found {kind_of(node)}", "such as run: patch --tag web")
    try:
        words = tuple(shlex.split(node))
    except ValueError as error:
        raise wrong(f"the command cannot be read: {error}", "close the quotes") from None
    if not words or not _VERB.fullmatch(words[0]):
        raise wrong(f"`{shown(node)}` does not begin with a command of mspctl", "such as patch --tag web")
    for word in words:
        if word.partition("=")[0] in _TOLD_ELSEWHERE:
            raise wrong(
                f"`{shown(word)}` does not belong here", "a schedule is of the client in whose file it stands"
            )
    return words


_MAP: Mapping[str, Any] = {
    "type": "object",
    "required": ["rrule", "start"],
    "additionalProperties": False,
    "properties": {key: {"type": ["string", "number"]} for key in ("rrule", "start", "from")},
}
Moments = Annotated[
    tuple[Span, ...],
    PlainValidator(_moments),
    WithJsonSchema(
        {
            "title": "times",
            "anyOf": [
                {"type": "string"},
                dict(_MAP),
                {"type": "array", "items": {"anyOf": [{"type": "string"}, dict(_MAP)]}},
            ],
            "description": "`Sun 02:05`, several with `;`, or {rrule, start}",
        }
    ),
]
Words = Annotated[tuple[str, ...], PlainValidator(_words), WithJsonSchema({"type": "string"})]


class ScheduleBlock(Block):
    """A command that is started at certain times; `mspctl schedule install` tells them to this machine."""

    run: Words = Field(description="the command without mspctl and without the client, as `patch --tag web`")
    at: Moments | None = Field(None, description="the times of day, in the client's time zone")
    every: Annotated[Seconds, Field(ge=_MINUTE, le=_DAY)] | None = Field(
        None, description="instead of `at`: how often, as 5m or 1h; a part of an hour, or of a day in hours"
    )
    jitter: Annotated[Seconds, Field(ge=0, le=6 * _HOUR)] | None = Field(
        None, description="spreads clients over so much time; the same each time for the same client"
    )
    overlap: Annotated[Overlap, *enum_word(Overlap)] | None = Field(
        None, description="if the same work is still going on: skip (the default), queue or fail"
    )
    catch_up: Annotated[Seconds, Field(ge=0, le=30 * _DAY)] | None = Field(
        None, description="how late it may still be started, 1h by default"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.at is None) == (self.every is None):
            raise wrong("a schedule has either `at` or `every`", "as at: Sun 02:05, or every: 5m")
        if self.every is not None and not _divides(self.every):
            raise wrong("`every` does not divide an hour or a day", "such as 1m, 5m, 15m, 30m, 1h, 6h, 24h")
        if self.every is not None and (self.jitter or 0) >= self.every:
            raise wrong("`jitter` is not shorter than `every`")
        return self


def _divides(every: float) -> bool:
    whole = every % _MINUTE == 0 and _HOUR % every == 0
    return whole or (every % _HOUR == 0 and _DAY % every == 0)


def schedules_of(
    above: Mapping[str, ScheduleBlock] | None,
    own: Mapping[str, ScheduleBlock | None] | None,
    timezone: str,
    places: Mapping[str, Place],
) -> tuple[Schedule, ...]:
    """The provider's and the client's, by name: the client's go before, and null takes one away."""
    merged = {**(above or {}), **(own or {})}
    return tuple(
        Schedule(
            name,
            block.run,
            block.at or (),
            int(block.every or 0),
            int(block.jitter or 0),
            block.overlap or Overlap.SKIP,
            _HOUR if block.catch_up is None else int(block.catch_up),
            timezone,
            places.get(name),
        )
        for name, block in merged.items()
        if block is not None
    )
