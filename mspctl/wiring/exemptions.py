"""Rules of a client that are not kept for a while: holds and waivers whose last day is near, or over."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from mspctl.engine.openings import zone_of
from mspctl.model.inventory import Client, Host
from mspctl.model.patching import Hold
from mspctl.model.security import Waiver
from mspctl.report.staff.fleet import Exemption

SOON = timedelta(days=14)
"""How long before its last day an exemption is shown; one that is over is, until somebody removes it."""


def ending(client: Client, now: datetime) -> Iterator[Exemption]:
    """Those that end within SOON or are over; the same one of several hosts once."""
    hosts: dict[Hold | Waiver, list[Host]] = {}
    for host in client.hosts:
        exempt: tuple[Hold | Waiver, ...] = (*host.patching.holds, *host.security.waivers)
        for each in dict.fromkeys(exempt):
            hosts.setdefault(each, []).append(host)
    for each, own in hosts.items():
        today = now.astimezone(zone_of(own[0].calendar)).date()
        if each.until is not None and each.until <= today + SOON:
            yield _exemption(client, each, each.until, own, over=not each.holds(today))


def _exemption(
    client: Client, each: Hold | Waiver, until: date, hosts: list[Host], *, over: bool
) -> Exemption:
    what = f"hold on {each.package}" if isinstance(each, Hold) else f"waiver of {each.check}"
    names = tuple(host.name for host in hosts)
    place = str(each.place) if each.place else ""
    return Exemption(client.slug, what, names, until, each.owner, each.reason, over, place)
