from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from mspctl.ports import WatchBook
from mspctl.runstore import open_run_store
from mspctl.testing.contracts.watchbook import OPENED, BookOpener, WatchBookContract, result
from mspctl.testing.postgresql import PrivatePostgresql


class _OnBoth(WatchBookContract):
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def opener(self, url: str) -> Iterator[BookOpener]:
        with ExitStack() as stack:

            def opened() -> WatchBook:
                return stack.enter_context(closing(open_run_store(url))).watch_book()

            yield opened

    def test_the_database_itself_refuses_to_change_incidents(self, opener: BookOpener, url: str) -> None:
        opener().write("acme", result(OPENED))
        engine = create_engine(url)
        for change in ("UPDATE incident_record SET text = ''", "DELETE FROM incident_record"):
            with pytest.raises(DatabaseError, match="never"), engine.begin() as connection:
                connection.execute(text(change))
        engine.dispose()


class TestSqlite(_OnBoth):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/state/runs.db"


class TestPostgresql(_OnBoth):
    @pytest.fixture
    def url(self, postgresql: PrivatePostgresql) -> str:
        return postgresql.new_database()
