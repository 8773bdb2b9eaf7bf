"""The rows of the report's tables, in words and marks: frozen values for the templates."""

from dataclasses import dataclass

from markupsafe import Markup

from mspctl.report.facts.areas import Area, Light
from mspctl.report.facts.summary import DiskUse


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A line of the table of areas."""

    area: Area
    name: str
    light: Light
    fact: str
    points: int | None
    change: int | None
    coverage: str
    spark: Markup
    section: str


@dataclass(frozen=True, slots=True)
class PointsRow:
    """A bar of points earned of points available."""

    row: AreaRow
    earned: str
    available: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Cell:
    """A computer in an area."""

    light: Light
    points: int | None
    rests_on: str = ""
    """Where the page tells what that rests on; empty if it was not measured."""


@dataclass(frozen=True, slots=True)
class StripRow:
    """A computer's month, a box for each day; the more `trouble`, the further up."""

    name: str
    strip: Markup
    told: str
    trouble: int


@dataclass(frozen=True, slots=True)
class DiskRow:
    """A file system."""

    host: str
    use: DiskUse
    light: Light
    share: Markup
    growth: str
    full: str
