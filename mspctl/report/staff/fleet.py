"""All clients and their hosts as they stand: what was found, and where somebody has to look."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mspctl.model.fleet import LastRun, Waiting
from mspctl.report.staff.concern import GRAVE, Concern, Kind


class Light(StrEnum):
    """How a host stands. What was not looked at is never good."""

    BAD = "bad"
    LOOK = "look"
    UNSEEN = "unseen"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class HostView:
    """A host. `waiting` is None where no scan on record says what is pending."""

    client: str
    site: str
    name: str
    criticality: str
    os: str
    tags: tuple[str, ...]
    last: LastRun | None
    """The last run that somebody made at it, whatever came of it."""
    waiting: Waiting | None
    at_work: bool
    concerns: tuple[Concern, ...]

    @property
    def light(self) -> Light:
        """The worst of its concerns."""
        kinds = {each.kind for each in self.concerns}
        if kinds & GRAVE:
            return Light.BAD
        if Kind.NOT_SEEN in kinds or self.last is None:
            return Light.UNSEEN
        return Light.LOOK if kinds else Light.GOOD

    @property
    def points(self) -> int:
        """Of all its concerns."""
        return sum(each.points for each in self.concerns)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A rule that is not kept for a while, because somebody answers for it: a hold, a waiver."""

    client: str
    what: str
    hosts: tuple[str, ...]
    until: date
    owner: str
    reason: str
    over: bool
    place: str = ""


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client; `concerns` holds those of its hosts and those of its own."""

    slug: str
    name: str
    plan: str
    timezone: str
    hosts: tuple[HostView, ...]
    concerns: tuple[Concern, ...]
    exemptions: tuple[Exemption, ...] = ()

    @property
    def points(self) -> int:
        """Its risk: the sum of all its concerns."""
        return sum(each.points for each in self.concerns)

    @property
    def lights(self) -> Mapping[Light, int]:
        """How many hosts stand how."""
        return Counter(host.light for host in self.hosts)

    @property
    def last(self) -> LastRun | None:
        """The newest run at any of its hosts."""
        runs = (host.last for host in self.hosts if host.last is not None)
        return max(runs, key=lambda each: each.started, default=None)

    def of(self, *kinds: Kind) -> tuple[Concern, ...]:
        """Its concerns of these kinds."""
        return tuple(each for each in self.concerns if each.kind in kinds)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything, as the run log and the inventory had it at `made`; clients by risk, the greatest first."""

    provider: str
    made: datetime
    days: int
    """How far back the log was read."""
    clients: tuple[ClientView, ...]

    @property
    def hosts(self) -> tuple[HostView, ...]:
        """All hosts of all clients."""
        return tuple(host for client in self.clients for host in client.hosts)

    @property
    def lights(self) -> Mapping[Light, int]:
        """How many hosts stand how."""
        return Counter(host.light for host in self.hosts)

    def of(self, *kinds: Kind) -> tuple[Concern, ...]:
        """The concerns of these kinds, those that weigh most first, of equal ones the oldest."""
        found = (each for client in self.clients for each in client.of(*kinds))
        return tuple(sorted(found, key=_weightiest))

    @property
    def exemptions(self) -> tuple[Exemption, ...]:
        """Those that end soon or are over, the soonest first."""
        found = (each for client in self.clients for each in client.exemptions)
        return tuple(sorted(found, key=lambda each: (each.until, each.client, each.what)))


def by_risk(client: ClientView) -> tuple[int, str]:
    """The order of clients."""
    return (-client.points, client.slug)


def _weightiest(concern: Concern) -> tuple[int, str, str, str]:
    since = concern.since.isoformat() if concern.since else "~"
    return (-concern.points, since, concern.client, concern.host)
