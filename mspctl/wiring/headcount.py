"""A client's hosts as fees count them: the inventory's days, and the first runs that knew them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

from mspctl.desk.headcount import Device, Headcount
from mspctl.desk.prepaid import later
from mspctl.model.contract import Contract
from mspctl.model.inventory import Client, FormerHost, Host
from mspctl.wiring.app import App


def headcount_of(app: App, client: Client) -> Headcount:
    """Those of the inventory, those that it says have gone, and those that only runs know."""
    zone = ZoneInfo(client.timezone)
    with closing(app.open_store(write=False)) as store:
        found = store.fleet_book().traces(client.slug)
    traces = {
        host.partition("/")[2]: (first.astimezone(zone).date(), last.astimezone(zone).date())
        for host, (first, last) in found.items()
    }
    hosts: list[tuple[Host | FormerHost, date | None]] = [(host, None) for host in client.hosts]
    hosts += [(host, host.until) for host in client.former]
    devices = tuple(
        Device(each.name, each.criticality, each.since, until, traces.get(each.name, (None, None))[0])
        for each, until in hosts
    )
    known = {device.name for device in devices}
    return Headcount(
        devices,
        min((first for first, _ in traces.values()), default=None),
        {name: days for name, days in traces.items() if name not in known},
    )


def month_doubts(
    app: App, client: Client, months: Sequence[date], contracts: Iterable[Contract]
) -> Mapping[str, tuple[date, ...]]:
    """What is not certain about the hosts that have a price in one of the contracts → in which months."""
    priced = [each.hosts for each in contracts if each.subscription and set(each.subscription.per) - {"user"}]
    if not priced:
        return {}
    named = [each for each in priced if each is not None]
    about = frozenset[str]().union(*named) if len(named) == len(priced) else None
    hosts, found = headcount_of(app, client).about(about), dict[str, tuple[date, ...]]()
    today = app.clock.now().astimezone(ZoneInfo(client.timezone)).date()
    for month in months:
        for doubt in hosts.doubts(month, later(month, 1), today):
            found[doubt] = (*found.get(doubt, ()), month)
    return found


def host_notes(app: App, client: Client, month: date) -> Iterator[str]:
    """What is not certain about the hosts of a month; nothing where no fee depends on them."""
    after = later(month, 1)
    held = [each for each in client.contracts if each.since < after and (each.until or after) > month]
    yield from doubt_texts(month_doubts(app, client, [month], held))


def doubt_texts(doubts: Mapping[str, tuple[date, ...]]) -> Iterator[str]:
    """A sentence each, with its months."""
    for doubt, months in doubts.items():
        yield f"hosts of {', '.join(f'{month:%Y-%m}' for month in months)}: {doubt}"
