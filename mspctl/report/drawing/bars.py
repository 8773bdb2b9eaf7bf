"""The charts made of boxes: points of an area, how full a disk is, updates by month, days, support terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mspctl.report.drawing.svg import along, box, dot, number, shape, stroke, svg, text
from mspctl.report.facts.areas import Light


def bar(earned: int, available: int, longest: int, light: Light, title: str) -> Markup:
    """Points earned of points available; its length says how much an area counts."""
    width, got = 380 * available / longest, 380 * earned / longest
    parts = [box((0, 0), width, 14, "track", 3), box((0, 0), got, 14, light.value, 3)]
    return svg(380, 14, title, parts, "bar")


def share(part: float, light: Light, title: str) -> Markup:
    """How full something is."""
    parts = [box((0, 0), 120, 8, "track", 4), box((0, 0), max(4.0, 120 * part), 8, light.value, 4)]
    return svg(120, 8, title, parts, "share")


PARTS = ("good", "late", "risk")


def stacked(
    bars: Sequence[tuple[int, int, int] | None],
    months: Sequence[str],
    title: str,
    colours: Sequence[str] = PARTS,
) -> Markup:
    """Three parts of each month on one another; a month that nobody measured is a dash."""
    highest = max((sum(each) for each in bars if each), default=0)
    step = nice_step(highest)
    most = max(step, -(-highest // step) * step)
    left, right, top, bottom = 40.0, 724.0, 8.0, 140.0
    parts: list[Markup] = []
    for mark in range(0, most + 1, step):
        y = bottom - (bottom - top) * mark / most
        parts.append(stroke(along(((left, y), (right, y))), "grid", 1))
        parts.append(text((left - 8, y + 3.5), str(mark), anchor="end"))
    slot = (right - left) / max(1, len(bars))
    for index, (each, month) in enumerate(zip(bars, months, strict=True)):
        middle = left + (index + 0.5) * slot
        parts.append(text((middle, bottom + 17), month, anchor="middle"))
        if each is None:
            parts.append(text((middle, bottom - 6), "\u2013", anchor="middle"))
        else:
            heights = [(bottom - top) * count / most for count in each]
            parts += _column(middle, slot * 0.56, bottom, zip(heights, colours, strict=True))
    return svg(724, 164, title, parts, "stacked")


def _column(middle: float, width: float, bottom: float, heights: Iterable[tuple[float, str]]) -> list[Markup]:
    parts = []
    for height, colour in heights:
        if height:
            bottom -= height
            parts.append(box((middle - width / 2, bottom), width, max(0.8, height - 1), colour))
    return parts


def nice_step(highest: int) -> int:
    """Between the lines of an axis: 1, 2 or 5 with zeros, so that there are some five lines."""
    wanted = max(1, highest // 4)
    size = int(f"1{'0' * (len(str(wanted)) - 1)}")
    return next(unit * size for unit in (1, 2, 5, 10) if unit * size >= wanted)


DAY = 17.5
"""The width of a day in a strip."""
_EMPTY = "none"
_SIGNS: Mapping[str, str] = {"risk": "M5 5l5 5m0-5l-5 5", "late": "M7.5 4v4m0 2.7v.3"}
_SHADES: Mapping[str, str] = {
    "good": "good-mid",
    "held": "line-mid",
    "late": "late",
    "risk": "risk",
    _EMPTY: "unmeasured-soft",
}


_OTHER_SHADES: Mapping[str, str] = {
    "in-time": "good",
    "later": "late",
    "missing": "risk",
    "without": "unmeasured-mid",
}


def strip(days: Sequence[str], title: str) -> Markup:
    """One box for each day: `good`, `held`, `late`, `risk` or `none`; the same ones are one path."""
    parts: list[Markup] = []
    for kind, shade in _SHADES.items():
        path = "".join(
            f"M{number(index * DAY + 0.75)} 0h15.5v15h-15.5z" for index, day in enumerate(days) if day == kind
        )
        if path:
            parts.append(shape(path, shade))
    for index, day in enumerate(days):
        if day == "held":
            parts.append(dot((index * DAY + 8.5, 7.5), 2.4, "line"))
        elif day in _SIGNS:
            sign = Markup('<g transform="translate({} 0)">{}</g>')
            parts.append(sign.format(number(index * DAY + 1), stroke(_SIGNS[day], "paper", 1.7)))
    return svg(31 * DAY, 15, title, parts, "strip")


def strip_key(kind: str) -> Markup:
    """A box of a legend: one of a strip, or of the months of updates and calls."""
    shade = _SHADES.get(kind) or _OTHER_SHADES[kind]
    parts = [shape("M0 0h15.5v15h-15.5z", shade)]
    if kind == "held":
        parts.append(dot((7.75, 7.5), 2.4, "line"))
    elif kind in _SIGNS:
        parts.append(stroke(_SIGNS[kind], "paper", 1.7))
    return Markup().join(parts)


def day_heads(count: int, title: str) -> Markup:
    """The numbers above the strips."""
    marks = [day for day in (1, 5, 10, 15, 20, 25, count) if day <= count]
    parts = [text(((day - 0.5) * DAY, 10), str(day), size=9, anchor="middle") for day in marks]
    return svg(31 * DAY, 13, title, parts, "strip")


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of a timeline, from 0 (now) to 1 (its end)."""

    start: float
    end: float
    light: Light
    words: str


def terms(row: Sequence[Term], title: str) -> Markup:
    """What holds from when to when."""
    parts = []
    for each in row:
        left, width = 480 * each.start, 480 * (each.end - each.start)
        parts.append(box((left, 0), max(1.0, width - 1), 18, f"{each.light}-mid", 3))
        if width > 6.2 * len(each.words):
            parts.append(text((left + 6, 12.5), each.words, colour="ink", size=9.5))
    return svg(480, 18, title, parts, "terms")


def term_heads(heads: Sequence[tuple[float, str]], title: str) -> Markup:
    """The dates above a timeline."""
    parts = [text((480 * place, 10), words, size=9.5) for place, words in heads]
    return svg(480, 13, title, parts, "terms")
