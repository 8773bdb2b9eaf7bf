"""L1: database locked 60 s: waits with busy_timeout, then exit 4 before any host is touched."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from mspctl.runstore import BUSY_TIMEOUT, open_run_store
from mspctl.testing.runs import START, ended, made_plan, made_run, story
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
        assert 0.4 < time.monotonic() - begin < 5
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


def test_the_default_is_a_minute() -> None:
    assert BUSY_TIMEOUT == 60
