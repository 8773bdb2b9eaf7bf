"""Known vulnerabilities, the packages that a host has, and where the two meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """Versions of a source package that have the hole: from `introduced` on, before `fixed`.

    Empty: from the first one on; without an end. `last` is the last one that has it, where no fix is named.
    """

    introduced: str = ""
    fixed: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Advisory:
    """One vulnerability of one source package in one release."""

    id: str
    package: str
    spans: tuple[Span, ...]
    urgency: str = ""
    undecided: bool = False
    """Nobody has looked whether the release has it."""
    names: frozenset[str] = frozenset()
    """Its other names: one of a distribution's own has those of CVE here."""


Advisories = Mapping[str, tuple[Advisory, ...]]
"""Source package → what is known about it."""


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package and the source that it was built from."""

    name: str
    version: str
    source: str
    source_version: str


@dataclass(frozen=True, slots=True)
class PackageList:
    """What was installed on a host when a run asked."""

    host: str
    """`client/name`"""
    run: str
    at: datetime
    release: str = ""
    """`debian|12|bookworm`: id, version and codename, as the host says."""
    packages: tuple[Package, ...] = ()
    trouble: str = ""
    """Why the list cannot be believed; it has no packages then."""


class Fix(StrEnum):
    """What can be done about a vulnerability."""

    UPDATE = "update"
    """A version without it is named."""
    NONE = "no fix"
    UNDECIDED = "undecided"
    """Nobody has looked whether the release has it."""
    UNKNOWN = "unknown"
    """Versions that cannot be compared: it is not known whether the host has it."""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A hole that a host has, by its packages' versions."""

    host: str
    id: str
    source: str
    installed: str
    packages: tuple[str, ...]
    fix: Fix
    fixed: str = ""
    urgency: str = ""
    exploited: bool = False
    """It is on the list of those that are known to be exploited."""
