"""The run log: what was planned and what became of it, in SQLite or PostgreSQL.

`open_run_store` is the door. SQLAlchemy (0.2 s to import) is loaded when a store is opened, not before.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mspctl.errors import UsageError
from mspctl.model.window import NoSecrets, Redactor
from mspctl.runstore.filesystem import MIN_FREE
from mspctl.runstore.location import default_database, state_folder

if TYPE_CHECKING:
    from sqlalchemy import URL

    from mspctl.runstore.store import SqlRunStore

__all__ = ["BUSY_TIMEOUT", "default_database", "open_run_store", "sqlite_file", "state_folder"]

BUSY_TIMEOUT = 60.0
"""Seconds to wait for another writer before giving up."""
LONGEST_TIMEOUT = 3600.0


def open_run_store(
    url: str,
    *,
    redactor: Redactor | None = None,
    write: bool = True,
    busy_timeout: float | None = None,
    min_free: int = MIN_FREE,
) -> "SqlRunStore":
    """Open (and make, or migrate) the run log at `sqlite:////path/file.db` or `postgresql+psycopg://…`.

    Another writer is waited for as long as `?timeout=SECONDS` of a SQLite URL says, else a minute.
    `write=False` is for commands that only read. All that can be wrong with the place shows here.

    Raises:
        UsageError: the URL cannot be understood.
        StorageError: the database cannot be used; it was left untouched.
    """
    from mspctl.runstore.sqlite import open_sqlite  # noqa: PLC0415 - slow to import
    from mspctl.runstore.store import SqlRunStore  # noqa: PLC0415

    parsed = _parsed(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        path, patience = Path(parsed.database), _patience(parsed.query)
        limit = patience if busy_timeout is None else busy_timeout
        engine = open_sqlite(path, busy_timeout=limit, min_free=min_free, write=write)
        where = str(path)
    elif backend == "postgresql":
        from mspctl.runstore.postgresql import open_postgresql  # noqa: PLC0415 - its dialect is slow to import

        engine = open_postgresql(parsed, lock_timeout=BUSY_TIMEOUT if busy_timeout is None else busy_timeout)
        where = parsed.render_as_string(hide_password=True)
    else:
        raise UsageError(f"the run log cannot be kept in {backend!r}", hint=_SHAPES)
    return SqlRunStore(engine, where, redactor or NoSecrets())


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite run log, whether it is there or not; None for another database.

    Raises:
        UsageError: the URL cannot be understood.
    """
    parsed = _parsed(url)
    found = parsed.get_backend_name() == "sqlite" and parsed.database != ":memory:" and parsed.database
    return Path(found).absolute() if found else None


def _parsed(url: str) -> "URL":
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - slow to import
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError("--database is not a database URL", hint=_SHAPES) from None


def _patience(query: Mapping[str, str | tuple[str, ...]]) -> float:
    """What the URL of a SQLite file asks for besides the file."""
    unknown = sorted(query.keys() - {"timeout"})
    if unknown:
        raise UsageError(f"--database: {unknown[0]!r} is no option of a SQLite file", hint="there is timeout")
    said = query.get("timeout", str(BUSY_TIMEOUT))
    try:
        seconds = float(str(said))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_TIMEOUT:
        raise UsageError(
            f"--database: timeout={said!s} is no number of seconds from 0 to {LONGEST_TIMEOUT:g}",
            hint="write sqlite:////path/to/runs.db?timeout=10",
        )
    return seconds


_SHAPES = "write sqlite:////path/to/runs.db or postgresql+psycopg://user@host/database"
