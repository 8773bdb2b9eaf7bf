"""From what the levels of the inventory say about backups to each host's policy."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from mspctl.errors import Problem
from mspctl.model.backup import NO_BACKUP, BackupPolicy, Foreign, Goals, Keep, Second
from mspctl.model.inventory import Client
from mspctl.model.value import Value
from mspctl.parse.backupfiles import BackupBlock, CopyBlock, ForeignBlock, GoalsBlock, KeepBlock, SecondBlock
from mspctl.parse.backupplatform import lacking
from mspctl.parse.block import flat

BACKUP_LISTS = frozenset(
    {"backup.sources", "backup.excludes", "backup.mountpoints", "backup.databases", "backup.foreign"}
)
"""Lists to which each level adds; null begins anew."""
_Part = KeepBlock | GoalsBlock | SecondBlock
_NESTED: Mapping[str, type[_Part]] = {"keep": KeepBlock, "goals": GoalsBlock, "second": SecondBlock}
_COPY = tuple(CopyBlock.model_fields)
_PLAIN = tuple(name for name in BackupBlock.model_fields if name not in _NESTED)


def flat_backup(block: BackupBlock | None) -> Iterator[tuple[str, Any]]:
    """What a level says, a key each; a null for the whole block takes every key back."""
    if block is None:
        block = BackupBlock(**dict.fromkeys(BackupBlock.model_fields))
    return flat("backup", block, _NESTED)


def backup_of(merged: Mapping[str, Any]) -> BackupPolicy:
    """The policy that all levels together make."""
    given = {name: merged[key] for name in _PLAIN if merged.get(key := f"backup.{name}") is not None}
    parts = {name: _part(merged, name, block) for name, block in _NESTED.items()}
    if not given and not any(parts.values()):
        return NO_BACKUP
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    foreign = tuple(map(_foreign, given.pop("foreign", ())))
    keep, goals, second = Keep(**parts["keep"]), Goals(**parts["goals"]), Second(**parts["second"])
    return BackupPolicy(**given, foreign=foreign, keep=keep, goals=goals, second=second)


def _foreign(block: ForeignBlock) -> Foreign:
    names = (*_COPY, "kind", "of", "same_disk")
    kept = {name: value for name in names if (value := getattr(block, name)) is not None}
    return Foreign(block.name, block.path or "", block.max_age, block.min_size or 1, **kept)


def _part(merged: Mapping[str, Any], part: str, block: type[_Part]) -> Mapping[str, Any]:
    names = block.model_fields
    return {name: merged[key] for name in names if merged.get(key := f"backup.{part}.{name}") is not None}


def backup_values(policy: BackupPolicy) -> Iterator[tuple[str, Value]]:
    """All keys of `backup` that do not add up, flat, with what holds; the password as a reference."""
    for name in _PLAIN:
        if f"backup.{name}" not in BACKUP_LISTS:
            value = getattr(policy, name)
            yield f"backup.{name}", _shown(value)
    for prefix in _NESTED:
        part = getattr(policy, prefix)
        for field in fields(part):
            yield f"backup.{prefix}.{field.name}", _shown(getattr(part, field.name))


def _shown(value: object) -> Value:
    if isinstance(value, int | float) and value:
        return value
    return str(value) if value else None


def backup_problems(client: Client) -> tuple[Problem, ...]:
    """Policies that lack what no backup can be made without."""
    return tuple(
        Problem(found[0], host.place, f"sites.{host.site}.hosts.{host.name}.backup", found[1])
        for host in client.hosts
        if host.backup.expected and (found := lacking(host))
    )
