"""The table of exit codes, and the one function that turns a run into one."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from mspctl.model.outcome import Outcome

if TYPE_CHECKING:
    from mspctl.model.run import HostRun


class Exit(IntEnum):
    """What scripts and cron may rely on."""

    GOOD = 0
    """Every host ok, changed, skipped or held by policy."""
    BAD_HOSTS = 1
    """Some host failed, unreachable, timed out, lost or broken."""
    USAGE = 2
    """The call or a file of the project is wrong; nothing was touched."""
    LOCKED = 3
    """Another mspctl is at the same work; who and since when is shown."""
    INTERNAL = 4
    """The run log or stdout cannot be written, or mspctl has a bug."""
    CANCELLED = 5
    """Stopped by a signal; some host may have ended as `cancelled`."""


def exit_code(hosts: "Iterable[HostRun]") -> Exit:
    """The exit code of a run from its rows alone. A row without an outcome is nobody's success."""
    rows = tuple(hosts)
    if any(row.outcome is None for row in rows) or not rows:
        return Exit.INTERNAL
    outcomes = {row.outcome for row in rows if row.outcome is not None}
    if Outcome.CANCELLED in outcomes:
        return Exit.CANCELLED
    if any(outcome.bad for outcome in outcomes):
        return Exit.BAD_HOSTS
    if any(row.outcome is Outcome.SKIPPED and row.reason == LOCKED for row in rows):
        return Exit.LOCKED
    return Exit.GOOD


LOCKED = "locked"
"""The reason of a host that was skipped because somebody else is changing it."""
