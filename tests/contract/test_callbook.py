from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from mspctl.model.call import CallWord
from mspctl.runstore import open_run_store
from mspctl.testing.contracts.callbook import BookOpener, CallBookContract, ClosingCallBook, record
from mspctl.testing.postgresql import PrivatePostgresql


class TestSqlite(CallBookContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> BookOpener:
        return lambda: open_run_store(f"sqlite:///{tmp_path}/state/runs.db")

    def test_the_database_itself_refuses_to_change_what_was_written(
        self, book: ClosingCallBook, tmp_path: Path
    ) -> None:
        book.write_call(record(0, "acme", CallWord.STARTED, 0))
        refuse_changes(f"sqlite:///{tmp_path}/state/runs.db")


class TestPostgresql(CallBookContract):
    @pytest.fixture
    def url(self, postgresql: PrivatePostgresql) -> str:
        return postgresql.new_database()

    @pytest.fixture
    def opener(self, url: str) -> BookOpener:
        return lambda: open_run_store(url)

    def test_the_database_itself_refuses_to_change_what_was_written(
        self, book: ClosingCallBook, url: str
    ) -> None:
        book.write_call(record(0, "acme", CallWord.STARTED, 0))
        refuse_changes(url)


def refuse_changes(url: str) -> None:
    engine = create_engine(url)
    for change in ("UPDATE call_record SET at = written", "DELETE FROM call_record"):
        with pytest.raises(DatabaseError, match="never"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()
