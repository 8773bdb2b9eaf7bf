"""From what the levels of the inventory say about patching to each host's policy and calendar.

Policy flows as settings do, flat: `patching.defer.days` is a key of its own, so levels mix key by key.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mspctl.model.calendar import ALWAYS_OPEN, Calendar, Span
from mspctl.model.patching import NO_DEPENDENCIES, NO_POLICY, Dependencies, Hold, PatchPolicy, Wave
from mspctl.model.value import Value
from mspctl.parse.backupfiles import ForeignBlock
from mspctl.parse.backups import BACKUP_LISTS, flat_backup
from mspctl.parse.block import flat
from mspctl.parse.files import HostBlock
from mspctl.parse.node import Step
from mspctl.parse.policyfiles import (
    DeferBlock,
    HoldBlock,
    HooksBlock,
    Policed,
    ProbeBlock,
    WaveBlock,
)
from mspctl.parse.securityfiles import SECURITY_LISTS, WaiverBlock, flat_security

POLICY_LISTS = (
    BACKUP_LISTS | SECURITY_LISTS | {"patching.include", "patching.exclude", "patching.hold", "blackouts"}
)
ADDING = POLICY_LISTS | {"tags"}
"""Lists to which each level adds; null begins anew."""
_NESTED: Mapping[str, type[DeferBlock | HooksBlock]] = {"defer": DeferBlock, "hooks": HooksBlock}
_FIELDS: Mapping[str, str] = {
    "scope": "scope",
    "include": "include",
    "exclude": "exclude",
    "hold": "holds",
    "defer.days": "defer_days",
    "defer.security_days": "defer_security_days",
    "approval": "approval",
    "reboot": "reboot",
    "allow_removals": "allow_removals",
    "probes": "probes",
    **{f"hooks.{name}": name for name in HooksBlock.model_fields},
    "warn_users": "warn_users",
    "waves": "waves",
}
"""Key of the file → field of PatchPolicy."""
_SAID = frozenset({"patching", "backup", "security", "windows", "blackouts"})
_DEPENDENCIES = ("after", "never_together", "runs_on")


def policy_settings(block: Policed) -> Mapping[str, Any]:
    """What a level says, flat; empty for the many that say nothing."""
    if not _SAID & block.model_fields_set:
        return {}
    return dict(_flat(block))


def _flat(block: Policed) -> Iterator[tuple[str, Any]]:
    if block.patching is not None:
        yield from flat("patching", block.patching, _NESTED)
    if "backup" in block.model_fields_set:
        yield from flat_backup(block.backup)
    if "security" in block.model_fields_set:
        yield from flat_security(block.security)
    for name, spans in (block.windows or {}).items():
        yield f"windows.{name}", spans
    if "blackouts" in block.model_fields_set:
        yield "blackouts", block.blackouts


def path_of(name: str) -> tuple[Step, ...]:
    """Where a flat key stands in its block: `windows.a.b` is the window called `a.b`."""
    if name.startswith("windows."):
        return ("windows", name.removeprefix("windows."))
    return tuple(name.split("."))


def policy_of(merged: Mapping[str, Any]) -> PatchPolicy:
    """The policy that all levels together make."""
    given = {
        field: _value(value)
        for key, field in _FIELDS.items()
        if (value := merged.get(f"patching.{key}")) is not None
    }
    return PatchPolicy(**given) if given else NO_POLICY


def _value(value: Any) -> Any:  # noqa: ANN401 - as validated by PatchingBlock
    if isinstance(value, list):
        return tuple(map(_value, value))
    if isinstance(value, float):
        return int(value)
    match value:
        case HoldBlock():
            return Hold(
                value.package, value.version or "*", value.reason, value.owner, value.until, value.place
            )
        case ProbeBlock():
            (name,) = value.model_fields_set
            return f"{name}:{getattr(value, name)}"
        case WaveBlock():
            return _wave(value)
    return value


def _wave(block: WaveBlock) -> Wave:
    success = 100.0 if block.min_success is None else block.min_success
    return Wave(
        block.name, frozenset(block.tags or ()), block.count, block.percent, success, block.pause or 0.0
    )


def calendar_of(merged: Mapping[str, Any], timezone: str) -> Calendar:
    """The windows and blackouts that all levels together make, in `timezone`."""
    windows = {
        name.removeprefix("windows."): spans
        for name, spans in merged.items()
        if name.startswith("windows.") and spans is not None
    }
    blackouts = tuple(merged.get("blackouts") or ())
    if not windows and not blackouts and timezone == ALWAYS_OPEN.timezone:
        return ALWAYS_OPEN
    return Calendar(MappingProxyType(windows), blackouts, timezone)


def dependencies_of(block: HostBlock) -> Dependencies:
    """The order that a host asks for."""
    if not block.model_fields_set.intersection(_DEPENDENCIES):
        return NO_DEPENDENCIES
    return Dependencies(tuple(block.after or ()), block.never_together or "", block.runs_on or "")


def policy_values(policy: PatchPolicy) -> Iterator[tuple[str, Value]]:
    """All keys of `patching` that do not add up, flat, with what holds."""
    for key, field in _FIELDS.items():
        if f"patching.{key}" not in ADDING:
            value = getattr(policy, field)
            yield f"patching.{key}", tuple(map(_shown, value)) if isinstance(value, tuple) else _shown(value)


def _shown(value: Any) -> Value:  # noqa: ANN401 - a field of PatchPolicy
    if isinstance(value, Wave):
        return value.name
    return str(value) if isinstance(value, str) else value


def shown_windows(spans: Iterable[Span]) -> str:
    """Windows as they were written."""
    return "; ".join(dict.fromkeys(span.text for span in spans))


def shown_items(value: Iterable[Any]) -> Iterator[str]:
    """The items of a list that adds up, as people read them."""
    for item in value:
        match item:
            case ForeignBlock():
                yield f"{item.name} ({item.path})"
            case HoldBlock():
                yield f"{item.package} ({item.reason}, {item.owner})"
            case WaiverBlock():
                yield f"{item.check} ({item.reason}, {item.owner}, until {item.until})"
            case str():
                yield item
            case _:
                yield item.reason
