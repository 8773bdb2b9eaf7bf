"""What a run verb was asked for, before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mspctl.engine.policy import MaxFail, Share
from mspctl.model.value import Value, no_values


@dataclass(frozen=True, slots=True)
class Target:
    """Which hosts: `clients` or `everyone`, narrowed by the rest; more than `max_hosts` are refused."""

    clients: tuple[str, ...] = ()
    everyone: bool = False
    site: str | None = None
    tags: tuple[str, ...] = ()
    limit: str | None = None
    max_hosts: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A playbook on a target. `command` is what was typed, for locks; `line` that of `mspctl exec`."""

    playbook: str
    target: Target
    check_mode: bool = False
    params: Mapping[str, Value] = field(default_factory=no_values)
    step_tags: tuple[str, ...] = ()
    skip_step_tags: tuple[str, ...] = ()
    forks: int | None = None
    serial: tuple[Share, ...] = ()
    max_fail: MaxFail = field(default_factory=MaxFail)
    command: Sequence[str] = ()
    line: tuple[str, ...] = ()
