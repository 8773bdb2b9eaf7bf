"""How many hosts of each kind a client had in a month: as written down, as runs knew them, or as a guess.

A host is there from the day that the inventory gives; without one, from the first run that knew it. Where the
run log does not reach back so far, it is taken to have been there, and counts as a guess.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from mspctl.model.contract import Contract


@dataclass(frozen=True, slots=True)
class Device:
    """A host as fees count it; gone from `until` on. `seen` is the day of the first run that knew it."""

    name: str
    kind: str
    since: date | None = None
    until: date | None = None
    seen: date | None = None


class Presence(StrEnum):
    """Whether a host was there."""

    THERE = "there"
    GUESSED = "guessed"
    """Nothing is known of that time, so it counts as if it had been there."""
    LATER = "later"
    """The run log reaches back so far, and knows it only later: it does not count."""
    AWAY = "away"
    """The inventory says that it was not there."""

    @property
    def counts(self) -> bool:
        """True if a fee is due for it."""
        return self in {Presence.THERE, Presence.GUESSED}


def _nobody() -> Mapping[str, tuple[date, date]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Headcount:
    """A client's hosts. `begins` is the first day of its run log.

    `strangers` are hosts that runs knew and the inventory does not: the first and the last day.
    """

    devices: tuple[Device, ...]
    begins: date | None = None
    strangers: Mapping[str, tuple[date, date]] = field(default_factory=_nobody)

    def presence(self, device: Device, first: date, after: date) -> Presence:
        """Whether it was there on any day from `first` to the one before `after`."""
        if device.until is not None and device.until <= first:
            return Presence.AWAY
        if device.since is not None:
            return Presence.THERE if device.since < after else Presence.AWAY
        if device.seen is not None and device.seen < after:
            return Presence.THERE
        reaches = device.seen is not None and self.begins is not None and self.begins < after
        return Presence.LATER if reaches else Presence.GUESSED

    def kinds(self, first: date, after: date, contract: Contract | None = None) -> Mapping[str, int]:
        """Kind → how many count, of the contract's; one that moved counts as the last one."""
        about = contract.hosts if contract else None
        there = [
            device
            for device in self.devices
            if (about is None or device.name in about) and self.presence(device, first, after).counts
        ]
        there.sort(key=lambda device: device.until or date.max)
        return Counter({device.name: device.kind for device in there}.values())

    def about(self, hosts: frozenset[str] | None) -> "Headcount":
        """Those of these names only, None: all. Nobody knows whether strangers would be among them."""
        if hosts is None:
            return self
        devices = tuple(each for each in self.devices if each.name in hosts)
        return Headcount(devices, self.begins, self.strangers)

    def doubts(self, first: date, after: date, today: date) -> Iterator[str]:
        """What a person should know about the count, a sentence each. This month is as in the inventory."""
        if not first <= today < after:
            guessed = self._names(Presence.GUESSED, first, after)
            if guessed:
                yield f"counted as today, because no run says since when they are there: {', '.join(guessed)}"
        later = self._names(Presence.LATER, first, after)
        if later:
            yield f"not counted, because no run knew them before: {', '.join(later)}"
        gone = [
            f"{name} (last on {last})"
            for name, (begun, last) in sorted(self.strangers.items())
            if begun < after and last >= first
        ]
        if gone:
            yield f"not counted, because the inventory does not know them any more: {', '.join(gone)}"

    def _names(self, wanted: Presence, first: date, after: date) -> Sequence[str]:
        found = (each.name for each in self.devices if self.presence(each, first, after) is wanted)
        return list(dict.fromkeys(found))
