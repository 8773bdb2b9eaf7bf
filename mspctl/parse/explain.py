"""Says where each setting of a host comes from: the layers that the inventory is folded from, one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.inventory import Deadlines, Host, Inventory
from mspctl.model.place import Place
from mspctl.model.secret import SecretRef
from mspctl.model.suggestion import did_you_mean
from mspctl.model.value import Value
from mspctl.parse.backups import backup_values
from mspctl.parse.building import Levels, levels_of
from mspctl.parse.files import ClientFile, HostBlock, ProviderFile
from mspctl.parse.layers import SETTINGS, Layer, Level, host_layers, overlay, site_layers
from mspctl.parse.node import Step, place_of
from mspctl.parse.policies import POLICY_LISTS, path_of, policy_values, shown_items, shown_windows
from mspctl.parse.reading import Read, read_client, read_provider
from mspctl.parse.securityfiles import security_values


@dataclass(frozen=True, slots=True)
class Explained:
    """One setting: what holds, from which level (`group web`), and where that was written."""

    name: str
    value: Value
    level: Level
    source: str
    place: Place | None


def find_host(inventory: Inventory, name: str) -> Host:
    """The host called `name` or `client/name`.

    Raises:
        UsageError: there is none, or several clients have one of that name.
    """
    found = [host for host in inventory.hosts if name in {host.name, host.key}]
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(host.key for host in found[:8])
        raise UsageError(f"several hosts are called `{name}`", hint=f"say which: {keys}")
    known = {host.key if "/" in name else host.name for host in inventory.hosts}
    raise UsageError(f"there is no host `{name}`", hint=did_you_mean(name, known))


def explain_host(folder: Path, host: Host) -> tuple[Explained, ...]:
    """All settings and variables of a host that `load_inventory(folder)` returned.

    Raises:
        ConfigurationError: a file has changed since and is wrong now, or the host is gone.
    """
    provider, read = read_provider(folder), read_client(folder, host.client)
    if not isinstance(provider, Read):
        raise ConfigurationError.of(provider)
    if not isinstance(read, Read):
        raise ConfigurationError.of(read)
    return _Explainer(provider, read, host).all()


class _Explainer:
    def __init__(self, provider: Read[ProviderFile], read: Read[ClientFile], host: Host) -> None:
        self._provider = provider
        self._read = read
        self._host = host
        self._origins: dict[str, tuple[Layer, Place]] = {}

    def all(self) -> tuple[Explained, ...]:
        layers = self._layers()
        settings: dict[str, Any] = {}
        for layer in layers:
            merged = overlay(settings, layer.settings)
            self._note_settings(settings, merged, layer)
            settings = merged
        return (*self._settings(), *self._policy(), *self._added(layers), *self._variables(layers))

    def _layers(self) -> tuple[Layer, ...]:
        site = self._read.block.sites.get(self._host.site)
        block = site.hosts.get(self._host.name) if site else None
        if site is None or block is None:
            raise ConfigurationError(f"the host {self._host.key} is gone", place=Place(self._read.file))
        levels: Levels = levels_of(self._provider.block, self._read.block)
        base = levels.base(site_layers(self._host.site, site), self._host.tags)
        return (*base, *host_layers(self._host.site, self._host.name, block))

    def _note_settings(self, below: Mapping[str, Any], above: Mapping[str, Any], layer: Layer) -> None:
        for name in layer.settings:
            self._origins[name] = (layer, self._place(layer, (*layer.inside, *path_of(name))))
        timeouts = layer.settings.get("timeouts")
        for name in timeouts.model_fields_set if timeouts is not None else ():
            place = self._place(layer, (*layer.inside, "timeouts", name))
            self._origins[f"timeouts.{name}"] = (layer, place)
        if "port" in below and "port" not in above:
            self._origins.pop("port")

    def _place(self, layer: Layer, path: tuple[Step, ...]) -> Place:
        read = self._provider if layer.in_provider_file else self._read
        return place_of(read.root, (*layer.path, *path), read.file)

    def _settings(self) -> Iterator[Explained]:
        for name, value in host_settings(self._host):
            origin = self._origins.get(name)
            yield _explained(name, value, origin)

    def _policy(self) -> Iterator[Explained]:
        calendar, order = self._host.calendar, self._host.dependencies
        windows = ((f"windows.{name}", shown_windows(spans)) for name, spans in calendar.windows.items())
        for name, value in (
            *policy_values(self._host.patching),
            *backup_values(self._host.backup),
            *security_values(self._host.security),
            *windows,
        ):
            yield _explained(name, value, self._origins.get(name))
        for name in ("after", "never_together", "runs_on"):
            if value := getattr(order, name):
                path: tuple[Step, ...] = ("sites", self._host.site, "hosts", self._host.name, name)
                place = place_of(self._read.root, path, self._read.file)
                yield Explained(name, value, Level.HOST, self._host.name, place)

    def _added(self, layers: tuple[Layer, ...]) -> Iterator[Explained]:
        """The lists to which each level adds, item by item."""
        found: dict[str, list[Explained]] = {}
        for layer in layers:
            for name in POLICY_LISTS.intersection(layer.settings):
                if layer.settings[name] is None:
                    found.pop(name, None)
                for index, text in enumerate(shown_items(layer.settings[name] or ())):
                    origin = (layer, self._place(layer, (*path_of(name), index)))
                    found.setdefault(name, []).append(_explained(name, text, origin))
        for name in sorted(found):
            yield from found[name]

    def _variables(self, layers: tuple[Layer, ...]) -> Iterator[Explained]:
        for name, value in self._host.variables.items():
            layer = next(layer for layer in reversed(layers) if name in layer.variables)
            yield _explained(f"vars.{name}", value, (layer, self._place(layer, ("vars", name))))


def host_settings(host: Host) -> Iterator[tuple[str, Value]]:
    """All settings of a host under their names in the file, with what holds; secrets as references."""
    access = host.access
    of_host: dict[str, Value] = {
        "os": host.os,
        "tags": tuple(sorted(host.tags)),
        "criticality": host.criticality,
        "shared": host.shared,
        "legacy": access.legacy_algorithms,
    }
    for name in HostBlock.model_fields:
        if name in SETTINGS and name != "timeouts":
            value = of_host[name] if name in of_host else getattr(access, name)
            yield name, str(value) if isinstance(value, SecretRef | StrEnum) else value
    for field in fields(Deadlines):
        yield f"timeouts.{field.name}", getattr(access.deadlines, field.name)


def _explained(name: str, value: Value, origin: tuple[Layer, Place] | None) -> Explained:
    if origin is None:
        return Explained(name, value, Level.DEFAULT, "", None)
    return Explained(name, value, origin[0].level, origin[0].name, origin[1])


def written(value: Value) -> str:
    """A value as it would be written in the file, on one line."""
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case tuple():
            return "[" + ", ".join(written(item) for item in value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
    return str(value)
