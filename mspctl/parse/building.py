"""Makes the model of one client out of its file and the provider's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mspctl.errors import Problem
from mspctl.model.backup import BackupPolicy
from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Client, Coverage, FormerHost, Host, Site
from mspctl.model.patching import PatchPolicy
from mspctl.model.place import Place
from mspctl.model.security import SecurityPolicy
from mspctl.model.value import Value, no_values
from mspctl.parse.backups import backup_of, backup_problems
from mspctl.parse.billingfiles import buyer_of
from mspctl.parse.contractfiles import ContractBlock
from mspctl.parse.contracts import contract_problems, contracts_of, host_problems
from mspctl.parse.coverage import covered_names, while_held
from mspctl.parse.files import ClientFile, HostBlock, ProviderFile, SiteBlock
from mspctl.parse.former import former_hosts, former_problems
from mspctl.parse.layers import (
    Layer,
    Merged,
    access_of,
    add_variables,
    client_layers,
    fold,
    group_layers,
    overlay,
    provider_layers,
    set_settings,
    site_layers,
)
from mspctl.parse.mailfiles import mailing_of
from mspctl.parse.monitorfiles import gate_problems, monitoring_of
from mspctl.parse.node import Map, node_at, place_of
from mspctl.parse.ordering import order_problems
from mspctl.parse.policies import calendar_of, dependencies_of, policy_of, policy_settings
from mspctl.parse.reading import Read
from mspctl.parse.schedulefiles import schedules_of
from mspctl.parse.securityfiles import security_of
from mspctl.parse.twins import twins
from mspctl.parse.windows import windows_problems


@dataclass(frozen=True, slots=True)
class _Base:
    """What hosts with the same groups share: settings and variables merged, and the policy made of them."""

    merged: Merged
    variables: Mapping[str, Value]
    patching: PatchPolicy
    calendar: Calendar
    backup: BackupPolicy
    security: SecurityPolicy


@dataclass(frozen=True, slots=True)
class Levels:
    """The layers below the hosts of one client. A group that both files describe has two layers."""

    provider: tuple[Layer, ...]
    client: tuple[Layer, ...]
    groups: tuple[Layer, ...]

    def base(self, site: tuple[Layer, ...], tags: frozenset[str]) -> tuple[Layer, ...]:
        """All layers below a host with these tags, lowest first."""
        return (*self.provider, *self.client, *site, *(group for group in self.groups if group.name in tags))


def levels_of(provider: ProviderFile, client: ClientFile) -> Levels:
    """The layers of both files."""
    groups = (
        *group_layers(provider.groups, in_provider_file=True),
        *group_layers(client.groups, in_provider_file=False),
    )
    return Levels(provider_layers(provider), client_layers(client), groups)


def build_client(provider: Read[ProviderFile], read: Read[ClientFile]) -> tuple[Client, tuple[Problem, ...]]:
    """The client, and what is wrong with it as a whole: one host twice, gateways in a circle."""
    block = read.block
    levels = levels_of(provider.block, block)
    timezone = block.timezone or provider.block.timezone or "UTC"
    sites = tuple(
        Site(
            name,
            tuple(_SiteBuilder(levels, read, name, site, timezone).hosts()),
            site.max_parallel,
            former_hosts(name, site.former or {}),
        )
        for name, site in block.sites.items()
    )
    hosts: list[Host | FormerHost] = [host for site in sites for host in site.hosts]
    hosts += (host for site in sites for host in site.former)
    client = Client(
        block.client,
        block.name or block.client,
        timezone,
        sites,
        block.contract[-1].plan if block.contract else None,
        add_variables(no_values(), block.vars or {}),
        Place(read.file, read.root.line, read.root.column),
        _coverage(block.contract, hosts),
        contracts_of(block.contract or (), timezone, hosts),
        schedules_of(
            provider.block.schedules, block.schedules, timezone, _places((provider, read), ("schedules",))
        ),
        monitoring_of(block.monitor, _places((read,), ("monitor", "probes"))) if block.monitor else None,
        calendar_of(fold((*levels.provider, *levels.client))[0], timezone),
        mailing_of(block.report),
        buyer_of(block.billing, block.name or block.client),
    )
    return client, (
        *twins(client),
        *order_problems(client, read),
        *windows_problems(client),
        *backup_problems(client),
        *contract_problems(read),
        *host_problems(read, hosts),
        *former_problems(client, read),
        *gate_problems(block.monitor, block.sites, place_of(read.root, ("monitor", "gates"), read.file)),
    )


def _places(
    files: Iterable[Read[ProviderFile] | Read[ClientFile]], path: tuple[str, ...]
) -> Mapping[str, Place]:
    """Where the entries of a map stand that both files may hold; the later file goes before."""
    found: dict[str, Place] = {}
    for read in files:
        written = node_at(read.root, path)
        for name in written if isinstance(written, Map) else ():
            found[str(name)] = Place(read.file, name.line, name.column)
    return found


def _coverage(
    contracts: Sequence[ContractBlock] | None, hosts: Sequence[Host | FormerHost]
) -> tuple[Coverage, ...]:
    ends = [contract.since for contract in (contracts or ())[1:]]
    return tuple(
        Coverage(
            contract.since or date.min if number else date.min,
            _services(contract),
            covered_names(contract.hosts, while_held(hosts, contract.since, end)),
        )
        for number, (contract, end) in enumerate(zip(contracts or (), (*ends, None), strict=False))
    )


def _services(contract: ContractBlock) -> frozenset[str] | None:
    """What the contract covers: what it says; with the plan break_fix nothing; otherwise everything."""
    if contract.covers is None and contract.plan not in _ON_CALL:
        return None
    return frozenset(contract.covers or ())


_ON_CALL = frozenset({"break_fix", "break-fix", "breakfix"})


class _SiteBuilder:
    """Makes the hosts of one site; what hosts with the same groups share is merged once."""

    def __init__(
        self, levels: Levels, read: Read[ClientFile], name: str, site: SiteBlock, timezone: str
    ) -> None:
        self._levels = levels
        self._read = read
        self._name = name
        self._block = site
        self._timezone = site.timezone or timezone
        self._site = site_layers(name, site)
        self._groups = frozenset(group.name for group in levels.groups)
        self._untagged, _ = fold(levels.base(self._site, frozenset()))
        self._bases: dict[frozenset[str], _Base] = {}

    def hosts(self) -> Iterator[Host]:
        """The hosts in the order of the file."""
        written = node_at(self._read.root, ("sites", self._name, "hosts"))
        keys = written if isinstance(written, Map) else ()
        for key, (name, block) in zip(keys, self._block.hosts.items(), strict=True):
            yield self._host(name, block, Place(self._read.file, key.line, key.column))

    def _host(self, name: str, block: HostBlock, place: Place) -> Host:
        settings = set_settings(block)
        base = self._base(self._groups_of(settings))
        merged = overlay(base.merged, settings)
        policy = policy_settings(block)
        own = self._made(overlay(merged, policy), base.variables) if policy else base
        return Host(
            self._read.block.client,
            self._name,
            name,
            access_of(name, merged),
            merged.get("os"),
            frozenset(merged.get("tags") or ()),
            merged.get("criticality") or "server",
            add_variables(base.variables, block.vars or {}),
            place,
            bool(merged.get("shared")),
            own.patching,
            own.calendar,
            dependencies_of(block),
            own.backup,
            own.security,
            block.since,
        )

    def _base(self, groups: frozenset[str]) -> _Base:
        base = self._bases.get(groups)
        if base is None:
            base = self._bases[groups] = self._made(*fold(self._levels.base(self._site, groups)))
        return base

    def _made(self, merged: Merged, variables: Mapping[str, Value]) -> _Base:
        calendar = calendar_of(merged, self._timezone)
        security = security_of(merged)
        return _Base(merged, variables, policy_of(merged), calendar, backup_of(merged), security)

    def _groups_of(self, settings: Mapping[str, object]) -> frozenset[str]:
        if not self._groups:
            return _NO_GROUPS
        return self._groups & frozenset(overlay(self._untagged, settings).get("tags") or ())


_NO_GROUPS: frozenset[str] = frozenset()
