"""What databases say when they fail, as StorageError: the problem in words, and what to do."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mspctl.errors import StorageError

DAMAGED = "it was left untouched; `mspctl db recover` writes what can be read of it into a new file"

_HINTS = (
    (
        "database is locked",
        "another process is writing to the run log; wait for it, or see who has it open with `fuser -v`",
    ),
    ("database or disk is full", "free some space on the file system of the run log"),
    (
        "disk I/O error",
        "is its file system full (`df`)? Free a few MB by hand, then `mspctl runs prune`; else see `dmesg`",
    ),
    ("attempt to write a readonly database", "the run log, or its folder, cannot be written by this user"),
    ("unable to open database file", "look at the folder: does it exist, and may this user write there?"),
    ("file is not a database", "it was left untouched; move it away, or restore it from a backup"),
    ("malformed", DAMAGED),
    (
        "never changes",
        "what has become of a host is final; this is a bug in mspctl or somebody edited the log",
    ),
    ("only by prune", "use `mspctl runs prune`"),
    ("UNIQUE constraint failed: run.id", "two runs began with one id; start the run again"),
    ("uq_run_id", "two runs began with one id; start the run again"),
    ("connection", "is the PostgreSQL server up, and are address and password right?"),
)


UNREADABLE = (ValueError, LookupError, zlib.error)
"""What reading a row raises that mspctl cannot have written."""


@contextmanager
def sense_expected(where: str) -> Iterator[None]:
    """Turn rows that make no sense into StorageError.

    Raises:
        StorageError: with a hint to verify.
    """
    try:
        yield
    except UNREADABLE as error:
        problem = f"the run log {where} holds what mspctl cannot have written: {error}"
        raise StorageError(problem, hint="see `mspctl runs verify`") from error


@contextmanager
def storage_errors(where: str) -> Iterator[None]:
    """Turn what a database raises inside into StorageError.

    Raises:
        StorageError: with the database's own first line, and a hint where one is known.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise storage_error(where, error) from error


def storage_error(where: str, error: SQLAlchemyError | sqlite3.Error) -> StorageError:
    """The error for people. SQL and parameters are left out: they hold host output."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(cause).strip().splitlines()
    said = lines[0] if lines else type(cause).__name__
    hint = next((hint for sign, hint in _HINTS if sign in str(cause)), "")
    return StorageError(f"the run log {where} failed: {said}", hint=hint)
