"""The errands of one host: each bundle under names that an interrupted mspctl finds again by itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

from mspctl.engine.hosttask import HostTask
from mspctl.engine.runid import derive
from mspctl.engine.sending import Errand, Mode

_SPOOL = re.compile(r"mspctl-[0-9a-f]{16}")
_MOST_GONE = 50


def errand(task: HostTask, first_step: int, kept: Mapping[str, str], not_boot: str = "") -> Errand:
    """The sending of the bundle that begins at this step; on another boot than `not_boot` if given."""
    nonce = derive(task.nonce, task.bundle.host.key, str(first_step))
    spool = f"mspctl-{derive(nonce, 'spool')[:16]}"
    return Errand(
        nonce,
        spool,
        first_step=first_step,
        not_boot=not_boot,
        owner=task.owner,
        kept=dict(kept),
        gone=task.gone,
    )


def spool_names(paths: Iterable[str]) -> tuple[str, ...]:
    """The names of spools among what a host has told of its spools: nothing else may go back there."""
    names = (path.replace("\\", "/").rpartition("/")[2] for path in paths)
    return tuple(islice((name for name in names if _SPOOL.fullmatch(name)), _MOST_GONE))


def first_errand(task: HostTask, kept: Mapping[str, str]) -> Errand:
    """The first bundle, or the one that an earlier try has started: that is found, never started again."""
    if task.trace is None:
        return errand(task, 0, kept)
    return replace(errand(task, task.trace.first_step, kept), mode=Mode.ATTACH)
