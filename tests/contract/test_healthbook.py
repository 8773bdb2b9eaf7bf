from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from mspctl.ports import HealthBook
from mspctl.runstore import open_run_store
from mspctl.testing.contracts.healthbook import HealthBookContract, snapshot
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


def refuse_changes(book: HealthBook, url: str) -> None:
    book.write_snapshot(snapshot())
    engine = create_engine(url)
    for statement in ("UPDATE health_snapshot SET figures = '{}'", "DELETE FROM health_snapshot"):
        with pytest.raises(DatabaseError, match="the health of a month"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()
