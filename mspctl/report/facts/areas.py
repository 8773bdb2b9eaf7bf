"""The published terms of the health score: areas, checks, weights, caps and lights, under one version.

A change to any of these numbers is a new SCORE_VERSION: scores of two versions are never compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

SCORE_VERSION = 1
ENOUGH_WEIGHT = 40
"""A total is told only if the measured areas weigh at least this much of 100."""
COMPLETE = Fraction(80, 100)
"""Below this share of its computers an area is incomplete, and the total is capped."""


class Area(StrEnum):
    """What is measured, in the order of their weight. Our own service is not among them."""

    BACKUP = "backup"
    UPDATES = "updates"
    PROTECTION = "protection"
    AVAILABILITY = "availability"
    CAPACITY = "capacity"
    AGE = "age"


WEIGHTS: Mapping[Area, int] = {
    Area.BACKUP: 25,
    Area.UPDATES: 20,
    Area.PROTECTION: 20,
    Area.AVAILABILITY: 15,
    Area.CAPACITY: 10,
    Area.AGE: 10,
}
CRITICALITY: Mapping[str, int] = {"critical": 5, "server": 3, "network": 2, "workstation": 1}
OTHER_CRITICALITY = 3
"""A computer of another kind counts as a server."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at on each computer. A new check starts with weight 0 for a month."""

    area: Area
    weight: int


CHECKS: Mapping[str, Check] = {
    "security-wait": Check(Area.UPDATES, 5),
    "updates-wait": Check(Area.UPDATES, 2),
    "last-work": Check(Area.UPDATES, 2),
    "restart": Check(Area.UPDATES, 1),
    "disk": Check(Area.CAPACITY, 3),
    "inodes": Check(Area.CAPACITY, 1),
    "support": Check(Area.AGE, 1),
    "backup-age": Check(Area.BACKUP, 3),
    "backup-success": Check(Area.BACKUP, 2),
    "restore-test": Check(Area.BACKUP, 2),
    "protection": Check(Area.PROTECTION, 1),
    "availability": Check(Area.AVAILABILITY, 1),
}
CAPS: Mapping[str, int] = {
    "no-good-backup": 69,
    "unsupported-exposed": 69,
    "malware": 49,
    "critical-overdue": 79,
    "no-restore-test": 89,
    "incomplete": 89,
}
"""What a single bad fact leaves of the total at most: an average never hides a disaster."""

SECURITY_DAYS = ((14, 1), (30, Fraction(1, 2)), (60, 0))
"""Days that a security update has been waiting → what the check is worth."""
UPDATE_DAYS = ((30, 1), (90, 0))
BACKUP_DAYS = ((1, 1), (3, Fraction(1, 2)), (7, 0))
"""Days since the last good backup → what the check is worth."""
PROOF_DAYS = ((90, 1), (180, 0))
"""Days since a restore was proven → what the check is worth."""
AVAILABILITY = ((9500, 0), (9900, Fraction(1, 2)), (9990, 1))
"""Hundredths of a percent of the agreed hours that a computer was up → what the check is worth."""
COVERED = 0.5
"""Less of the agreed hours watched than this earns nothing; what was seen down costs all the same."""
OPEN_COSTS: Mapping[str, Fraction] = {
    "high": Fraction(10, 100),
    "medium": Fraction(1, 100),
    "low": Fraction(1, 400),
}
"""What each open finding of the security baseline takes from what a computer's protection is worth."""
OTHER_OPEN_COSTS = OPEN_COSTS["high"]
"""Of a finding about which nobody knows how grave it is."""
GRAVE, GRAVE_AT_MOST = "high", Fraction(69, 100)
"""With a finding of this severity open a computer is worth at most so much: it is at risk."""
DISK_PERCENT = ((80, 1), (90, Fraction(1, 2)), (97, 0))
SUPPORT_DAYS = ((0, 0), (183, Fraction(7, 10)), (365, Fraction(85, 100)), (730, 1))
"""Days until a system gets no more fixes → what the check is worth."""
EXTENDED_SUPPORT = Fraction(80, 100)
"""The most that a system is worth that lives on extended support."""
OVERDUE_DAYS = 30
"""A security update that waits longer on a server or a critical computer caps the total."""
CRITICAL_WEIGHT = 3
"""From this weight on a computer can cap the total."""


def piecewise(points: Sequence[tuple[int, int | Fraction]], x: int) -> Fraction:
    """The value at `x` on straight lines between the points; flat before the first and after the last."""
    before = points[0]
    for point in points:
        if x <= point[0]:
            if point is before:
                return Fraction(point[1])
            step = Fraction(x - before[0], point[0] - before[0])
            return Fraction(before[1]) + step * (Fraction(point[1]) - before[1])
        before = point
    return Fraction(before[1])


class Light(StrEnum):
    """What a number means: never by colour alone."""

    GREEN = "good"
    AMBER = "attention"
    RED = "risk"
    GREY = "unmeasured"


GREEN_FROM, AMBER_FROM = 85, 70
GRADES = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))


def light(points: int | None) -> Light:
    """The light of a score of 0 to 100 as it is shown."""
    if points is None:
        return Light.GREY
    if points >= GREEN_FROM:
        return Light.GREEN
    return Light.AMBER if points >= AMBER_FROM else Light.RED


def area_light(points: int | None, lowest: int | None) -> Light:
    """The light of an area: with a computer at risk, whose score there is `lowest`, it is never green."""
    found = light(points)
    return Light.AMBER if found is Light.GREEN and light(lowest) is Light.RED else found


def grade(points: int) -> str:
    """The grade of a score as it is shown."""
    return next(letter for least, letter in GRADES if points >= least)
