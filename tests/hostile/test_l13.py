"""L13: umask 000: files still 0600, folders 0700."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cli import Cli, ended
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import spools
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414

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


def test_all_that_the_commands_write_is_private_with_umask_000(cli: Cli, tmp_path: Path) -> None:
    """State folder, reports, pins and imported inventories; on the host the spool, while it is there."""
    cli.state = tmp_path / "deep" / "home" / "state"
    cli.environment |= {"XDG_STATE_HOME": str(cli.state), "HOME": str(tmp_path / "deep" / "home")}
    project = {path for path in cli.project.rglob("*") if "known_hosts" not in path.parts}
    pins = cli.project / "inventory" / "known_hosts"
    (pins / "acme").unlink()
    pins.rmdir()
    (tmp_path / "hosts.csv").write_text("name,address\nweb1,192.0.2.1\n")
    month = (
        "report",
        "--client",
        "acme",
        "--month",
        "2026-11",
        "--output",
        str(tmp_path / "out" / "reports"),
    )
    cli.umask = 0
    assert cli("trust", "--client", "acme", "--yes").returncode == 0
    work = cli.start("run", "say", "--client", "acme", "-e", "seconds=6")
    cli.await_event("bundle-started")
    (spool,) = spools(cli)
    on_host = modes(spool)
    assert ended(work) == (0, "", "")
    assert cli(*month).returncode == 0
    done = cli("inventory", "import", str(tmp_path / "hosts.csv"), "--client", "zulu")
    assert done.returncode == 0, done.stderr
    written = set(cli.project.rglob("*")) - project
    assert {path.name for path in written} == {"known_hosts", "acme", "zulu.yml"}
    assert {"runs.db", "runs", "locks", "audit.jsonl"} <= {
        path.name for path in (cli.state / "mspctl").iterdir()
    }
    made = [*written, *(tmp_path / "deep").rglob("*"), tmp_path / "out", *(tmp_path / "out").rglob("*")]
    seen = modes(*made) | on_host
    # What lies in the spool is behind its folder's mode.
    assert {path: oct(mode) for path, mode in seen.items() if mode & 0o077} == {}


def modes(*paths: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.lstat().st_mode) for path in paths}
