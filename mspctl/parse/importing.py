"""Turns a foreign inventory into a client's file: Ansible (INI, YAML), ssh_config, CSV."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.place import Place
from mspctl.parse.importers.ansible_ini import read_ini
from mspctl.parse.importers.ansible_tree import TreeImport
from mspctl.parse.importers.ansible_yaml import read_ansible_yaml
from mspctl.parse.importers.csv import read_csv
from mspctl.parse.importers.draft import Draft, slug, write
from mspctl.parse.importers.ssh_config import read_ssh_config
from mspctl.parse.source import Source, read_source

Kind = Literal["ansible-ini", "ansible-yaml", "ssh-config", "csv"]
KINDS: tuple[Kind, ...] = ("ansible-ini", "ansible-yaml", "ssh-config", "csv")


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of `inventory/clients/<client>.yml`, how many hosts it has, and what was not taken over."""

    kind: Kind
    text: str
    hosts: int
    notes: tuple[str, ...]


def import_inventory(file: Path, *, client: str, kind: Kind | None = None, site: str = "main") -> Imported:
    """Read a foreign inventory; its kind is guessed from its name and first lines if not given.

    Secrets in it are never copied: a reference to an environment variable stands in their place, with a note.

    Raises:
        ConfigurationError: the file is not of its kind, or has no hosts.
        UsageError: `client` or `site` is no name.
    """
    for what, name in (("client", client), ("site", site)):
        if slug(name) != name:
            hint = "small letters, digits, `.`, `_`, `-`; the first is a letter or digit"
            raise UsageError(f"`{name}` is no name for a {what}", hint=hint)
    source = read_source(file)
    kind = kind or guess_kind(source)
    draft = Draft(client)
    if kind == "csv":
        read_csv(source, draft, site)
    elif kind == "ssh-config":
        read_ssh_config(source, draft, site)
    else:
        tree = read_ini(source) if kind == "ansible-ini" else read_ansible_yaml(source)
        TreeImport(tree, file, draft, site).fill()
    if not draft.hosts:
        raise ConfigurationError("there are no hosts in it", place=Place(source.file))
    text = write(draft, file.name)
    return Imported(kind, text, len(draft.hosts), tuple(draft.notes))


def guess_kind(source: Source) -> Kind:
    """What a file is, by its ending, else by what its lines look like."""
    ending = Path(source.file).suffix.lower()
    if ending in {".csv", ".tsv"}:
        return "csv"
    if ending in {".yml", ".yaml", ".json"}:
        return "ansible-yaml"
    if ending in {".ini", ".cfg"}:
        return "ansible-ini"
    lines = [line for line in source.text.splitlines() if line.strip() and line.lstrip()[0] not in "#;"]
    if any(re.match(r"(?i)\s*host(?:\s+|\s*=\s*)\S", line) for line in lines):
        return "ssh-config"
    if lines and (lines[0].startswith("---") or re.fullmatch(r"[A-Za-z_][\w-]*:", lines[0].strip())):
        return "ansible-yaml"
    return "ansible-ini"
