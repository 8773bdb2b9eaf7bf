"""Why somebody has to look, and how many points that is worth: the terms of the staff's order of clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mspctl.report.facts.areas import CRITICALITY, OTHER_CRITICALITY


class Kind(StrEnum):
    """What is wrong."""

    FAILING = "failing"
    DOWN = "down"
    NOT_SEEN = "not seen"
    MISSED = "missed"
    WARNING = "warning"
    SECURITY = "security"
    ENDING = "ending"


POINTS: Mapping[Kind, int] = {
    Kind.FAILING: 10,
    Kind.DOWN: 10,
    Kind.NOT_SEEN: 6,
    Kind.MISSED: 4,
    Kind.WARNING: 3,
    Kind.SECURITY: 2,
    Kind.ENDING: 1,
}
"""Of one computer of weight 1; it counts as often as the computer weighs in the health score (1 to 5)."""

GRAVE = frozenset({Kind.FAILING, Kind.DOWN})
"""What makes a host red, not only amber."""


def weight(criticality: str) -> int:
    """How often a host counts; what belongs to no host counts as a server."""
    return CRITICALITY.get(criticality, OTHER_CRITICALITY)


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that somebody has to look at. `host` is empty where it is about the client as a whole."""

    kind: Kind
    client: str
    host: str
    text: str
    points: int
    since: datetime | None = None
    evidence: str = ""
    """The command that shows it, or the line of the file where it stands."""
