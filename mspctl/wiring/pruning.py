"""Forgetting old runs: what the database has of them, and the files beside it."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mspctl.errors import StorageError
from mspctl.model.place import Place
from mspctl.model.run import Pruned
from mspctl.wiring.app import App

PRINTED = (".jsonl",)
ALL = (".jsonl", ".request.json")
"""What may lie beside the run log for one run, behind its id."""


def prune_log(app: App, before: datetime, *, everything: bool) -> Pruned:
    """Forget what steps printed in runs that finished before `before`; with `everything`, the runs as well.

    A full disk does not keep it from that. The files go first: what is interrupted is begun again by the next
    prune, which finds the runs by the database.

    Raises:
        StorageError: the run log cannot be written, or a file cannot be removed.
    """
    endings = ALL if everything else PRINTED
    with closing(app.open_store(min_free=0)) as store:
        files = [app.journals / f"{run}{ending}" for run in store.ended_before(before) for ending in endings]
        removed = sum(map(_removed, files))
        return replace(store.prune(before, everything=everything), files=removed)


def _removed(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        problem = f"an old file cannot be removed: {error.strerror}"
        raise StorageError(problem, place=Place(str(file))) from error
    return True
