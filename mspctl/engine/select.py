"""Chooses the hosts of a run, and says of each other host why it is left out.

A limit is a comma-separated list. An item is a glob on the host's name (`web*`), on `client/name` if it holds
a slash (`acme/web?`), or `@tag`. Items add up; `!item` takes away from what the others chose, or from all
hosts if there are only such items. A name without a glob that matches nothing is an error: a misspelled
`web1` must not leave a host unpatched, a misspelled `!db1` must not touch one.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import translate
from re import compile as pattern

from mspctl.errors import EmptySelection, UsageError
from mspctl.model.inventory import Host, Inventory
from mspctl.model.selection import Excluded, Selection
from mspctl.model.suggestion import did_you_mean

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class _Item:
    text: str
    exact: bool
    matches: Callable[[Host], bool]


@dataclass(frozen=True, slots=True)
class _Limit:
    chosen: tuple[_Item, ...]
    spared: tuple[_Item, ...]


def select(
    inventory: Inventory,
    *,
    clients: Collection[str] = (),
    site: str | None = None,
    tags: Collection[str] = (),
    limit: str | None = None,
) -> Selection:
    """The hosts of these clients (all if none is named), of the site, with all the tags, within the limit.

    Raises:
        UsageError: the limit has an empty item, or names a host or tag that is not in the inventory.
        EmptySelection: no host is left; the hint says what would match.
    """
    limits = _parse(limit) if limit is not None else None
    if limits is not None:
        _check_names(limits, inventory)
    hosts: list[Host] = []
    excluded: list[Excluded] = []
    for host in inventory.hosts:
        reason = _reason(host, clients, site, tags, limits)
        if reason:
            excluded.append(Excluded(host, reason))
        else:
            hosts.append(host)
    if not hosts:
        raise _empty(inventory, clients, site, tags)
    return Selection(tuple(hosts), tuple(excluded))


def _reason(
    host: Host, clients: Collection[str], site: str | None, tags: Collection[str], limit: _Limit | None
) -> str:
    """Why the host is left out; empty if it is not."""
    if clients and host.client not in clients:
        return f"client {host.client} not asked for"
    if site is not None and host.site != site:
        return f"site {host.site} is not {site}"
    missing = [tag for tag in tags if tag not in host.tags]
    if missing:
        return f"tag {missing[0]} not set"
    if limit is None:
        return ""
    if limit.chosen and not any(item.matches(host) for item in limit.chosen):
        return "not in the limit"
    spared = next((item for item in limit.spared if item.matches(host)), None)
    return f"taken out by the limit !{spared.text}" if spared else ""


def _parse(limit: str) -> _Limit:
    chosen: list[_Item] = []
    spared: list[_Item] = []
    for part in limit.split(","):
        text = part.strip()
        bare = text.removeprefix("!").strip()
        if not bare.removeprefix("@"):
            hint = "write host names or globs with commas between them; ! takes away, @ means a tag"
            raise UsageError(f"the limit `{limit}` has an empty item", hint=hint)
        (spared if text.startswith("!") else chosen).append(_item(bare))
    return _Limit(tuple(chosen), tuple(spared))


def _item(text: str) -> _Item:
    glob = pattern(translate(text.removeprefix("@").lower())).match
    exact = not _GLOB & set(text)
    if text.startswith("@"):
        return _Item(text, exact, lambda host: any(glob(tag) for tag in host.tags))
    if "/" in text:
        return _Item(text, exact, lambda host: glob(host.key) is not None)
    return _Item(text, exact, lambda host: glob(host.name) is not None)


def _check_names(limit: _Limit, inventory: Inventory) -> None:
    for item in (*limit.chosen, *limit.spared):
        if item.exact and not any(item.matches(host) for host in inventory.hosts):
            what = "tag" if item.text.startswith("@") else "host"
            raise UsageError(
                f"the limit names a {what} that is not there: `{item.text}`",
                hint=did_you_mean(item.text, _names(item.text, inventory)),
            )


def _names(text: str, inventory: Inventory) -> set[str]:
    if text.startswith("@"):
        return {f"@{tag}" for host in inventory.hosts for tag in host.tags}
    return {host.key if "/" in text else host.name for host in inventory.hosts}


def _empty(
    inventory: Inventory, clients: Collection[str], site: str | None, tags: Collection[str]
) -> EmptySelection:
    """The first condition that leaves nothing, and what would match instead."""
    hosts = inventory.hosts
    if clients:
        hosts = tuple(host for host in hosts if host.client in clients)
        if not hosts:
            known = {client.slug for client in inventory.clients}
            name = ", ".join(clients)
            return EmptySelection(f"no host of client {name}", hint=did_you_mean(next(iter(clients)), known))
    if site is not None:
        inside = tuple(host for host in hosts if host.site == site)
        if not inside:
            return EmptySelection(f"no site `{site}`", hint=did_you_mean(site, {host.site for host in hosts}))
        hosts = inside
    for tag in tags:
        tagged = tuple(host for host in hosts if tag in host.tags)
        if not tagged:
            known = {known_tag for host in hosts for known_tag in host.tags}
            return EmptySelection(f"no host with the tag `{tag}`", hint=did_you_mean(tag, known))
        hosts = tagged
    if not hosts:
        return EmptySelection("the inventory has no hosts", hint="see `mspctl inventory list`")
    names = sorted({host.name for host in hosts})
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")  # noqa: PLR2004 - one line of names
    return EmptySelection("the limit leaves no host", hint=f"it chooses among: {shown}")
