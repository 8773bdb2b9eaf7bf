"""Hosts that have gone, as the client's file names them."""

from collections.abc import Iterator, Mapping

from mspctl.errors import Problem
from mspctl.model.inventory import Client, FormerHost
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
    """Names that are among the hosts as well, or gone twice; days that are no stretch."""
    taken = {host.name for host in client.hosts}
    for host in client.former:
        path = ("sites", host.site, "former", host.name)
        place = place_of(read.root, path, read.file, key=True)
        if host.name in taken:
            yield Problem(f"`{host.name}` is there twice", place, dotted(path), "remove one of them")
        elif host.since is not None and host.until <= host.since:
            yield Problem(f"`{host.name}` has gone before it came", place, dotted(path), "see from and until")
        taken.add(host.name)
