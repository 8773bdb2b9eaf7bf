"""Hosts that runs knew elsewhere than the inventory has them: a contract of sites counts them wrong."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

from mspctl.desk.prepaid import later
from mspctl.model.inventory import Client, FormerHost, Host
from mspctl.wiring.app import App


def moved_notes(app: App, client: Client, month: date) -> Iterator[str]:
    """One sentence for each host and site of the month; none where all contracts are about all hosts."""
    after = later(month, 1)
    if not any(
        each.hosts is not None and each.since < after and (each.until or after) > month
        for each in client.contracts
    ):
        return
    zone = ZoneInfo(client.timezone)
    with closing(app.open_store(write=False)) as store:
        seen = store.fleet_book().sites(client.slug)
    for each in seen:
        first, last = (moment.astimezone(zone).date() for moment in (each.first, each.last))
        name = each.host.partition("/")[2]
        known: tuple[Host | FormerHost, ...] = (*client.hosts, *client.former)
        sites = {host.site for host in known if host.name == name and _there(host, month, after)}
        if sites and each.site not in sites and first < after and last >= month:
            now = ", ".join(sorted(sites))
            yield (
                f"{name} counts as of {now}, but runs knew it at {each.site} until {last}:"
                f" if it moved, write it down under `former` of {each.site} as well"
            )


def _there(host: Host | FormerHost, month: date, after: date) -> bool:
    gone = host.until if isinstance(host, FormerHost) else date.max
    return (host.since or date.min) < after and gone > month
