"""The run log in one SQLite file: private, durable, never overwritten."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from mspctl.errors import StorageError
from mspctl.runstore import filesystem, schema
from mspctl.runstore.failures import DAMAGED, storage_errors

WRITES = "mspctl_writes"
"""The execution option of a transaction that will write: it must take SQLite's lock at its beginning."""

QUICK_CHECK_LIMIT = 32 * 1024 * 1024
"""Bytes up to which a file is read through when opened (0.1 s); `runs verify` reads files of any size."""

_MAGIC = b"SQLite format 3\0"


def open_sqlite(path: Path, *, busy_timeout: float, min_free: int, write: bool) -> Engine:
    """An engine on the file, made if it is missing; its schema is this code's.

    `write=False` is for reading only: space and permission to write are not demanded.

    Raises:
        StorageError: see mspctl.runstore.filesystem; or the file is no database, damaged, newer, or locked
            for longer than `busy_timeout` seconds.
    """
    path = path.absolute()
    filesystem.make_private_folder(path.parent)
    filesystem.check_local(path.parent, _mounts())
    if write:
        filesystem.check_writable(path.parent)
        filesystem.check_free(path.parent, min_free)
    _create_if_missing(path, busy_timeout)
    _check_file(path, write=write)
    with storage_errors(str(path)):
        _check_content(path, busy_timeout)
    engine = _engine(path, busy_timeout)
    try:
        with storage_errors(str(path)):
            _upgrade(engine, path, write=write)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(errors="replace")
    except OSError:
        return ""  # not Linux


def _engine(path: Path, busy_timeout: float) -> Engine:
    url = URL.create("sqlite", database=str(path))
    limits = {"timeout": busy_timeout}
    engine = create_engine(url, poolclass=QueuePool, pool_size=1, connect_args=limits, hide_parameters=True)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _on_begin
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    # A deferred transaction that begins to write can fail with SQLITE_BUSY_SNAPSHOT at once, without waiting.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _create_if_missing(path: Path, patience: float) -> None:
    """Make the file under a temporary name and move it in place: no interrupted start leaves half of it."""
    if os.path.lexists(path):
        return
    try:
        with _creation_lock(path, patience):
            if os.path.lexists(path):
                return
            draft = path.with_name(f".{path.name}.{os.getpid()}.new")
            draft.unlink(missing_ok=True)
            with storage_errors(str(path)):
                fill_private(draft)
            draft.rename(path)
            sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"the run log {path} cannot be made: {error.strerror}") from error


def fill_private(draft: Path) -> None:
    """Make an empty run log, mode 0600, of a file that does not exist. Raises OSError, SQLAlchemyError."""
    _private_file(draft)
    engine = create_engine(URL.create("sqlite", database=str(draft)), poolclass=NullPool)
    with engine.connect() as connection:
        for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL", "synchronous = FULL"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.commit()
        schema.create(connection)
        connection.commit()
    engine.dispose()


def _private_file(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


@contextmanager
def _creation_lock(path: Path, patience: float) -> Iterator[None]:
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        _flock(descriptor, path, patience)
        yield
    finally:
        os.close(descriptor)


def _flock(descriptor: int, path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StorageError(f"another mspctl is making {path} and does not come to an end") from None
            time.sleep(0.05)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Let a file's new name outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_file(path: Path, *, write: bool) -> None:
    """A plain file of ours, closed to others; a wider mode is tightened if the file is ours."""
    stat = path.lstat()
    if not path.is_file():
        raise StorageError(f"{path} is not a plain file", hint="it was left untouched; use --database")
    if stat.st_mode & 0o077 and stat.st_uid == os.geteuid() and not path.is_symlink():
        path.chmod(0o600)
    if not os.access(path, os.R_OK | (os.W_OK if write else 0)):
        word = "written" if write else "read"
        raise StorageError(f"{path} cannot be {word} by this user", hint="see `ls -l`, or use --database")
    with path.open("rb") as file:
        begin = file.read(len(_MAGIC))
    if begin and begin != _MAGIC:  # SQLite itself would take a very short file for an empty one
        hint = "it was left untouched; move it away, or restore it from a backup"
        raise StorageError(f"{path} is not a database", hint=hint)


def _check_content(path: Path, busy_timeout: float) -> None:
    with closing(sqlite3.connect(path, timeout=busy_timeout)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        schema.check_ours(names, str(path))
        pages = _pragma(connection, "page_count") * _pragma(connection, "page_size")
        if pages <= QUICK_CHECK_LIMIT:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            if said != "ok":
                raise StorageError(f"{path} is damaged: {said}", hint=DAMAGED)
        mode = str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        if mode != "wal":
            raise StorageError(f"{path} cannot use a write-ahead log here (it says {mode!r})")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _upgrade(engine: Engine, path: Path, *, write: bool) -> None:
    # Taking the write lock now shows a database that somebody keeps locked before any host is touched.
    options = {WRITES: write}
    with engine.execution_options(**options).begin() as connection:
        schema.upgrade(connection, str(path))
