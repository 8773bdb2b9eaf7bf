"""The copies of a host that were agreed on, and what the run log says of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mspctl.model.backup import BackupPolicy, Foreign, Second
from mspctl.report.facts.rule import Reason

Times = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy beside the host's own data; it counts if it was well not longer ago than agreed."""

    name: str
    place: BackupPolicy | Second | Foreign
    keys: tuple[str, ...]
    """Facts of the run log that say that it is there, for files and for databases."""
    repository: str = ""
    """Empty if somebody else makes it."""
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the run log says of a host: when each place was last well, and which kinds last ended badly."""

    backups: Times
    proofs: Times
    checks: Times
    failed: frozenset[Reason] = frozenset()


def agreed_copies(policy: BackupPolicy, where: tuple[str, str, str]) -> Iterator[Copy]:
    """Each of them, not counted yet; `where` is client, site and host."""
    if policy.wanted:
        asked = (("backup.repository", policy.sources), ("databases.repository", policy.databases))
        kinds = [kind for kind, what in asked if what]
        for name, place, repository in (
            ("repository", policy, policy.repository_of(*where)),
            ("second", policy.second, policy.second_of(*where)),
        ):
            if repository:
                yield Copy(name, place, tuple(f"{kind} {repository}" for kind in kinds), repository)
    for each in policy.foreign:
        if each.apart:
            yield Copy(each.name, each, (f"foreign.seen {each.name}",))
