"""A folder of things that are slow to make: each made once, under a lock, and put into place whole."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mspctl.testing.lab.errors import LabError

DEFAULT = ".lab"
"""The cache's folder below the current one, when the caller names none."""


class Cache:
    """The lab's folder: `bases`, `layers` and `repositories` are kept, `labs` holds what is running now."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or Path.cwd() / DEFAULT).resolve()
        if any(letter in str(self.folder) for letter in ":,\\ '\n"):
            raise LabError(
                f"overlayfs cannot use the folder {str(self.folder)!r}",
                hint="choose one without colon, comma, backslash, quote or space in its path",
            )

    def prepare(self) -> None:
        """Make the folder and let git ignore it."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="ascii")

    def obtain(self, kind: str, digest: str, make: Callable[[Path], None]) -> Path:
        """The folder `kind`/`digest`, by `make(folder)` if it is not there; a failed make leaves none."""
        place = self.folder / kind / digest
        if place.is_dir():
            return place
        with self.lock(kind):
            if not place.is_dir():
                place.parent.mkdir(exist_ok=True)
                unfinished = place.with_name(f"{digest}.new")
                remove_tree(unfinished)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(place)
        return place

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Only one process at a time is in here; the lock dies with its process."""
        self.prepare()
        descriptor = os.open(self.folder / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours with all that is in it; no folder is fine."""
    if not folder.exists():
        return
    for place in _mounts_below(folder):  # before anything is deleted: never follow a mount out of the folder
        subprocess.run(["umount", "-l", place], check=True, timeout=60)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # a kernel that still lets go of a mount answers busy for an instant
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=False, timeout=60)


def _mounts_below(folder: Path) -> list[str]:
    """Where something is mounted in the folder, the innermost first; see proc(5) mountinfo."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    places = [line.split()[4] for line in lines]
    return sorted((place for place in places if Path(place).is_relative_to(folder)), reverse=True)
