"""The charts of the score: an arc, and a line without axes. Nothing is drawn that was not measured."""

from collections.abc import Sequence
from math import cos, radians, sin

from markupsafe import Markup

from mspctl.report.drawing.svg import along, dot, number, pieces, stroke, svg, text
from mspctl.report.facts.areas import AMBER_FROM, GREEN_FROM, Light

_FULL = 100
_HALF_TURN = 0.75
"""From this share of the arc on it is more than half a circle."""


def gauge(points: int | None, light: Light, title: str, out_of: str) -> Markup:
    """The score on an arc, with the borders of the lights."""
    parts = [_arc(_FULL, "track")]
    if points:
        parts.append(_arc(points, light.value))
    for border in (AMBER_FROM, GREEN_FROM):
        parts.append(stroke(along((_polar(border, 72), _polar(border, 78))), "soft", 1.2))
        x, y = _polar(border, 62)
        parts.append(text((x, y + 3), str(border), size=8.5, anchor="middle"))
    shown = "\u2013" if points is None else str(points)
    parts.append(text((110, 126), shown, size=54, colour="ink", anchor="middle", bold=True))
    parts.append(text((110, 146), out_of, size=11, anchor="middle"))
    return svg(220, 172, title, parts, "gauge")


def _polar(points: float, radius: float) -> tuple[float, float]:
    angle = radians(210 - 240 * points / _FULL)
    return 110 + radius * cos(angle), 110 - radius * sin(angle)


def _arc(end: float, colour: str) -> Markup:
    (x1, y1), (x2, y2) = _polar(0, 94), _polar(end, 94)
    large = int(end > _FULL * _HALF_TURN)
    path = f"M{number(x1)} {number(y1)}A94 94 0 {large} 1 {number(x2)} {number(y2)}"
    return stroke(path, colour, 15)


def spark(values: Sequence[int | None], title: str) -> Markup:
    """A year as a line without axes; a month without a number breaks it."""
    known = [value for value in values if value is not None]
    low = min(known, default=0)
    span = max(max(known, default=_FULL) - low, 12)
    places = [
        None if value is None else (3 + index * 62 / max(1, len(values) - 1), 17 - 12 * (value - low) / span)
        for index, value in enumerate(values)
    ]
    parts = [stroke(along(piece), "line", 1.4) for piece in pieces(places) if len(piece) > 1]
    parts += [dot(piece[0], 0.9, "line") for piece in pieces(places) if len(piece) == 1]
    if places and places[-1] is not None:
        parts.append(dot(places[-1], 2.2, "line"))
    return svg(70, 22, title, parts, "spark")
