"""What areas of the report are made of: small values that any source may add.

A source (the run log, monitoring, backup reports, …) turns what it knows into these, and the score, its
ledger, the table of computers and the lights follow. What nobody measured is in none of them: it is grey.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType

from mspctl.report.facts.areas import Area

Details = Mapping[str, str]


def no_details() -> Details:
    """An empty, immutable map."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a number comes from: a run of the log, and when it was seen."""

    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """One check on one computer: `part` is what it is worth, from 0 to 1. `details` are for the words."""

    host: str
    """`client/name`"""
    check: str
    """One of areas.CHECKS."""
    part: Fraction
    evidence: Evidence | None = None
    details: Details = field(default_factory=no_details)
    group: str = ""
    """What is told in one line: findings of one check and group on many computers."""


@dataclass(frozen=True, slots=True)
class Exempt:
    """An area that does not apply to a computer: it is expected of nobody, so it lowers no coverage."""

    host: str
    area: Area


@dataclass(frozen=True, slots=True)
class CapFound:
    """A single bad fact that caps the total; `kind` is one of areas.CAPS."""

    kind: str
    hosts: tuple[str, ...] = ()
    details: Details = field(default_factory=no_details)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a source has to say."""

    measured: tuple[Measured, ...] = ()
    exempt: tuple[Exempt, ...] = ()
    caps: tuple[CapFound, ...] = ()

    def __add__(self, other: "Findings") -> "Findings":
        return Findings(self.measured + other.measured, self.exempt + other.exempt, self.caps + other.caps)
