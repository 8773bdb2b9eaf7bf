"""A private PostgreSQL for tests: its own cluster in a temporary folder, reached by a Unix socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

_PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql")
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=20",
    "shared_buffers=16MB",
    "logging_collector=off",
)
_UNPRIVILEGED = ("postgres", "nobody")
START_LIMIT = 100.0
"""Seconds."""


def missing_postgresql() -> str:
    """Why no PostgreSQL can be started here; empty if it can."""
    if _binaries() is None:
        return "PostgreSQL's server programs (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "a user to run PostgreSQL as (it refuses to run as root)"
    return ""


def _binaries() -> Path | None:
    found = [path.parent for place in _PLACES for path in Path(place).glob("**/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return max(found, default=None, key=_version)


def _version(folder: Path) -> tuple[int, str]:
    name = folder.parent.name
    return (int(name) if name.isdigit() else 0, str(folder))


def _unprivileged() -> pwd.struct_passwd | None:
    users = {user.pw_name: user for user in pwd.getpwall()}
    return next((users[name] for name in _UNPRIVILEGED if name in users), None)


class PrivatePostgresql:
    """A cluster that lives as long as the `with` block. No TCP, no password, no durability: for tests only.

    Raises:
        RuntimeError: on entering; the server did not start (its last words are in the message).
    """

    def __init__(self) -> None:
        binaries = _binaries()
        if binaries is None or missing_postgresql():
            raise RuntimeError(f"missing: {missing_postgresql()}")
        self._binaries = binaries
        self._folder = Path()
        self._server: subprocess.Popen[bytes] | None = None
        self._owner = _unprivileged() if os.geteuid() == 0 else None
        self._databases = 0

    def __enter__(self) -> Self:
        self._make_folder()
        try:
            self.run_program(
                "initdb", "-D", str(self._folder / "db"), "-U", "mspctl", "-A", "trust", "-E", "UTF8", "-N"
            )
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def socket(self) -> str:
        """The folder of its socket."""
        return str(self._folder)

    @contextmanager
    def standby(self) -> Iterator["PrivatePostgresql"]:
        """A second cluster that follows this one.

        Raises:
            RuntimeError: it cannot be made or does not start.
        """
        made = PrivatePostgresql()
        made._make_folder()
        where = ["-h", self.socket, "-U", "mspctl", "-D", str(made._folder / "db")]
        try:
            self.run_program("pg_basebackup", *where, "-R", "-c", "fast")
            made._start()
            yield made
        finally:
            made.__exit__(None, None, None)

    def query(self, sql: str) -> str:
        """What this one answers to the user `mspctl`. Raises RuntimeError."""
        where = ["-h", self.socket, "-U", "mspctl", "-d", "postgres"]
        return self.run_program("psql", *where, "-X", "-A", "-t", "-c", sql)

    def stop(self) -> None:
        """End it at once; what was not written is lost."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown: nothing is to be kept
            self._server.wait(100)

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._server is not None
        return self._server.pid

    def new_database(self) -> str:
        """Make an empty database; returns its `postgresql+psycopg://` URL."""
        self._databases += 1
        name = f"test{self._databases}"
        self.run_program("createdb", "-h", str(self._folder), "-U", "mspctl", name)
        return f"postgresql+psycopg://mspctl@/{name}?host={quote(str(self._folder), safe='')}"

    def _make_folder(self) -> None:
        # A socket's path may have 107 characters at most, so not below pytest's long temporary folders.
        self._folder = Path(tempfile.mkdtemp(prefix="mspctl-pg-", dir="/tmp"))
        if self._owner is not None:
            os.chown(self._folder, self._owner.pw_uid, self._owner.pw_gid)

    def _start(self) -> None:
        options = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [str(self._binaries / "postgres"), "-D", str(self._folder / "db"), "-k", str(self._folder)]
        log = (self._folder / "log").open("wb")
        with log:
            self._server = subprocess.Popen(
                [*command, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self._owner and self._owner.pw_uid,
                group=self._owner and self._owner.pw_gid,
                extra_groups=[] if self._owner else None,
                cwd=self._folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            )
        deadline = time.monotonic() + START_LIMIT
        while not (self._folder / ".s.PGSQL.5432").exists() or not self._ready():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def _ready(self) -> bool:
        command = [str(self._binaries / "pg_isready"), "-q", "-h", str(self._folder)]
        return subprocess.run(command, check=False).returncode == 0

    def run_program(self, program: str, *arguments: str) -> str:
        """What one of PostgreSQL's programs prints, run as the cluster's owner. Raises RuntimeError."""
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            user=self._owner and self._owner.pw_uid,
            group=self._owner and self._owner.pw_gid,
            extra_groups=[] if self._owner else None,
            cwd=self._folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
        return done.stdout
