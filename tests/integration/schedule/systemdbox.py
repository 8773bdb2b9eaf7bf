"""A real systemd as process 1 of a namespace, with units, state and timers of its own.

It must not do to this machine what it does to one that it boots (empty /tmp, set the kernel's knobs). All of
the disk but the test's folder is read-only for it, /tmp is its own, and there is nothing to start but what a
test installs. If that cannot be had, it is not started.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.cli import wait_until

INIT = Path("/lib/systemd/systemd")
# What a boot does stands in the folders of wants of these; an empty unit of their name wants nothing.
_EMPTY = ("default", "sysinit", "basic", "local-fs", "swap", "paths", "sockets", "slices", "network-online")
_HIDDEN = (
    "/etc/systemd/system",
    "/etc/sysctl.d",
    "/usr/lib/sysctl.d",
    "/usr/lib/tmpfiles.d",
    "/usr/lib/systemd/system-generators",
    "/usr/lib/systemd/system/sysinit.target.wants",
    "/usr/lib/systemd/system/timers.target.wants",
    "/var/lib/systemd",
)
_INSIDE = """\
set -e
echo $$ >{cgroup}/cgroup.procs
exec unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child sh -ec '
mount -o remount,bind,ro /
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,bind,ro /sys
mount -t tmpfs tmpfs /run
mkdir /run/kept
mount --bind {folder} /run/kept
mount -o remount,bind,rw /run/kept
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var/tmp
mkdir -p {folder}
mount --bind /run/kept {folder}
[ ! -w /usr ]
[ ! -w /proc/sys/kernel/hostname ]
mount -t tmpfs tmpfs /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for place in {hidden}; do
    [ ! -d $place ] || mount -t tmpfs tmpfs $place
done
cp {folder}/units/* /etc/systemd/system/
hostname box
exec env -i PATH=$PATH container=lab /lib/systemd/systemd --system --log-target=null'
"""


def lacking() -> str:
    """What this machine lacks for it, empty if nothing."""
    found = [name for name in ("systemctl", "unshare", "nsenter") if shutil.which(name) is None]
    found += [] if INIT.exists() else ["systemd"]
    found += [] if cgroups() else ["cgroup2"]
    return ", ".join(found + ([] if os.geteuid() == 0 else ["root"]))


def cgroups() -> str:
    """Where the unified hierarchy is mounted; empty if nowhere."""
    rows = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next((row[1] for row in rows if row[2] == "cgroup2"), "")


def _left(cgroup: Path) -> bool:
    return not (cgroup / "cgroup.procs").read_text()


class SystemdBox:
    """The box; a context manager. All that it may write is below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cgroup = Path(cgroups()) / f"mspctl-test-{os.getpid()}"
        self._process: subprocess.Popen[bytes] | None = None
        self._inside = 0

    def __enter__(self) -> Self:
        units = self._folder / "units"
        units.mkdir()
        for name in _EMPTY:
            (units / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n")
        (units / "default.target").write_text("[Unit]\nDefaultDependencies=no\nRequires=timers.target\n")
        self._cgroup.mkdir()
        script = _INSIDE.format(folder=self._folder, cgroup=self._cgroup, hidden=" ".join(_HIDDEN))
        self._process = subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL)
        wait_until(self._found, "process 1 of the box")
        wait_until(lambda: self.systemctl("is-active", "timers.target").returncode == 0, "a systemd")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for folder, _, _ in os.walk(self._cgroup, topdown=False):
            place = Path(folder)
            wait_until(partial(_left, place), "nobody in the cgroup")
            place.rmdir()

    def _found(self) -> bool:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._inside = int(children[0]) if children else 0
        return bool(self._inside) and Path(f"/proc/{self._inside}/comm").read_text() == "systemd\n"

    def systemctl(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What its systemctl says."""
        return self.run("systemctl", *words, environment={"PATH": "/usr/bin:/bin"})

    def run(self, *argv: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run a program inside."""
        inside = ["nsenter", "--mount", "--pid", "--uts", "--ipc", "--target", str(self._inside), "--"]
        return subprocess.run(
            [*inside, *argv], env=dict(environment), capture_output=True, text=True, timeout=120, check=False
        )
