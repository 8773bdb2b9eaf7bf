"""Lines for this machine: what they find, what is kept of what they say, and that their time is limited."""

import os
import time
from pathlib import Path

from mspctl.transports.localshell import SystemShell

PATH = {"PATH": "/usr/bin:/bin"}


def test_a_line_finds_what_it_is_told_and_nothing_else() -> None:
    done = SystemShell(PATH).run("env | sort; cat", {"MSPCTL_HOST": "web1"}, timeout=60)
    names = {line.partition("=")[0] for line in done.output.decode().splitlines()}
    assert done.status == 0
    assert names - {"PWD", "_", "SHLVL", "OLDPWD"} == {"MSPCTL_HOST", "PATH"}


def test_its_status_and_the_end_of_its_words_are_kept() -> None:
    done = SystemShell(PATH).run("seq 100000; echo last >&2; exit 7", {}, timeout=60)
    assert (done.status, done.trouble) == (7, "")
    assert done.output.endswith(b"100000\nlast\n")
    assert len(done.output) == 64 * 1024


def test_a_line_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    done = SystemShell(PATH).run(f"sleep 60 & echo $! >{tmp_path}/pid; wait", {}, timeout=2)
    assert time.monotonic() - began < 40
    assert (done.status, done.trouble) == (None, "was ended after 2 s")
    pid = int((tmp_path / "pid").read_text())
    for _ in range(300):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(") ")[2].startswith("Z"):
            return
        time.sleep(0.1)
    os.kill(pid, 0)
    raise AssertionError(pid)
