"""H12: no Python, busybox alone: the whole frame is POSIX sh and runs in a root that holds nothing else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mspctl.model.outcome import Outcome
from mspctl.testing.shell_transport import Faults, ShellTransport
from tests.unit.engine.bundles import bundle, endings, events, output, plan, step, step_endings


@pytest.fixture
def busybox_root(tmp_path: Path) -> Path:
    if os.getuid() != 0:
        pytest.skip("a chroot needs root")
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("busybox is missing: apt-get install busybox")
    root = tmp_path / "root"
    for name in ("bin", "lib", "lib64", "proc", "dev", "run", "tmp", "var/tmp", "etc"):
        (root / name).mkdir(parents=True)
    (root / "var/tmp").chmod(0o1777)
    shutil.copy(busybox, root / "bin/busybox")
    linked = subprocess.run(["ldd", busybox], capture_output=True, text=True, check=False).stdout
    for word in linked.split():
        if word.startswith("/"):
            place = root / word.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, place)
    for applet in subprocess.run(
        [busybox, "--list"], capture_output=True, text=True, check=True
    ).stdout.split():
        link = root / "bin" / applet
        if not link.exists():
            link.symlink_to("busybox")
    return root


def test_h12(busybox_root: Path) -> None:
    inside = (
        f"mount -t proc proc {busybox_root}/proc && mount -t tmpfs tmpfs {busybox_root}/dev && "
        f"mknod -m 666 {busybox_root}/dev/null c 1 3 && exec chroot {busybox_root} /bin/sh -s"
    )
    argv = ("unshare", "--mount", "/bin/sh", "-c", inside)
    body = "check() { needed thing; }\napply() { changed thing; for i in 1 2 3; do echo $i; sleep 1; done; }"
    made = plan(bundle(step(0, body, verify=False), step(1, 'check() { ok "init $init, $pkg"; }')))
    found = events(made, ShellTransport(argv, faults=lambda _host: Faults(cuts=[300])))
    assert endings(found)["acme/web1"].outcome is Outcome.CHANGED
    assert output(found, 0) == b"1\n2\n3\n"
    assert [ended.status for ended in step_endings(found)] == ["changed", "ok"]
    assert not list((busybox_root / "var/tmp").iterdir())
