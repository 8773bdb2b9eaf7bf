"""What somebody with a database client could do to the log: refused, or found."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.errors import StorageError
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome
from mspctl.runstore import open_run_store
from mspctl.runstore.store import SqlRunStore
from mspctl.testing.runs import START, ended, made_plan, made_run, story


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlRunStore]:
    store = open_run_store(f"sqlite:///{path}")
    plan = made_plan("web1", "db1", "mail1")
    run = replace(made_run(plan), override="zero day")
    store.plan(run, plan)
    said = (Report(ReportKind.CHANGE, "openssl", "", (("old", "1"), ("new", "2"))),)
    store.record(run.id, [*story("acme/web1", reports=said), *story("acme/db1", outcome=Outcome.FAILED)])
    store.record(run.id, [ended("acme/mail1", Outcome.UNREACHABLE, reason="timeout-connect")])
    store.finish(run.id, START)
    yield store
    store.close()


CHANGES = (
    "UPDATE host_run SET outcome = 'ok' WHERE outcome = 'failed'",
    "UPDATE host_run SET reason = '' WHERE outcome = 'unreachable'",
    "DELETE FROM host_run",
    "UPDATE step_run SET status = 'failed'",
    "DELETE FROM step_run",
    "UPDATE report SET fields = ''",
    "DELETE FROM report",
    "UPDATE output SET head = x''",
    "DELETE FROM output",
    "UPDATE run SET started = '2026-01-01T00:00:00.000000Z'",
    "UPDATE run SET finished = NULL",
    "DELETE FROM run",
    "UPDATE override SET reason = 'none'",
    "DELETE FROM override",
)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_final_cannot_be_changed(store: SqlRunStore, path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match=r"never changes|only by prune"):
            connection.execute(change)
    assert store.verify() == ()


FOUND = (
    *(change for change in CHANGES if change not in {"DELETE FROM run", "DELETE FROM output"}),
    "DELETE FROM output WHERE position = 1",
    "DELETE FROM host_run WHERE position = 2",
    "UPDATE host_run SET ended_as = 4 - ended_as",
    "UPDATE step_run SET digest = 'x', output_digest = '' WHERE position = 0",
    "UPDATE outline SET steps = '[]'",
    "UPDATE run SET chain_head = 'x'",
    "UPDATE run SET planned = 4",
    "UPDATE run SET finished = '2026-11-24T00:00:00.000000Z'",
    "INSERT INTO pruning VALUES (1)",
    "INSERT INTO step_run VALUES (1, 2, 0, 'ok', '', 0, NULL, 0, 0, '', '')",
    "UPDATE host_run SET chain = 'x' WHERE position = 1",
)


@pytest.mark.parametrize("change", FOUND)
def test_what_was_changed_behind_the_triggers_is_found(store: SqlRunStore, path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(change)
        for _, again in triggers:
            connection.execute(again)
        connection.commit()
    assert store.verify() != ()


def test_rows_that_make_no_sense_are_a_storage_error(store: SqlRunStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE outline SET steps = '[]'")
        connection.commit()
    (run,) = store.verify()[:1]
    with pytest.raises(StorageError, match="runs verify"):
        store.load(run.run)
    with pytest.raises(StorageError, match="runs verify"):
        list(store.runs())


def test_a_missing_trigger_is_found(store: SqlRunStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER host_run_update_refused")
    (found,) = store.verify()
    assert "host_run_update_refused" in found.problem
