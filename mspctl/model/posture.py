"""What runs have asked hosts about their safety, and what they answered: new and fixed come from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """What a check said. Every other word of a host is `unmeasured`."""

    GOOD = "good"
    BAD = "bad"
    UNMEASURED = "unmeasured"
    ABSENT = "not-applicable"
    """There is nothing on the host that the check is about."""


@dataclass(frozen=True, slots=True)
class Look:
    """One module of checks in one run on one host; without answers it was planned and did not get to any."""

    run: str
    host: str
    """`client/name`"""
    module: str
    at: datetime
    """By the clock of the machine on which mspctl ran."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Check → what it said last: after a remedy, what the second look said."""
    why: str = ""
    """Why there are no answers."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """The words of a check that was bad or unmeasured, as the log has them."""

    run: str
    host: str
    check: str
    severity: str = ""
    title: str = ""
    evidence: str = ""
    remedy: str = ""
    reference: str = ""
