"""What can still be read of a damaged run log, row by row, in a new one. The damaged file is not touched."""

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Table

from mspctl.errors import StorageError, UsageError
from mspctl.runstore import schema
from mspctl.runstore.failures import storage_errors
from mspctl.runstore.salvage import SalvagedRow, columns, readable
from mspctl.runstore.sqlite import fill_private, sync_folder
from mspctl.runstore.tables import metadata


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of each table: rows written, stretches that cannot be read; and rows without their run."""

    rows: Mapping[str, int]
    gaps: Mapping[str, int]
    orphans: int

    @property
    def whole(self) -> bool:
        """True if nothing is known to be missing."""
        return not any(self.gaps.values()) and not self.orphans


def recover(damaged: Path, new: Path) -> Recovered:
    """Write what can be read of the SQLite file `damaged` (and its write-ahead log) into the file `new`.

    Raises:
        UsageError: `new` exists, or `damaged` does not.
        StorageError: nothing can be read, it is of another version's schema, or the disk is full.
    """
    if new.exists():
        raise UsageError(f"{new} exists already", hint="move it away, or name another with --output")
    if not new.parent.is_dir():
        raise UsageError(f"there is no folder {new.parent}", hint="make it first")
    if not damaged.is_file():
        raise UsageError(f"there is no file {damaged}")
    try:
        with tempfile.TemporaryDirectory(prefix=".recover-", dir=new.parent) as folder:
            copy, draft = Path(folder, "copy.db"), Path(folder, "new.db")
            for side in ("", "-wal"):
                if (beside := damaged.with_name(damaged.name + side)).is_file():
                    shutil.copyfile(beside, copy.with_name(copy.name + side))
            fill_private(draft)
            with storage_errors(str(new)):
                found = _transfer(copy, draft, str(damaged))
            draft.rename(new)
            sync_folder(new.parent)
    except OSError as error:
        raise StorageError(f"the run log cannot be recovered: {error.strerror}", hint="see `df`") from error
    return found


def _transfer(copy: Path, draft: Path, where: str) -> Recovered:
    rows: dict[str, int] = {}
    gaps: dict[str, int] = {}
    orphans = 0
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(draft)) as target:
        _check(source, where)
        with target:
            target.execute("PRAGMA foreign_keys = ON")
            for table in metadata.sorted_tables:
                rows[table.name], gaps[table.name] = 0, 0
                for row in readable(source, table, partial(_hosts, target)):
                    if row is None:
                        gaps[table.name] += 1
                    elif _write(target, table, row):
                        rows[table.name] += 1
                    else:
                        orphans += 1
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Recovered(rows, gaps, orphans)


def _hosts(target: sqlite3.Connection) -> list[tuple[int, int]]:
    runs = target.execute("SELECT seq, planned FROM run").fetchall()
    return [(seq, position) for seq, planned in runs for position in range(planned)]


def _check(source: sqlite3.Connection, where: str) -> None:
    """Raises StorageError if the tables are not those of this code, or cannot even be found."""
    try:
        for table in metadata.sorted_tables:
            source.execute(f'SELECT {columns(table)} FROM "{table.name}" LIMIT 0')  # noqa: S608 - names of ours
    except sqlite3.DatabaseError as error:
        raise StorageError(
            f"nothing can be read of {where}: {error}", hint="restore it from a backup; it was left untouched"
        ) from error
    try:
        said = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return  # its page is damaged, but all tables and columns are there
    if said and said[0] not in schema.REVISIONS:
        raise StorageError(f"{where} was written by a newer mspctl", hint="recover it with that one")


def _write(target: sqlite3.Connection, table: Table, row: SalvagedRow) -> bool:
    marks = ", ".join("?" * len(row))
    try:
        target.execute(f'INSERT INTO "{table.name}" ({columns(table)}) VALUES ({marks})', row)  # noqa: S608 - names of ours
    except sqlite3.IntegrityError:
        return False
    return True
