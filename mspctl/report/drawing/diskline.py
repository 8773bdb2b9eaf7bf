"""A disk over the months and what is ahead of it, as a chart."""

from collections.abc import Callable
from datetime import date, timedelta

from markupsafe import Markup

from mspctl.report.drawing.svg import along, box, dashes, shape, stroke, svg, text
from mspctl.report.facts.forecast import FULL, Forecast
from mspctl.report.wording.speech import Speech

_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 352.0, 8.0, 140.0
_AHEAD = 120
"""Days ahead that are drawn."""
_MONTH = 28


def disk_line(found: Forecast, title: str, speech: Speech) -> Markup:
    """What was used, day by day; dashed what is to come, with its range; the zone in which it is full."""
    first, today = found.days[0][0], found.days[-1][0]
    span = (today - first).days + _AHEAD
    floor = min(80, int(min(share for _, share in found.days)) // 10 * 10)

    def x(day: date) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (day - first).days / span

    def y(share: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (min(100.0, share) - floor) / (100 - floor)

    parts = [box((_LEFT, y(100)), _RIGHT - _LEFT, y(FULL) - y(100), "risk-soft")]
    for mark in range(floor, 101, 10):
        parts.append(stroke(along(((_LEFT, y(mark)), (_RIGHT, y(mark)))), "grid", 0.8))
        parts.append(text((_LEFT - 6, y(mark) + 3), speech.percent(mark / 100), size=8.5, anchor="end"))
    parts += _months(first, today + timedelta(days=_AHEAD), x, speech)
    level, last = found.days[-1][1], today + timedelta(days=_AHEAD)
    if found.full and found.first and found.last:
        ahead = [_ahead(level, today, each, last) for each in (found.first, found.last, found.full)]
        edges = [(x(day), y(share)) for day, share in ahead]
        parts.append(shape(along(((x(today), y(level)), *edges[:2])) + "Z", "line-mid"))
        parts.append(dashes(along(((x(today), y(level)), edges[2])), "line", 1.8))
    parts.append(dashes(along(((x(today), _TOP), (x(today), _BOTTOM))), "soft", 0.8))
    parts.append(text((x(today) + 4, _BOTTOM - 5), speech.say("today"), size=8.5))
    parts.append(stroke(along((x(day), y(share)) for day, share in found.days), "line", 1.8))
    return svg(360, 158, title, parts, "diskline")


def _ahead(level: float, today: date, full: date, last: date) -> tuple[date, float]:
    """Where the line to the day on which it is full leaves the picture."""
    if full <= last:
        return full, FULL
    return last, level + (FULL - level) * (last - today).days / (full - today).days


def _months(first: date, last: date, x: Callable[[date], float], speech: Speech) -> list[Markup]:
    marks, day = [], (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while (last - day).days > _MONTH:
        marks.append(text((x(day), _BOTTOM + 13), speech.short_month(day), size=8.5))
        day = (day + timedelta(days=32)).replace(day=1)
    return marks
