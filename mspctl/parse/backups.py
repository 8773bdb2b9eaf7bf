"""From what the levels of the inventory say about backups to each host's policy."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from mspctl.errors import Problem
from mspctl.model.backup import NO_BACKUP, BackupPolicy, Foreign, Goals, Keep
from mspctl.model.inventory import Client, Host
from mspctl.model.value import Value
from mspctl.parse.backupfiles import BackupBlock, GoalsBlock, KeepBlock
from mspctl.parse.backupplatform import unfit_for_platform, unfit_for_tool
from mspctl.parse.block import flat

BACKUP_LISTS = frozenset(
    {"backup.sources", "backup.excludes", "backup.mountpoints", "backup.databases", "backup.foreign"}
)
"""Lists to which each level adds; null begins anew."""
_NESTED: Mapping[str, type[KeepBlock | GoalsBlock]] = {"keep": KeepBlock, "goals": GoalsBlock}
_PLAIN = tuple(name for name in BackupBlock.model_fields if name not in _NESTED)


def flat_backup(block: BackupBlock | None) -> Iterator[tuple[str, Any]]:
    """What a level says, a key each; a null for the whole block takes every key back."""
    if block is None:
        block = BackupBlock(**dict.fromkeys(BackupBlock.model_fields))
    return flat("backup", block, _NESTED)


def backup_of(merged: Mapping[str, Any]) -> BackupPolicy:
    """The policy that all levels together make."""
    given = {name: merged[key] for name in _PLAIN if merged.get(key := f"backup.{name}") is not None}
    keep = _part(merged, "keep", KeepBlock)
    goals = _part(merged, "goals", GoalsBlock)
    if not given and not keep and not goals:
        return NO_BACKUP
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    foreign = tuple(
        Foreign(each.name, each.path, each.max_age, each.min_size or 1) for each in given.pop("foreign", ())
    )
    return BackupPolicy(**given, foreign=foreign, keep=Keep(**keep), goals=Goals(**goals))


def _part(merged: Mapping[str, Any], part: str, block: type[KeepBlock | GoalsBlock]) -> Mapping[str, Any]:
    names = block.model_fields
    return {name: merged[key] for name in names if merged.get(key := f"backup.{part}.{name}") is not None}


def backup_values(policy: BackupPolicy) -> Iterator[tuple[str, Value]]:
    """All keys of `backup` that do not add up, flat, with what holds; the password as a reference."""
    for name in _PLAIN:
        if f"backup.{name}" not in BACKUP_LISTS:
            value = getattr(policy, name)
            yield f"backup.{name}", str(value) if value else None
    for part in (policy.keep, policy.goals):
        prefix = "keep" if isinstance(part, Keep) else "goals"
        for field in fields(part):
            yield f"backup.{prefix}.{field.name}", getattr(part, field.name) or None


def backup_problems(client: Client) -> tuple[Problem, ...]:
    """Policies that lack what no backup can be made without."""
    return tuple(
        Problem(found[0], host.place, f"sites.{host.site}.hosts.{host.name}.backup", found[1])
        for host in client.hosts
        if host.backup.expected and (found := _lacking(host))
    )


def _lacking(host: Host) -> tuple[str, str] | None:
    policy = host.backup
    strange = unfit_for_platform(host)
    if strange is not None:
        return strange
    if not policy.wanted:
        return None
    if not policy.repository:
        return f"the backup of `{host.name}` has sources and no repository", "set backup.repository"
    if not policy.sources and not policy.databases:
        return f"the backup of `{host.name}` has a repository and no sources", "set backup.sources"
    if policy.password is None and policy.tool.encrypts:
        return f"the backup of `{host.name}` has no password", "set backup.password, as file:keys/NAME"
    return unfit_for_tool(host)
