"""A small file system of one's own, and what must be said when the run log cannot be used."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mspctl.errors import StorageError
from mspctl.runstore import open_run_store


@contextmanager
def small_file_system(folder: Path, options: str) -> Iterator[Path]:
    """A tmpfs mounted at `folder`; needs root."""
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("continuous integration must run this test, which needs root to mount a tmpfs")
        pytest.skip("needs root to mount a tmpfs")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def refused(act: Callable[[], object]) -> StorageError:
    """The StorageError of `act`: exit code 4, a problem and a hint."""
    with pytest.raises(StorageError) as caught:
        act()
    assert caught.value.exit_code == 4
    assert caught.value.problems[0].hint
    return caught.value


def digests(folder: Path) -> dict[str, str]:
    """What lies in the folder, SQLite's own side files apart."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def opened(path: Path) -> object:
    """Open as a run would."""
    return open_run_store(f"sqlite:///{path}", busy_timeout=0.5)
