"""Two plans in one picture: bars of what the months cost under one, steps of the other."""

from collections.abc import Sequence
from math import ceil

from markupsafe import Markup

from mspctl.report.drawing.bars import nice_step
from mspctl.report.drawing.svg import along, box, stroke, svg, text
from mspctl.report.wording.speech import Speech

_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 724.0, 8.0, 140.0


def costs(
    bars: Sequence[float], line: Sequence[float], months: Sequence[str], title: str, speech: Speech
) -> Markup:
    """The picture; its axis begins at zero, or bars would lie."""
    highest = ceil(max((*bars, *line)))
    step = nice_step(highest)
    most = step * max(1, -(-highest // step))

    def height(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * value / most

    parts = []
    for mark in range(0, most + 1, step):
        parts.append(stroke(along(((_LEFT, height(mark)), (_RIGHT, height(mark)))), "grid", 1))
        parts.append(text((_LEFT - 8, height(mark) + 3.5), speech.number(mark), anchor="end"))
    slot = (_RIGHT - _LEFT) / len(bars)
    steps: list[tuple[float, float]] = []
    for place, (bar, other, month) in enumerate(zip(bars, line, months, strict=True)):
        left = _LEFT + place * slot
        if bar > 0:
            parts.append(box((left + slot * 0.2, height(bar)), slot * 0.6, _BOTTOM - height(bar), "line-mid"))
        parts.append(text((left + slot / 2, _BOTTOM + 17), month, anchor="middle"))
        steps += [(left, height(other)), (left + slot, height(other))]
    parts.append(stroke(along(steps), "attention", 2.2))
    return svg(724, 164, title, parts, "stacked")


def bar_key(title: str) -> Markup:
    """For the legend."""
    return svg(15.5, 15, title, [box((0, 0), 15.5, 15, "line-mid")], "key")


def line_key(title: str) -> Markup:
    """For the legend."""
    return svg(15.5, 15, title, [stroke("M0 7.5h15.5", "attention", 2.2)], "key")
