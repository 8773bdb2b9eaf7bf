"""How settings flow: provider → client → site → groups → host, the later one wins; the one place that merges.

Three rules besides: tags and the lists of policy add up; `timeouts` merge key by key; a port belongs to its
connection, so a level that changes `connection` without a `port` gets that connection's own port. Null takes
a setting back to mspctl's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from mspctl.model.inventory import Access, ConnectionKind, Deadlines, Scheme
from mspctl.model.value import Value, no_values
from mspctl.parse.files import (
    ClientFile,
    GroupBlock,
    HostBlock,
    ProviderFile,
    Settings,
    SiteBlock,
    TaggedSettings,
    Timeouts,
)
from mspctl.parse.node import Step
from mspctl.parse.policies import ADDING, policy_settings
from mspctl.parse.policyfiles import Policed

Merged = dict[str, Any]
"""Setting → value, as validated by Settings; the value's type is the field's."""

WINRM_PORT, WINRM_HTTP_PORT = 5986, 5985
SETTINGS = frozenset(TaggedSettings.model_fields) | {"address"}
_ACCESS = {field.name for field in fields(Access)} - {"legacy_algorithms", "deadlines"}


class Level(StrEnum):
    """Where a setting comes from, lowest first."""

    DEFAULT = "default"
    PROVIDER = "provider"
    CLIENT = "client"
    SITE = "site"
    GROUP = "group"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one level says. `path` leads to its block in the file; its settings are `inside` that block."""

    level: Level
    name: str
    settings: Mapping[str, Any]
    variables: Mapping[str, Value]
    path: tuple[Step, ...] = ()
    inside: tuple[Step, ...] = ("defaults",)
    in_provider_file: bool = False


def provider_layers(provider: ProviderFile) -> tuple[Layer, ...]:
    """The lowest layers of all hosts."""
    settings = set_settings(provider.defaults)
    layer = Layer(Level.PROVIDER, "", settings, provider.vars or {}, in_provider_file=True)
    return with_policy(layer, provider)


def client_layers(client: ClientFile) -> tuple[Layer, ...]:
    """What holds for all hosts of a client."""
    layer = Layer(Level.CLIENT, client.client, set_settings(client.defaults), client.vars or {})
    return with_policy(layer, client)


def with_policy(layer: Layer, block: Policed) -> tuple[Layer, ...]:
    """The layer, and one more for the policy that stands beside its `defaults`, if there is any."""
    policy = policy_settings(block)
    return (layer, replace(layer, settings=policy, variables={}, inside=())) if policy else (layer,)


def site_layers(name: str, site: SiteBlock) -> tuple[Layer, ...]:
    """What holds for all hosts of a site; its `gateway` key is short for the default of that name."""
    path = ("sites", name)
    layer = Layer(Level.SITE, name, set_settings(site.defaults), site.vars or {}, path)
    layers = with_policy(layer, site)
    if "gateway" not in site.model_fields_set:
        return layers
    return (*layers, Layer(Level.SITE, name, {"gateway": site.gateway}, {}, path, ()))


def group_layers(groups: Mapping[str, GroupBlock] | None, *, in_provider_file: bool) -> tuple[Layer, ...]:
    """The layers of a file's groups, in the order of the file: the later one wins."""
    layers: list[Layer] = []
    for name, group in (groups or {}).items():
        settings, path = set_settings(group.defaults), ("groups", name)
        layer = Layer(Level.GROUP, name, settings, group.vars or {}, path, in_provider_file=in_provider_file)
        layers += with_policy(layer, group)
    return tuple(layers)


def host_layers(site: str, name: str, host: HostBlock) -> tuple[Layer, ...]:
    """What a host says itself."""
    path = ("sites", site, "hosts", name)
    return with_policy(Layer(Level.HOST, name, set_settings(host), host.vars or {}, path, ()), host)


def set_settings(block: Settings | None) -> Mapping[str, Any]:
    """The settings that a block sets, null included."""
    if block is None:
        return {}
    return {name: getattr(block, name) for name in block.model_fields_set if name in SETTINGS}


def overlay(below: Merged, above: Mapping[str, Any]) -> Merged:
    """One level's settings over what came from the levels below it."""
    if not above:
        return below
    merged = {**below, **above}
    for name in ADDING.intersection(above):
        if above[name] is not None:
            merged[name] = [*(below.get(name) or ()), *above[name]]
    if isinstance(above.get("timeouts"), Timeouts):
        merged["timeouts"] = {**(below.get("timeouts") or {}), **_set_timeouts(above["timeouts"])}
    if "connection" in above and "port" not in above and above["connection"] != below.get("connection", _SSH):
        merged.pop("port", None)
    return merged


_SSH = ConnectionKind.SSH


def _set_timeouts(timeouts: Timeouts) -> dict[str, float | None]:
    return {name: getattr(timeouts, name) for name in timeouts.model_fields_set}


def fold(layers: Iterable[Layer]) -> tuple[Merged, Mapping[str, Value]]:
    """All layers, lowest first: the settings and the variables."""
    settings: Merged = {}
    variables: Mapping[str, Value] = no_values()
    for layer in layers:
        settings = overlay(settings, layer.settings)
        variables = add_variables(variables, layer.variables)
    return settings, variables


def add_variables(below: Mapping[str, Value], above: Mapping[str, Value]) -> Mapping[str, Value]:
    """Variables by name, the upper one wins whole: maps and lists are not mixed."""
    return MappingProxyType({**below, **above}) if above else below


def access_of(name: str, merged: Merged) -> Access:
    """The settings as the model wants them; whatever is not set gets the model's own default."""
    given = {key: value for key, value in merged.items() if value is not None and key in _ACCESS}
    given.setdefault("address", name)
    if given.get("connection") is ConnectionKind.WINRM:
        plain = given.get("scheme") is Scheme.HTTP
        given.setdefault("port", WINRM_HTTP_PORT if plain else WINRM_PORT)
    if (
        given.get("gateway") == name
    ):  # a site's gateway stands in the site, too, and is reached without itself
        del given["gateway"]
    legacy, timeouts = merged.get("legacy"), merged.get("timeouts")
    if legacy:
        given["legacy_algorithms"] = tuple(legacy)
    if timeouts:
        given["deadlines"] = Deadlines(**{key: value for key, value in timeouts.items() if value is not None})
    return Access(**given)
