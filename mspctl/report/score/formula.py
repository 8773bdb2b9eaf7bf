"""The health score of a client: a pure function of what was measured, exact to the last fraction.

    host and area   H(h, d) = Σ w·s / Σ w          over the measured checks of the area
    area            D(d)    = Σ crit·H / Σ crit    over the computers on which something was measured
    total           S       = 100 · Σ W·D / Σ W    over the measured areas

All of it is linear in each check, so what a finding costs is what the total would gain without it, and the
costs add up to what is missing from 100. What was not measured is in no sum; it lowers the coverage instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from mspctl.report.facts.areas import (
    CAPS,
    CHECKS,
    COMPLETE,
    CRITICALITY,
    ENOUGH_WEIGHT,
    OTHER_CRITICALITY,
    SCORE_VERSION,
    WEIGHTS,
    Area,
)
from mspctl.report.facts.measured import CapFound, Findings, Measured


@dataclass(frozen=True, slots=True)
class HostArea:
    """A computer in an area: `part` (0 to 1) is None if nothing was measured there."""

    host: str
    area: Area
    part: Fraction | None
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class AreaScore:
    """An area: what it is worth (0 to 1, None: not measured) and on how many computers that rests."""

    area: Area
    part: Fraction | None
    measured: int
    expected: int

    @property
    def complete(self) -> bool:
        """True if enough computers were measured for an honest number."""
        return not self.expected or Fraction(self.measured, self.expected) >= COMPLETE


@dataclass(frozen=True, slots=True)
class Loss:
    """What one finding costs of the total, in points."""

    measured: Measured
    points: Fraction


@dataclass(frozen=True, slots=True)
class Score:
    """`total` is None if too little was measured. 100 is the total, the losses and `cap_loss` together."""

    version: int
    total: Fraction | None
    average: Fraction | None
    """The total before caps."""
    areas: tuple[AreaScore, ...]
    hosts: tuple[HostArea, ...]
    losses: tuple[Loss, ...]
    caps: tuple[CapFound, ...]
    """All that were found, the lowest first."""

    @property
    def cap(self) -> CapFound | None:
        """The one that holds the total down, if one does."""
        return self.caps[0] if self.caps and self.cap_loss else None

    @property
    def cap_loss(self) -> Fraction:
        """The points that the cap takes beyond what the findings cost."""
        if self.total is None or self.average is None:
            return Fraction(0)
        return self.average - self.total

    @property
    def weight(self) -> int:
        """How much of 100 the measured areas weigh."""
        return sum(WEIGHTS[each.area] for each in self.areas if each.part is not None)

    def lowest(self, area: Area) -> Fraction | None:
        """What the worst computer of an area is worth there."""
        parts = [each.part for each in self.hosts if each.area is area and each.part is not None]
        return min(parts, default=None)

    def area(self, area: Area) -> AreaScore:
        """The score of an area."""
        return next(each for each in self.areas if each.area is area)


def score(criticality: Mapping[str, str], findings: Findings) -> Score:
    """The score of these computers (`client/name` → criticality); findings about others are left out."""
    weights = {host: CRITICALITY.get(kind, OTHER_CRITICALITY) for host, kind in criticality.items()}
    exempt = frozenset((each.host, each.area) for each in findings.exempt)
    by_place: dict[tuple[str, Area], list[Measured]] = {}
    for each in findings.measured:
        check = CHECKS[each.check]
        place = (each.host, check.area)
        if check.weight and each.host in weights and place not in exempt:
            by_place.setdefault(place, []).append(each)
    hosts = tuple(
        HostArea(host, area, _mean(by_place.get((host, area), ())), (host, area) in exempt)
        for host in weights
        for area in Area
    )
    areas = tuple(_area(area, [each for each in hosts if each.area is area], weights) for area in Area)
    measured_weight = sum(WEIGHTS[each.area] for each in areas if each.part is not None)
    average = None
    if measured_weight >= ENOUGH_WEIGHT:
        parts = (WEIGHTS[each.area] * each.part for each in areas if each.part is not None)
        average = 100 * sum(parts, Fraction(0)) / measured_weight
    caps = _caps(findings.caps, areas)
    lowest = min((CAPS[each.kind] for each in caps), default=100)
    total = None if average is None else min(average, Fraction(lowest))
    losses = _losses(by_place, weights, measured_weight)
    return Score(SCORE_VERSION, total, average, areas, hosts, tuple(losses), caps)


def _mean(found: Iterable[Measured]) -> Fraction | None:
    weighed = [(CHECKS[each.check].weight, each.part) for each in found]
    if not weighed:
        return None
    return sum((weight * part for weight, part in weighed), Fraction(0)) / sum(w for w, _ in weighed)


def _area(area: Area, places: Iterable[HostArea], weights: Mapping[str, int]) -> AreaScore:
    expected = [place for place in places if not place.exempt]
    known = [(weights[place.host], place.part) for place in expected if place.part is not None]
    if not known:
        return AreaScore(area, None, 0, len(expected))
    part = sum((weight * part for weight, part in known), Fraction(0)) / sum(w for w, _ in known)
    return AreaScore(area, part, len(known), len(expected))


def _caps(found: Iterable[CapFound], areas: Iterable[AreaScore]) -> tuple[CapFound, ...]:
    incomplete = [each.area.value for each in areas if each.expected and not each.complete]
    caps = list(found)
    if incomplete:
        caps.append(CapFound("incomplete", (), {"areas": " ".join(incomplete)}))
    return tuple(sorted(caps, key=lambda each: (CAPS[each.kind], each.kind, each.hosts)))


def _losses(
    by_place: Mapping[tuple[str, Area], list[Measured]], weights: Mapping[str, int], measured_weight: int
) -> Iterable[Loss]:
    in_area: dict[Area, int] = {}
    for host, area in by_place:
        in_area[area] = in_area.get(area, 0) + weights[host]
    losses = []
    for (host, area), found in by_place.items():
        checks = sum(CHECKS[each.check].weight for each in found)
        share = Fraction(100 * WEIGHTS[area], measured_weight) * Fraction(weights[host], in_area[area])
        for each in found:
            points = share * Fraction(CHECKS[each.check].weight, checks) * (1 - each.part)
            if points:
                losses.append(Loss(each, points))
    return sorted(losses, key=lambda loss: (-loss.points, loss.measured.check, loss.measured.host))
