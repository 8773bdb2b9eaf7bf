"""Availability as the score needs it: of the agreed hours that were watched, how many a computer was up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mspctl.model.uptime import Uptime
from mspctl.report.facts.areas import AVAILABILITY, COVERED, Area, piecewise
from mspctl.report.facts.measured import Exempt, Findings, Measured

_CHECK = "availability"
_PRECISE = 10_000
"""Shares are told in hundredths of a percent, never rounded up."""


_SHORT = 15 * 60
"""Seconds down on one day that are an interruption, and no outage yet."""


class DaySeen(StrEnum):
    """What was seen of a computer on one day: exactly one, the gravest first."""

    DOWN = "down"
    SHORT = "short"
    NOT_WATCHED = "not-watched"
    MAINTENANCE = "maintenance"
    UP = "up"
    OFF = "off"
    """The day has no agreed hours, or is yet to come."""


def day_seen(uptimes: Sequence[Uptime]) -> DaySeen:
    """A computer's day, from the uptimes of all that stands for it."""
    found = {_day(each) for each in uptimes}
    return next((each for each in DaySeen if each in found), DaySeen.NOT_WATCHED)


def _day(uptime: Uptime) -> DaySeen:
    if not uptime.whole:
        return DaySeen.OFF
    if uptime.down:
        return DaySeen.DOWN if uptime.down > _SHORT else DaySeen.SHORT
    if uptime.coverage < COVERED:
        return DaySeen.NOT_WATCHED
    return DaySeen.MAINTENANCE if uptime.maintenance else DaySeen.UP


@dataclass(frozen=True, slots=True)
class Watched:
    """All that was watched of a client's computers, in seconds of agreed hours."""

    up: int
    down: int
    covered: int
    whole: int

    @property
    def share(self) -> Fraction:
        """Up, of what was seen up or down."""
        return _floor(self.up, self.up + self.down)

    @property
    def coverage(self) -> Fraction:
        """How much of the agreed hours is known about."""
        return _floor(self.covered, self.whole)


def availability_findings(
    watched: Mapping[str, Sequence[Uptime]], criticality: Mapping[str, str]
) -> Findings:
    """From the uptimes of what stands for each host (`client/name`): of several the worst counts.

    A workstation that nobody watches is exempt where others are watched; a server is not, it is grey.
    """
    if not watched:
        return Findings()
    exempt = tuple(
        Exempt(host, Area.AVAILABILITY)
        for host, kind in criticality.items()
        if kind == "workstation" and host not in watched
    )
    found = (_host(host, uptimes) for host, uptimes in watched.items())
    return Findings(tuple(each for each in found if each is not None), exempt)


def _host(host: str, uptimes: Sequence[Uptime]) -> Measured | None:
    worth = [(part, each) for each in uptimes if (part := _worth(each)) is not None]
    if not worth:
        return None
    part, worst = min(worth, key=lambda one: (one[0], one[1].share))
    return Measured(host, _CHECK, part, details=_details(worst))


def _worth(uptime: Uptime) -> Fraction | None:
    """None if too little was watched to praise it; what was seen down counts however little that was."""
    if uptime.share is None:
        return None
    if uptime.coverage >= COVERED:
        return _part(_floor(uptime.up, uptime.up + uptime.down))
    at_most = _part(_floor(uptime.whole - uptime.down, uptime.whole))
    return at_most if at_most < 1 else None


def _part(share: Fraction) -> Fraction:
    return piecewise(AVAILABILITY, int(share * _PRECISE))


def _floor(part: int, whole: int) -> Fraction:
    return Fraction(part * _PRECISE // whole, _PRECISE) if whole else Fraction(0)


def _details(uptime: Uptime) -> Mapping[str, str]:
    covered = uptime.up + uptime.down + uptime.maintenance
    seconds = {"up": uptime.up, "down": uptime.down, "covered": covered, "whole": uptime.whole}
    return {name: str(each) for name, each in seconds.items()}


def watched_in_all(measured: Iterable[Measured]) -> Watched | None:
    """The computers that were measured together; None if none was."""
    found = [each.details for each in measured if each.check == _CHECK]
    if not found:
        return None
    return Watched(*(sum(int(each[name]) for each in found) for name in ("up", "down", "covered", "whole")))
