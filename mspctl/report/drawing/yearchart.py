"""Twelve months of the score on the bands of the lights, with notes beside the line."""

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from mspctl.report.drawing.svg import Point, along, box, dot, pieces, stroke, svg, text
from mspctl.report.facts.areas import AMBER_FROM, GREEN_FROM

_FULL = 100
_LEFT, _RIGHT, _TOP, _BOTTOM = 36.0, 690.0, 10.0, 150.0
_SIZE = 9.5
_LETTER = 5.1
"""About the width of a letter of that size."""
_OFFSETS = (-15.0, -28.0, 22.0, 35.0, -41.0, 48.0, -54.0)
"""From a month's point to the baseline of its note: near places first, above before below."""
_HIGH = 12
_Note = tuple[float, float, float]
"""Its left and right edge, and its baseline."""


def year(
    values: Sequence[int | None],
    months: Sequence[str],
    bands: tuple[str, str, str],
    title: str,
    notes: Sequence[str] = (),
) -> Markup:
    """A month without a number breaks the line; `notes` are as many as months, empty where there is none."""
    floor = max(0, min([50, *(value // 10 * 10 for value in values if value is not None)]))

    def height(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (value - floor) / (_FULL - floor)

    slot = (_RIGHT - _LEFT - 24) / max(1, len(values) - 1)
    across = [_LEFT + 12 + index * slot for index in range(len(values))]
    places = [None if value is None else (x, height(value)) for x, value in zip(across, values, strict=True)]
    edges = ((GREEN_FROM, _FULL, "good"), (AMBER_FROM, GREEN_FROM, "attention"), (floor, AMBER_FROM, "risk"))
    parts: list[Markup] = []
    names: list[tuple[str, float]] = []
    for (low, high, light), band in zip(edges, bands, strict=True):
        top = height(high)
        parts.append(box((_LEFT, top), _RIGHT - _LEFT, height(low) - top, f"{light}-soft"))
        names.append((band, height(low) - 6 if light == "risk" else top + 14))
        parts.append(text((_LEFT + 8, names[-1][1]), band, colour=light))
    marks = range(floor, _FULL + 1, 10)
    parts += [text((_LEFT - 8, height(mark) + 3.5), str(mark), anchor="end") for mark in marks]
    parts += _names(across, months)
    parts += [stroke(along(piece), "line", 2.4) for piece in pieces(places) if len(piece) > 1]
    parts += [dot(place, 3.4, "line") for place in places[:-1] if place]
    if places and places[-1] is not None:
        parts.append(dot(places[-1], 5.5, "line"))
        parts.append(text((_RIGHT + 8, places[-1][1] + 5), str(values[-1]), size=15, colour="ink", bold=True))
    parts += _noted(places, across, notes, [_band(name, top) for name, top in names])
    return svg(724, 174, title, parts, "year")


def _names(across: Sequence[float], months: Sequence[str]) -> Iterator[Markup]:
    for place, (x, month) in enumerate(zip(across, months, strict=True)):
        last = place == len(months) - 1
        yield text((x, _BOTTOM + 17), month, colour="ink" if last else "soft", anchor="middle", bold=last)


def _band(name: str, line: float) -> _Note:
    return (_LEFT + 8, _LEFT + 8 + len(name) * _LETTER, line)


def _noted(
    places: Sequence[Point | None], across: Sequence[float], notes: Sequence[str], bands: Iterable[_Note]
) -> Iterator[Markup]:
    """Each note near its month, where it covers neither the line, nor another note, nor a band's name."""
    taken = list(bands)
    for x, place, note in zip(across, places, notes, strict=False):
        if not note:
            continue
        half = len(note) * _LETTER / 2
        middle = min(max(x, _LEFT + 4 + half), _RIGHT - 4 - half)
        point = (x, _BOTTOM - 4) if place is None else place
        free = (
            point[1] + by
            for by in _OFFSETS
            if _free((middle - half, middle + half, point[1] + by), places, taken)
        )
        line = next(free, point[1] + _OFFSETS[0])
        taken.append((middle - half, middle + half, line))
        if place is not None:
            near = (point[1] - 6, line + 3) if line < point[1] else (point[1] + 6, line - 9)
            yield stroke(along(((x, near[0]), (x, near[1]))), "ink", 0.8)
        yield text((middle, line), note, size=_SIZE, colour="ink", anchor="middle")


def _free(note: _Note, places: Sequence[Point | None], taken: Sequence[_Note]) -> bool:
    left, right, line = note
    if not _TOP + 9 < line < _BOTTOM - 3:
        return False
    if any(left < other[1] + 6 and right > other[0] - 6 and abs(line - other[2]) < _HIGH for other in taken):
        return False
    top, bottom = line - 12, line + 6
    for piece in pieces(places):
        for (x1, y1), (x2, y2) in zip(piece, piece[1:] or piece, strict=False):
            for step in range(9):
                x, y = x1 + (x2 - x1) * step / 8, y1 + (y2 - y1) * step / 8
                if left - 4 < x < right + 4 and top < y < bottom:
                    return False
    return True
