"""Reads YAML of others: YAML 1.1 as Ansible reads it, with anchors and Ansible's tags, but bounded."""

import datetime as dt
from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.parse.importers.draft import Foreign, Withheld
from mspctl.parse.source import Source

_MAX_DEPTH = 40
_MAX_ALIASES = 1000
_MAX_NODES = 2_000_000


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader, which knows `!vault` and `!unsafe` besides."""


def _vault(loader: _Loader, node: yaml.Node) -> Withheld:
    del loader, node
    return Withheld()


def _unsafe(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("!vault", _vault)
_Loader.add_constructor("!vault-encrypted", _vault)
_Loader.add_constructor("!unsafe", _unsafe)


def read_loosely(source: Source) -> Foreign:
    """The one document of a foreign YAML file as plain values.

    Raises:
        ConfigurationError: no YAML, a tag of another kind, nested too deep, or too much of it by aliases.
    """
    place = Place(source.file)
    try:
        _check_size(source)
        document = yaml.load(source.text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(source.file, mark.line + 1, mark.column + 1) if mark else place
        problem = str(getattr(error, "problem", None) or "this is not YAML")[:200]
    except (ValueError, TypeError):
        problem = "this YAML holds a value that cannot be read"
    else:
        return _Plain(place).value(document, 0)
    raise ConfigurationError(f"not valid YAML: {problem}", place=place)


def _check_size(source: Source) -> None:
    """Count levels and aliases before anything is built: building is recursive."""
    depth = aliases = 0
    for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif isinstance(event, AliasEvent):
            aliases += 1
        if depth > _MAX_DEPTH or aliases > _MAX_ALIASES:
            what = f"nested deeper than {_MAX_DEPTH} levels" if depth > _MAX_DEPTH else "too many aliases"
            raise ConfigurationError(what, place=Place(source.file))


class _Plain:
    """Turns what PyYAML built into plain values, and stops where aliases make it endless."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._nodes = 0

    def value(self, value: Any, depth: int) -> Foreign:  # noqa: ANN401 - whatever PyYAML builds
        self._nodes += 1
        if self._nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise ConfigurationError("aliases make this file endless", place=self._place)
        if isinstance(value, dict):
            return {self._key(key): self.value(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.value(item, depth + 1) for item in value]
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        return value

    @staticmethod
    def _key(key: Any) -> str:  # noqa: ANN401 - as above
        return key if isinstance(key, str) else str(key)
