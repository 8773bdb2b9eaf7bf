"""What a run verb was asked for, before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from mspctl.engine.policy import MaxFail, Share
from mspctl.model.value import Value, no_values

if TYPE_CHECKING:
    from mspctl.model.ledger import Ledger


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
    override: str = ""
    """Why windows are not obeyed (`--now`); empty if they are."""
    at: datetime | None = None
    """When policy was decided, and `ledger` what was known then; None: now. A resumed run has both."""
    ledger: "Ledger | None" = None
    line: tuple[str, ...] = ()
