"""Which hosts take part, and why each other host does not."""

from dataclasses import dataclass

from mspctl.model.inventory import Host


@dataclass(frozen=True, slots=True)
class Excluded:
    """A host left out, with the reason in words (for example `tag web not set`)."""

    host: Host
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The hosts of a run in inventory order, never empty, and everything that was left out."""

    hosts: tuple[Host, ...]
    excluded: tuple[Excluded, ...] = ()
