from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from mspctl.ports import HealthBook
from mspctl.runstore import open_run_store
from mspctl.testing.contracts.healthbook import HealthBookContract, snapshot
from mspctl.testing.healthcase import client, nights
from mspctl.testing.postgresql import PrivatePostgresql


class TestSqlite(HealthBookContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/state/runs.db"

    @pytest.fixture
    def book(self, url: str) -> Iterator[HealthBook]:
        store = open_run_store(url)
        yield store
        store.close()

    def test_the_database_itself_refuses_to_change_a_month(self, book: HealthBook, url: str) -> None:
        refuse_changes(book, url)


class TestPostgresql(HealthBookContract):
    @pytest.fixture
    def url(self, postgresql: PrivatePostgresql) -> str:
        return postgresql.new_database()

    @pytest.fixture
    def book(self, url: str) -> Iterator[HealthBook]:
        store = open_run_store(url)
        yield store
        store.close()

    def test_the_database_itself_refuses_to_change_a_month(self, book: HealthBook, url: str) -> None:
        refuse_changes(book, url)


def test_the_numbers_of_many_runs_are_read_without_the_runs(tmp_path: Path) -> None:
    samples_are_read(f"sqlite:///{tmp_path}/state/runs.db")


def test_the_numbers_of_many_runs_are_read_from_postgresql(postgresql: PrivatePostgresql) -> None:
    samples_are_read(postgresql.new_database())


def samples_are_read(url: str) -> None:
    store = open_run_store(url)
    first, *_ = nights(client())
    store.plan(first.run, first.plan)
    store.record(first.run.id, first.events)
    since, until = first.run.started, first.run.started + timedelta(days=1)
    found = store.samples("alder", ("disk.percent:", "disk_"), since, until)
    assert len(found) == 12
    assert (found[0].host, found[0].name, found[0].value) == ("alder/web1", "disk.percent:/", "41")
    assert found[0].at == since + timedelta(minutes=1)
    assert store.samples("acme", ("disk",), since, until) == ()
    assert store.samples("alder", ("disk",), until, until) == ()
    store.close()


def refuse_changes(book: HealthBook, url: str) -> None:
    book.write_snapshot(snapshot())
    engine = create_engine(url)
    for statement in ("UPDATE health_snapshot SET figures = '{}'", "DELETE FROM health_snapshot"):
        with pytest.raises(DatabaseError, match="the health of a month"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()
