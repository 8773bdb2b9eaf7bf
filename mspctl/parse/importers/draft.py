"""One client on its way in from a foreign inventory, and the file that is written of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from mspctl.errors import Problem
from mspctl.parse.files import ClientFile
from mspctl.parse.node import Step, shown
from mspctl.parse.secretname import names_secret
from mspctl.parse.source import DECEIVING
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml_text

Foreign = Any
"""A value out of a foreign file: text, number, bool, None, list or dict of such."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|\$ANSIBLE_VAULT")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,126}")


@dataclass(slots=True)
class DraftBlock:
    """Settings under our keys, and variables."""

    settings: dict[str, Foreign] = field(default_factory=dict)
    variables: dict[str, Foreign] = field(default_factory=dict)


@dataclass(slots=True)
class DraftHost(DraftBlock):
    """A host with its site and tags."""

    name: str = ""
    site: str = "main"
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A client as far as the foreign file describes one; `notes` say what was not taken over."""

    client: str
    base: DraftBlock = field(default_factory=DraftBlock)
    groups: dict[str, DraftBlock] = field(default_factory=dict)
    hosts: list[DraftHost] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Say once that something was not taken over, or not as it was."""
        if text not in self.notes:
            self.notes.append(text)

    def name(self, kind: str, foreign: str) -> str:
        """Our name for a foreign host, group or site: the same for the same, never one for two."""
        known = self._names.get((kind, foreign))
        if known is not None:
            return known
        name = stem = slug(foreign) or kind
        taken = {mine for (other, _), mine in self._names.items() if other == kind}
        number = 2
        while name in taken:
            name, number = f"{stem[:59]}-{number}", number + 1
        if name != foreign:
            self.note(f"the {kind} `{shown(foreign)}` is called `{name}`")
        self._names[kind, foreign] = name
        return name

    def withhold(self, variables: Mapping[str, Foreign], label: str) -> dict[str, Foreign]:
        """Variables without the secrets in them: a reference stands where one stood."""
        return {name: self._without_secret(name, value, (label, name)) for name, value in variables.items()}

    def _without_secret(self, name: str, value: Foreign, path: tuple[str, ...]) -> Foreign:
        if isinstance(value, dict):
            return {
                str(key): self._without_secret(str(key), item, (*path, str(key)))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._without_secret(name, item, path) for item in value]
        told = isinstance(value, str | int | float) and not isinstance(value, bool)  # a PIN is a number
        if isinstance(value, Withheld) or (told and is_secret(name, str(value))):
            reference = environment_name((self.client, *path))
            what = ".".join(map(shown, path))
            self.note(f"the secret {what} was not copied; it is now expected as env:{reference}")
            return f"env:{reference}"
        return value


class Withheld:
    """A value that cannot be read here, such as one encrypted by ansible-vault."""


def slug(text: str) -> str:
    """Text as a name: small letters, digits, `.`, `_`, `-`; empty if nothing is left."""
    lower = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-").lstrip("._-")
    return lower[:63] if _NAME.fullmatch(lower[:63]) else ""


def is_secret(name: str, value: str) -> bool:
    """True if the name says that the value is a secret, or the value shows it. References are none."""
    if _PRIVATE_KEY.search(value):
        return True
    reference = re.fullmatch(r"(?:env|file|systemd):\S+|\{\{.*\}\}", value)
    return bool(value) and names_secret(name) and not reference


def environment_name(parts: Iterable[str]) -> str:
    """A name for an environment variable out of these words."""
    return re.sub(r"[^A-Z0-9]+", "_", "_".join(parts).upper()).strip("_")


def write(draft: Draft, origin: str) -> str:
    """The client's file. What our own reader would refuse is left out, with a note."""
    document = _document(draft)
    text = _dump(document, origin)
    for _ in range(3):
        problems = _problems(text)
        if not problems:
            break
        for problem, path in problems:
            _remove(document, path)
            draft.note(f"{'.'.join(map(str, path))} was left out: {problem.problem}")
        text = _dump(document, origin)
    return text


def _problems(text: str) -> list[tuple[Problem, tuple[Step, ...]]]:
    root = parse_yaml_text(text, "the new file")
    found = validate(ClientFile, root, "the new file")
    if isinstance(found, ClientFile):
        return []
    paths = _paths(root)
    return [(problem, path) for problem in found if (path := paths.get(_dotted(problem.path)))]


def _dotted(path: str) -> str:
    return re.sub(r"\[[0-9]+\].*", "", path)


def _paths(node: Foreign, path: tuple[Step, ...] = ()) -> dict[str, tuple[Step, ...]]:
    """Dotted path → path of everything in the tree: names hold dots, so a dotted path cannot be split."""
    found: dict[str, tuple[Step, ...]] = {}
    if isinstance(node, dict):
        for key, child in node.items():
            found |= _paths(child, (*path, str(key)))
            found[".".join(map(str, (*path, key)))] = (*path, str(key))
    return found


def _remove(document: dict[str, Foreign], path: tuple[Step, ...]) -> None:
    block: Foreign = document
    for step in path[:-1]:
        block = block.get(step) if isinstance(block, dict) else None
    if isinstance(block, dict):
        block.pop(path[-1], None)


def _document(draft: Draft) -> dict[str, Foreign]:
    document: dict[str, Foreign] = {"client": draft.client}
    if draft.base.settings:
        document["defaults"] = draft.base.settings
    if draft.base.variables:
        document["vars"] = _variables(draft, draft.base)
    groups = {
        name: _pruned({"defaults": block.settings, "vars": _variables(draft, block)})
        for name, block in draft.groups.items()
    }
    if groups := {name: block for name, block in groups.items() if block}:
        document["groups"] = groups
    sites: dict[str, Foreign] = {}
    for host in draft.hosts:
        block = {**host.settings, **_pruned({"tags": host.tags, "vars": _variables(draft, host)})}
        sites.setdefault(host.site, {"hosts": {}})["hosts"][host.name] = block
    document["sites"] = sites
    return document


def _pruned(block: dict[str, Foreign]) -> dict[str, Foreign]:
    return {key: value for key, value in block.items() if value}


def _variables(draft: Draft, block: DraftBlock) -> dict[str, Foreign]:
    kept: dict[str, Foreign] = {}
    for name, value in block.variables.items():
        if not _VARIABLE.fullmatch(name):
            draft.note(f"the variable `{shown(name)}` was left out: letters, digits and _ only")
            continue
        if isinstance(value, str) and ("{{" in value or "{%" in value):
            draft.note(f"the variable `{name}` holds a template; here it is plain text")
        kept[name] = _clean(draft, name, value)
    return kept


def _clean(draft: Draft, name: str, value: Foreign) -> Foreign:
    if isinstance(value, dict):
        return {str(key): _clean(draft, name, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(draft, name, item) for item in value]
    if isinstance(value, str) and DECEIVING.search(value):
        draft.note(f"characters that cannot be seen were taken out of the variable `{name}`")
        return DECEIVING.sub("", value)
    return value


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, which our reader refuses."""

    def ignore_aliases(self, value: Foreign) -> bool:
        del value
        return True


def _dump(document: dict[str, Foreign], origin: str) -> str:
    head = f"# yaml-language-server: $schema=../client.schema.json\n# imported from {shown(origin)}\n"
    return head + dump_yaml(document)


def dump_yaml(document: dict[str, Foreign]) -> str:
    """A document as text that our own reader takes, keys in their order."""
    return str(
        yaml.dump(
            document, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
        )
    )
