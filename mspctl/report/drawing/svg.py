"""The strokes of the report's charts: inline SVG, every value escaped.

Every colour is an attribute, because a PDF maker may not let the page's style reach into an image, and a
class beside it, so that a dark screen can have its own.
"""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from mspctl.report.facts.visible import visible

COLOURS: Mapping[str, str] = {
    "good": "#1a7f4b",
    "attention": "#b45f06",
    "risk": "#b3261e",
    "unmeasured": "#5b6875",
    "line": "#0f4c75",
    "track": "#e2e8ee",
    "grid": "#dde4ea",
    "soft": "#51606e",
    "ink": "#14202b",
    "paper": "#ffffff",
    "good-soft": "#e4f2ea",
    "attention-soft": "#fdf1de",
    "risk-soft": "#fbe6e4",
    "unmeasured-soft": "#edf1f4",
    "good-mid": "#9ed0b4",
    "attention-mid": "#f0be75",
    "risk-mid": "#e49a94",
    "unmeasured-mid": "#d3dae1",
    "line-mid": "#b7d0e8",
    "late": "#e5a13a",
}
Point = tuple[float, float]


def svg(width: float, height: float, title: str, parts: Iterable[Markup], kind: str) -> Markup:
    """An image with its words."""
    return Markup('<svg class="chart {}" viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>').format(
        kind, number(width), number(height), visible(title), Markup().join(parts)
    )


def text(
    at: Point,
    words: str,
    *,
    size: float = 10,
    colour: str = "soft",
    anchor: str = "start",
    bold: bool = False,
) -> Markup:
    """A line of text at its baseline."""
    return Markup(
        '<text x="{}" y="{}" font-size="{}" font-weight="{}" text-anchor="{}" font-family="Inter, sans-serif"'
        ' fill="{}" class="f-{}">{}</text>'
    ).format(
        number(at[0]),
        number(at[1]),
        number(size),
        600 if bold else 400,
        anchor,
        COLOURS[colour],
        colour,
        visible(words),
    )


def box(at: Point, width: float, height: float, colour: str, radius: float = 0) -> Markup:
    """A filled rectangle."""
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}" class="f-{}"/>').format(
        number(at[0]), number(at[1]), number(width), number(height), number(radius), COLOURS[colour], colour
    )


def dot(at: Point, radius: float, colour: str) -> Markup:
    """A filled circle."""
    return Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" class="f-{}"/>').format(
        number(at[0]), number(at[1]), number(radius), COLOURS[colour], colour
    )


def shape(path: str, colour: str) -> Markup:
    """A filled path."""
    return Markup('<path d="{}" fill="{}" class="f-{}"/>').format(path, COLOURS[colour], colour)


def stroke(path: str, colour: str, width: float) -> Markup:
    """A line along a path, with round ends."""
    return Markup(
        '<path d="{}" fill="none" stroke="{}" class="s-{}" stroke-width="{}" stroke-linecap="round"'
        ' stroke-linejoin="round"/>'
    ).format(path, COLOURS[colour], colour, number(width))


def dashes(path: str, colour: str, width: float) -> Markup:
    """A line of dashes along a path."""
    return Markup(
        '<path d="{}" fill="none" stroke="{}" class="s-{}" stroke-width="{}" stroke-dasharray="4 3"/>'
    ).format(path, COLOURS[colour], colour, number(width))


def pieces(places: Sequence[Point | None]) -> list[list[Point]]:
    """The stretches without a gap."""
    found: list[list[Point]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(place)
    return [piece for piece in found if piece]


def along(places: Iterable[Point]) -> str:
    """The path through these points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)


def number(value: float) -> str:
    """As short as it can be written to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
