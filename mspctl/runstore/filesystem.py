"""Is this folder fit for a database? Asked before any host is touched."""

import os
from pathlib import Path

from mspctl.errors import StorageError

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "ncpfs"}
)
"""Where SQLite's write-ahead log does not work: it needs memory that all processes share (sqlite.org/wal)."""

MIN_FREE = 100 * 1024 * 1024
"""Bytes that must be free to start a run: 500 hosts that all flood their output need about 60 MB."""


def private_folder(folder: Path) -> None:
    """Make the folder and its missing parents, mode 0700 whatever the umask; an existing one stays as it is.

    Not `Path.mkdir(mode, parents=True)`: that gives the mode to the last one only.

    Raises:
        OSError: it cannot be made.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for path in reversed(missing):
        try:
            path.mkdir(mode=0o700)
            path.chmod(0o700)
        except FileExistsError:
            if not path.is_dir():
                raise


def make_private_folder(folder: Path) -> None:
    """`private_folder` for the run log.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        private_folder(folder)
    except FileExistsError as error:
        raise StorageError(f"{error.filename} is not a folder") from None
    except OSError as error:
        raise StorageError(
            f"the folder {error.filename or folder} of the run log cannot be made: {error.strerror}",
            hint="name another place with --database sqlite:////path/to/runs.db",
        ) from error


def check_writable(folder: Path) -> None:
    """Raises StorageError if files cannot be made here: by mode, or by a read-only mount."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise StorageError(f"{folder} is on a read-only file system", hint="remount it, or use --database")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"{folder} cannot be written by this user", hint="see `ls -ld`, or use --database")


def check_free(folder: Path, minimum: int = MIN_FREE) -> None:
    """Raises StorageError if fewer than `minimum` bytes are free to this user."""
    stat = os.statvfs(folder)
    free = stat.f_bavail * stat.f_frsize
    if free < minimum:
        raise StorageError(
            f"{folder} has {free // 1_000_000} MB free; a run needs {minimum // 1_000_000} MB",
            hint="free some space, `mspctl runs prune`, or use --database on another file system",
        )


def check_local(folder: Path, mounts: str) -> None:
    """Raises StorageError if the folder is on a network file system; `mounts` is the text of /proc/mounts."""
    kind = file_system(folder, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StorageError(
            f"{folder} is on {kind}; SQLite can lose a log that lies on a network file system",
            hint="put it on a local disk with --database, or use PostgreSQL",
        )


def file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that holds `folder`; empty if /proc/mounts does not tell."""
    real = folder.resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004 - device, mount point, type
            continue
        point = Path(fields[1].encode().decode("unicode_escape"))
        # Of two mounts on one point the later one is seen.
        if real.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind
