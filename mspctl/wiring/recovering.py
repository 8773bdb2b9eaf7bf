"""A damaged run log: which file it is, what could be read of it, and what of that is no longer whole."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mspctl.errors import UsageError
from mspctl.model.run import Violation
from mspctl.wiring.app import App

if TYPE_CHECKING:
    from mspctl.runstore.recover import Recovered


@dataclass(frozen=True, slots=True)
class Recovery:
    """A new run log beside the damaged one."""

    damaged: Path
    new: Path
    found: "Recovered"
    violations: Sequence[Violation]

    @property
    def whole(self) -> bool:
        """True if nothing is missing."""
        return self.found.whole and not self.violations


def recover_log(app: App, output: Path | None) -> Recovery:
    """Write what can be read into `output`, by default FILE.recovered beside the damaged FILE; verify it.

    Raises:
        UsageError: the run log is no SQLite file, or `output` exists.
        StorageError: nothing can be read.
    """
    from mspctl.runstore import open_run_store, sqlite_file  # noqa: PLC0415 - SQLAlchemy is slow to import
    from mspctl.runstore.recover import recover  # noqa: PLC0415 - as above

    damaged = sqlite_file(app.database)
    if damaged is None:
        raise UsageError(
            "the run log is not a SQLite file", hint="PostgreSQL is restored with its own tools, from a dump"
        )
    new = app.environment.cwd / output if output else damaged.with_name(f"{damaged.name}.recovered")
    found = recover(damaged, new)
    with closing(open_run_store(f"sqlite:///{new}", write=False)) as store:
        return Recovery(damaged, new, found, store.verify())
