"""L4: folder of the run log read-only, unwritable, NFS: exit 4 before the first connection."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mspctl.errors import StorageError
from mspctl.runstore import open_run_store
from mspctl.runstore.filesystem import NETWORK_FILE_SYSTEMS, check_local, file_system
from mspctl.testing.lab import CountingProxy
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import counted_cli as counted_cli  # noqa: PLC0414
from tests.e2e.fixtures import door as door  # noqa: PLC0414
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.hostile.storage import opened, refused, small_file_system

TRY = """
import sys
from mspctl.errors import StorageError
from mspctl.runstore import open_run_store
try:
    open_run_store(sys.argv[1], busy_timeout=0.5)
except StorageError as error:
    print(error, file=sys.stderr)
    raise SystemExit(error.exit_code)
"""


def without_privileges(path: Path) -> subprocess.CompletedProcess[str]:
    """Open as one to whom the modes of files mean something, even if that is root."""
    command = [sys.executable, "-c", TRY, f"sqlite:///{path}"]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)


def test_a_read_only_file_system_is_refused(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "size=300m") as folder:
        open_run_store(f"sqlite:///{folder}/runs.db").close()
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        assert "read-only file system" in str(refused(lambda: opened(folder / "runs.db")))
        assert "cannot be made" in str(refused(lambda: opened(folder / "deep" / "runs.db")))


@pytest.mark.parametrize("what", ["folder", "file", "missing folder"])
def test_what_this_user_may_not_write_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / ("deep/runs.db" if what == "missing folder" else "runs.db")
    if what == "file":
        open_run_store(f"sqlite:///{path}").close()
        path.chmod(0o400)
    else:
        tmp_path.chmod(0o555)
    done = without_privileges(path)
    tmp_path.chmod(0o700)
    assert done.returncode == 4, done.stderr
    assert "written by this user" in done.stderr or "cannot be made" in done.stderr


@pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
def test_a_network_file_system_is_refused(kind: str) -> None:
    mounts = f"/dev/vda / ext4 rw 0 0\nserver:/x /srv/my\\040log {kind} rw 0 0\n"
    with pytest.raises(StorageError, match="network file system"):
        check_local(Path("/srv/my log/state"), mounts)
    check_local(Path("/srv/my"), mounts)


def test_the_last_mount_on_a_point_is_the_one_seen() -> None:
    mounts = "/dev/vda / ext4 rw 0 0\nserver:/x /srv nfs4 rw 0 0\ntmpfs /srv tmpfs rw 0 0\n"
    assert file_system(Path("/srv/log"), mounts) == "tmpfs"
    assert file_system(Path("/home"), mounts) == "ext4"
    assert file_system(Path("/home"), "") == ""


NO_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
NFS = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc; echo "$0" >/proc/mounts; exec "$@"')
"""What the kernel would say, said in a mount namespace of its own: no NFS server is at hand."""


def test_the_command_ends_with_4_before_any_connection(
    counted_cli: Cli, door: CountingProxy, tmp_path: Path
) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    nfs = (*NFS, f"server:/x {tmp_path} nfs4 rw 0 0")
    with small_file_system(tmp_path / "small", "size=200m,ro") as read_only:
        for folder, within, said in (
            (read_only, (), "read-only file system"),
            (shut, NO_RIGHTS, "cannot be written by this user"),
            (tmp_path, nfs, "is on nfs4; SQLite can lose a log"),
        ):
            argv = ["--database", f"sqlite:///{folder}/runs.db", "run", "say", "--client", "acme"]
            done = subprocess.run(
                [*within, *counted_cli.argv, *argv],
                env=counted_cli.environment,
                check=False,
                capture_output=True,
                text=True,
                timeout=100,
            )
            assert (done.returncode, done.stdout) == (4, ""), done.stderr
            assert said in done.stderr
            assert "→" in done.stderr
            assert not (folder / "runs.db").exists()
    assert door.traffic.connections == 0
    assert counted_cli("run", "say", "--client", "acme").returncode == 0
    assert door.traffic.connections == 1
