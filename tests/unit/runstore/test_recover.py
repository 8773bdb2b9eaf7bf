"""A damaged run log: every row on every readable page comes into the new one, and what does not is said."""

import random
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from mspctl.errors import StorageError, UsageError
from mspctl.model.call import CallWord
from mspctl.runstore import open_run_store
from mspctl.runstore.recover import recover
from mspctl.testing.contracts.callbook import record
from mspctl.testing.runs import START, made_plan, made_run, story

PAGE = 4096


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """One finished run of 60 hosts, with output, in some 40 pages."""
    path = tmp_path / "runs.db"
    store = open_run_store(f"sqlite:///{path}", min_free=0)
    plan = made_plan(*(f"h{number}" for number in range(60)))
    run = made_run(plan)
    store.plan(run, plan)
    for host in run.hosts:
        store.record(run.id, list(story(host.host, output=random.Random(host.host).randbytes(900))))  # noqa: S311 - noise
    store.finish(run.id, START)
    store.close()
    return path


def rows(path: Path) -> dict[str, set[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: set(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}  # noqa: S608


def spoil(path: Path, *pages: int) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek(PAGE * (page - 1))
            file.write(b"\xaa" * PAGE)


def root(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(
            connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
        )


def test_nothing_is_missing_of_a_log_whose_indexes_alone_are_damaged(log: Path) -> None:
    before = rows(log)
    spoil(log, root(log, "ix_run_client_started"), root(log, "ix_run_started"))
    new = log.with_name("new.db")
    assert recover(log, new).whole
    assert rows(new) == before
    store = open_run_store(f"sqlite:///{new}", min_free=0)
    assert store.verify() == ()
    store.close()


def test_a_damaged_page_costs_its_own_rows(log: Path) -> None:
    """Whichever page it is: what is missing is said, and mostly it is no more than stood on that page."""
    before, content = rows(log), log.read_bytes()
    lost: list[int] = []
    refused = 0
    for page in range(2, len(content) // PAGE + 1, 7):
        log.write_bytes(content)
        spoil(log, page)
        new = log.with_name("new.db")
        try:
            found = recover(log, new)
        except StorageError:  # it was a page that says which tables there are
            refused += 1
            continue
        after = rows(new)
        lost.append(sum(len(before[name] - after[name]) for name in before))
        assert all(after[name] <= before[name] for name in before), page
        assert not (found.whole and lost[-1]), (page, found)
        new.unlink()
    assert refused < 3
    assert median(lost) < 60 < sum(map(len, before.values())) / 4


def leaves(path: Path, name: str) -> list[int]:
    """The pages below the table's root, but for the last one."""
    at, content = PAGE * (root(path, name) - 1), path.read_bytes()
    (count,) = struct.unpack_from(">H", content, at + 3)
    cells = struct.unpack_from(f">{count}H", content, at + 12)
    return [int(struct.unpack_from(">I", content, at + cell)[0]) for cell in cells]


def test_pages_that_stand_in_the_place_of_others_are_not_called_whole(tmp_path: Path) -> None:
    """SQLite reads them without a word, and the rows of the page that should be there are missing."""
    log, new = tmp_path / "runs.db", tmp_path / "new.db"
    store = open_run_store(f"sqlite:///{log}", min_free=0)
    for minute in range(40):
        store.write_call(record(0, "acme", CallWord.STARTED, minute, "x" * 600))
    store.close()
    content, (_, low, _, high, *_) = log.read_bytes(), leaves(log, "call_record")
    written = [content[PAGE * (page - 1) : PAGE * page] for page in (low, high)]
    for pages, lost in (((high, low), False), ((low, low), True), ((high, high), True)):
        with log.open("r+b") as file:
            for place, page in zip((low, high), pages, strict=True):
                file.seek(PAGE * (place - 1))
                file.write(written[(low, high).index(page)])
        found = recover(log, new)
        assert not found.whole
        assert found.orphans == 0
        assert (found.rows["call_record"] < 40) is lost, pages
        assert found.rows["call_record"] > 30, pages
        new.unlink()


def test_what_is_no_log_and_what_is_there_already_are_refused(log: Path) -> None:
    with pytest.raises(UsageError, match="exists already"):
        recover(log, log)
    with pytest.raises(UsageError, match="no folder"):
        recover(log, log.parent / "none" / "new.db")
    with pytest.raises(UsageError, match="no file"):
        recover(log.with_name("none.db"), log.with_name("new.db"))
    log.write_bytes(b"SQLite format 3\0" + b"\xaa" * PAGE)
    with pytest.raises(StorageError):
        recover(log, log.with_name("new.db"))
    assert {path.name for path in log.parent.iterdir()} <= {"runs.db", ".runs.db.lock"}
