"""Reads causes: our own file and a project's `inventory/causes.yml`, which look alike."""

from collections.abc import Mapping
from types import MappingProxyType

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.diagnosis import Cause, Sign, SignKind
from mspctl.parse.node import shown
from mspctl.parse.shape import Shape
from mspctl.parse.source import Source
from mspctl.parse.yaml import parse_yaml

_KINDS = tuple(map(str, SignKind))
_MOST_POINTS = 100
_CAUSE = ("name", "title", "points", "signs", "also", "explains", "fix", "params", "advice", "rest")


def parse_causes(source: Source) -> tuple[Cause, ...]:
    """The causes of a file whose `causes` is a list.

    Raises:
        ConfigurationError: everything that is wrong with it, each problem with its place.
    """
    problems: list[Problem] = []
    shape = Shape(parse_yaml(source), source.file, problems)
    shape.only(("causes",))
    found: dict[str, Cause] = {}
    for row in shape.maps("causes"):
        cause = _cause(row)
        if cause.name in found:
            row.problem("name", f"{cause.name} is there twice", "keep one of them")
        found[cause.name] = cause
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return tuple(found.values())


def _cause(row: Shape) -> Cause:
    row.only(_CAUSE)
    signs = tuple(map(_sign, row.maps("signs")))
    if not signs:
        row.problem("signs", "a cause without a sign is never found", "give one at least")
    return Cause(
        row.required("name"),
        row.required("title"),
        _points(row),
        signs,
        tuple(map(_sign, row.maps("also"))),
        row.words("explains"),
        row.text("fix"),
        _texts(row, "params"),
        row.text("advice"),
        row.flag("rest", default=False),
    )


def _points(row: Shape) -> int:
    text = row.required("points")
    if text and not (text.isascii() and text.isdigit() and int(text) <= _MOST_POINTS):
        row.problem("points", f"`{shown(text)}` is no number from 0 to {_MOST_POINTS}")
        return 0
    return int(text or 0)


def _sign(row: Shape) -> Sign:
    row.only((*_KINDS, "where", "at_least"))
    kinds = [kind for kind in _KINDS if row.node.key(kind) is not None]
    if len(kinds) != 1:
        row.problem("where", f"a sign needs one of {', '.join(_KINDS)}")
        return Sign(SignKind.FINDING, "")
    least = row.text("at_least")
    try:
        at_least = float(least) if least else None
    except ValueError:
        row.problem("at_least", f"`{shown(least)}` is no number")
        at_least = None
    return Sign(SignKind(kinds[0]), row.required(kinds[0]), _texts(row, "where"), at_least)


def _texts(row: Shape, key: str) -> Mapping[str, str]:
    below = row.map(key)
    if below is None:
        return MappingProxyType({})
    return MappingProxyType({str(name): below.text(str(name)) for name in below.node})
