"""Makes the model of one client out of its file and the provider's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mspctl.errors import Problem
from mspctl.model.inventory import Client, Host, Site
from mspctl.model.place import Place
from mspctl.model.value import Value, no_values
from mspctl.parse.files import ClientFile, HostBlock, ProviderFile, SiteBlock
from mspctl.parse.layers import (
    Layer,
    Merged,
    access_of,
    add_variables,
    client_layer,
    fold,
    group_layers,
    overlay,
    provider_layer,
    set_settings,
    site_layers,
)
from mspctl.parse.node import Map, node_at
from mspctl.parse.reading import Read
from mspctl.parse.twins import twins

Base = tuple[Merged, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Levels:
    """The layers below the hosts of one client. A group that both files describe has two layers."""

    provider: Layer
    client: Layer
    groups: tuple[Layer, ...]

    def base(self, site: tuple[Layer, ...], tags: frozenset[str]) -> tuple[Layer, ...]:
        """All layers below a host with these tags, lowest first."""
        return (self.provider, self.client, *site, *(group for group in self.groups if group.name in tags))


def levels_of(provider: ProviderFile, client: ClientFile) -> Levels:
    """The layers of both files."""
    groups = (
        *group_layers(provider.groups, in_provider_file=True),
        *group_layers(client.groups, in_provider_file=False),
    )
    return Levels(provider_layer(provider), client_layer(client), groups)


def build_client(provider: Read[ProviderFile], read: Read[ClientFile]) -> tuple[Client, tuple[Problem, ...]]:
    """The client, and what is wrong with it as a whole: one host twice, gateways in a circle."""
    block = read.block
    levels = levels_of(provider.block, block)
    sites = tuple(
        Site(name, tuple(_SiteBuilder(levels, read, name, site).hosts()), site.max_parallel)
        for name, site in block.sites.items()
    )
    client = Client(
        block.client,
        block.name or block.client,
        block.timezone or provider.block.timezone or "UTC",
        sites,
        block.contract.plan if block.contract else None,
        add_variables(no_values(), block.vars or {}),
        Place(read.file, read.root.line, read.root.column),
    )
    return client, twins(client)


class _SiteBuilder:
    """Makes the hosts of one site; what hosts with the same groups share is merged once."""

    def __init__(self, levels: Levels, read: Read[ClientFile], name: str, site: SiteBlock) -> None:
        self._levels = levels
        self._read = read
        self._name = name
        self._block = site
        self._site = site_layers(name, site)
        self._groups = frozenset(group.name for group in levels.groups)
        self._untagged, _ = fold(levels.base(self._site, frozenset()))
        self._bases: dict[frozenset[str], Base] = {}

    def hosts(self) -> Iterator[Host]:
        """The hosts in the order of the file."""
        written = node_at(self._read.root, ("sites", self._name, "hosts"))
        keys = written if isinstance(written, Map) else ()
        for key, (name, block) in zip(keys, self._block.hosts.items(), strict=True):
            yield self._host(name, block, Place(self._read.file, key.line, key.column))

    def _host(self, name: str, block: HostBlock, place: Place) -> Host:
        settings = set_settings(block)
        groups = self._groups_of(settings)
        base = self._bases.get(groups)
        if base is None:
            base = self._bases[groups] = fold(self._levels.base(self._site, groups))
        merged = overlay(base[0], settings)
        return Host(
            self._read.block.client,
            self._name,
            name,
            access_of(name, merged),
            merged.get("os"),
            frozenset(merged.get("tags") or ()),
            merged.get("criticality") or "server",
            add_variables(base[1], block.vars or {}),
            place,
            bool(merged.get("shared")),
        )

    def _groups_of(self, settings: Mapping[str, object]) -> frozenset[str]:
        if not self._groups:
            return _NO_GROUPS
        return self._groups & frozenset(overlay(self._untagged, settings).get("tags") or ())


_NO_GROUPS: frozenset[str] = frozenset()
