"""L1: database locked 60 s: waits with busy_timeout, then exit 4 before any host is touched."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from mspctl.errors import UsageError
from mspctl.runstore import BUSY_TIMEOUT, open_run_store
from mspctl.testing.lab import CountingProxy
from mspctl.testing.runs import START, ended, made_plan, made_run, story
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import counted_cli as counted_cli  # noqa: PLC0414
from tests.e2e.fixtures import door as door  # noqa: PLC0414
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.hostile.storage import opened, refused


def locked(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_a_locked_log_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    store = open_run_store(f"sqlite:///{path}", busy_timeout=0.5)
    plan = made_plan("web1")
    with closing(locked(path)):
        begin = time.monotonic()
        assert "locked" in str(refused(lambda: opened(path)))
        assert 0.4 < time.monotonic() - begin < 40
        assert "locked" in str(refused(lambda: store.plan(made_run(plan), plan)))
    assert list(store.runs()) == []
    store.plan(made_run(plan), plan)
    store.close()


def test_a_lock_that_ends_in_time_is_only_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    store = open_run_store(f"sqlite:///{path}")
    plan = made_plan("web1", "db1")
    run = made_run(plan)
    store.plan(run, plan)
    connection = locked(path)
    timer = threading.Timer(0.5, connection.rollback)
    timer.start()
    store.record(run.id, list(story("acme/web1")))
    timer.join()
    connection.close()
    assert len(store.load(run.id).pending) == 1
    store.close()


def test_a_reader_neither_waits_nor_disturbs(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    store = open_run_store(f"sqlite:///{path}")
    plan = made_plan("web1")
    run = made_run(plan)
    store.plan(run, plan)
    with closing(locked(path)):
        reader = open_run_store(f"sqlite:///{path}", write=False, busy_timeout=0.1)
        assert reader.load(run.id) == run
        reader.close()
    store.close()


def test_events_refused_by_a_lock_may_be_handed_in_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    store = open_run_store(f"sqlite:///{path}", busy_timeout=0.2)
    plan = made_plan("web1")
    run = made_run(plan)
    store.plan(run, plan)
    *begun, end = story("acme/web1")
    with closing(locked(path)):
        refused(lambda: store.record(run.id, begun))
    store.record(run.id, begun)
    once = store.load(run.id)
    store.record(run.id, [end, ended("acme/web1", end.outcome)] if hasattr(end, "outcome") else [end])
    assert [step.output.text for step in once.hosts[0].steps] == ["Reading package lists...\n"] * 2
    store.finish(run.id, START)
    assert store.verify() == ()
    store.close()


LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read(1)
"""


def test_the_command_waits_and_ends_with_4_before_any_connection(
    counted_cli: Cli, door: CountingProxy, tmp_path: Path
) -> None:
    """Another process keeps the log locked: as long as the limit and longer, then shorter."""
    path = tmp_path / "log" / "runs.db"
    open_run_store(f"sqlite:///{path}").close()
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == b"locked\n"
        begin = time.monotonic()
        done = counted_cli(*run_with(path, 1.5))
        assert time.monotonic() - begin > 1.5
        assert (done.returncode, done.stdout) == (4, "")
        assert "locked" in done.stderr
        assert "another process is writing to the run log" in done.stderr
        assert door.traffic.connections == 0
        waiting = counted_cli.start("--json", *run_with(path, 30))
        time.sleep(1.5)
        assert waiting.poll() is None
        assert door.traffic.connections == 0
        other.stdin.close()
        out, err = waiting.communicate(timeout=100)
    assert (waiting.returncode, err) == (0, b"")
    assert json.loads(out)["counts"] == {"ok": 1}
    assert door.traffic.connections == 1


def run_with(path: Path, timeout: float) -> tuple[str, ...]:
    return ("--database", f"sqlite:///{path}?timeout={timeout:g}", "run", "say", "--client", "acme")


def test_the_default_is_a_minute() -> None:
    assert BUSY_TIMEOUT == 60


@pytest.mark.parametrize("query", ["timeout=-1", "timeout=nan", "timeout=soon", "timeout=1e9", "mode=ro"])
def test_an_option_that_makes_no_sense_is_refused(tmp_path: Path, query: str) -> None:
    with pytest.raises(UsageError, match="--database"):
        open_run_store(f"sqlite:///{tmp_path}/runs.db?{query}")
    assert list(tmp_path.iterdir()) == []
