"""Hosts that have gone or moved, as the client's file names them."""

from collections.abc import Iterator, Mapping
from datetime import date

from mspctl.errors import Problem
from mspctl.model.inventory import Client, FormerHost, Host
from mspctl.parse.coverage import last_day
from mspctl.parse.files import ClientFile, FormerBlock
from mspctl.parse.node import dotted, place_of
from mspctl.parse.reading import Read


def former_hosts(site: str, blocks: Mapping[str, FormerBlock]) -> tuple[FormerHost, ...]:
    """The model of a site's `former`."""
    return tuple(
        FormerHost(
            site, name, block.until, block.since, frozenset(block.tags or ()), block.criticality or "server"
        )
        for name, block in blocks.items()
    )


def former_problems(client: Client, read: Read[ClientFile]) -> Iterator[Problem]:
    """Hosts that would be there twice on one day; days that are no stretch."""
    taken: dict[str, list[Host | FormerHost]] = {}
    for there in client.hosts:
        taken.setdefault(there.name, []).append(there)
    for host in sorted(client.former, key=lambda each: each.until, reverse=True):
        path = ("sites", host.site, "former", host.name)
        place = place_of(read.root, path, read.file, key=True)
        if host.since is not None and host.until <= host.since:
            yield Problem(f"`{host.name}` has gone before it came", place, dotted(path), "see from and until")
        elif any(
            _begins(other) < host.until and last_day(other) > _begins(host)
            for other in taken.get(host.name, ())
        ):
            hint = f"remove one, or, if it moved, say `from: {host.until}` where it is now"
            yield Problem(f"`{host.name}` is there twice", place, dotted(path), hint)
        taken.setdefault(host.name, []).append(host)


def _begins(host: Host | FormerHost) -> date:
    return host.since or date.min
