"""What nobody came back for on a host goes at the next run's start: told by the controller, or by its age."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from mspctl.engine.assemble import program
from mspctl.engine.errands import spool_names
from mspctl.engine.sending import SPOOL_DAYS, Errand, Sending
from tests.unit.engine.bundles import bundle, step, texts

DAY = 86400.0


@pytest.fixture
def left() -> Iterator["Left"]:
    made = Left()
    yield made
    made.end()


class Left:
    """Spool folders on this machine, as runs could have left them."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self.boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()

    def spool(self, days: float, *, pid: int = 0, boot: str = "another") -> Path:
        """A spool that is so old, of a worker with this pid on this boot."""
        path = Path("/var/tmp", f"mspctl-{token_hex(8)}")
        path.mkdir(mode=0o700)
        self.made.append(path)
        (path / "out").write_text("what it said\n")
        (path / "worker").write_text(f"{pid} {boot}\n")
        then = time.time() - days * DAY
        os.utime(path, (then, then))
        return path

    def run(self, shell: list[str], *gone: Path) -> None:
        """A new bundle begins and ends on this machine."""
        errand = Errand("0" * 32, f"mspctl-{token_hex(8)}", gone=spool_names(map(str, gone)))
        sent = program(Sending(errand, bundle(step(0, "check() { ok; }")), (), texts(), {}))
        argv, goodbye = [*shell, "-s"], b"mspctl_acknowledge\n"
        ran = subprocess.run(argv, input=sent + goodbye, capture_output=True, timeout=100, check=True)
        assert b"attached" in ran.stdout
        assert ran.stderr == b""

    def end(self) -> None:
        for path in self.made:
            subprocess.run(["rm", "-rf", str(path)], check=True)


@pytest.mark.parametrize(
    "shell", [["dash"], ["bash", "--posix"], ["busybox", "sh"]], ids=lambda argv: argv[0]
)
def test_a_new_bundle_takes_away_what_nobody_asks_for(left: Left, shell: list[str]) -> None:
    mine = os.getpid()
    wanted = [
        left.spool(SPOOL_DAYS - 1),
        left.spool(SPOOL_DAYS * 3, pid=mine, boot=left.boot),
        told_but_alive := left.spool(0, pid=mine, boot=left.boot),
    ]
    other = left.spool(SPOOL_DAYS * 3)
    (other / "out").unlink()
    os.utime(other, (0, 0))
    elsewhere = left.spool(0)
    link = Path("/var/tmp", f"mspctl-{token_hex(8)}")
    link.symlink_to(elsewhere)
    left.made.append(link)
    unneeded = [left.spool(SPOOL_DAYS + 0.1), left.spool(SPOOL_DAYS + 0.1, pid=mine), told := left.spool(0)]
    left.run(shell, told, told_but_alive, link)
    assert [path for path in unneeded if path.exists()] == []
    assert [path for path in (*wanted, other, elsewhere) if not path.exists()] == []


def test_of_what_a_host_says_only_names_of_spools_go_back_to_it() -> None:
    name = "mspctl-0123456789abcdef"
    lies = (f"/var/tmp/{name} /etc", f"/var/tmp/{name}'; rm -rf /; '", "/etc", "mspctl-*", f"{name}/..", "")
    assert spool_names(lies) == ()
    assert spool_names((f"/var/tmp/{name}", f"C:\\ProgramData\\mspctl\\{name}")) == (name, name)
    assert len(spool_names([f"/run/{name}"] * 1000)) == 50
