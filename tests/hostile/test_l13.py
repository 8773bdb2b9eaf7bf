"""L13: umask 000: files still 0600, folders 0700."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import sys
from pathlib import Path
from mspctl.runstore import open_run_store
from mspctl.runstore.jsonl import JsonLines
from mspctl.testing.runs import made_plan, made_run, story
store = open_run_store(f"sqlite:///{sys.argv[1]}/state/mspctl/runs.db")
plan = made_plan("web1")
run = made_run(plan)
store.plan(run, plan)
log = JsonLines(Path(sys.argv[1], "state", "mspctl", "runs"), run, warn=print)
log.record(story("acme/web1"))
store.record(run.id, list(story("acme/web1")))
for path in sorted(Path(sys.argv[1], "state").rglob("*")):
    print(f"{path.stat().st_mode:o}", path.name)
"""


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_run_log_is_private_with_any_umask(tmp_path: Path, umask: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(tmp_path)], check=True, capture_output=True, text=True, umask=umask
    )
    seen = {line.split()[1]: int(line.split()[0], 8) for line in done.stdout.splitlines()}
    assert {"runs.db", "runs.db-wal", "runs.db-shm", "runs", "mspctl"} < seen.keys()
    for name, mode in seen.items():
        wanted = 0o700 if stat.S_ISDIR(mode) else 0o600
        assert stat.S_IMODE(mode) == wanted, name
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_file_that_became_too_open_is_closed_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path)], check=True, capture_output=True)
    path = tmp_path / "state" / "mspctl" / "runs.db"
    path.chmod(0o666)
    again = "import sys; from mspctl.runstore import open_run_store; open_run_store(sys.argv[1]).close()"
    subprocess.run([sys.executable, "-c", again, f"sqlite:///{path}"], check=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
