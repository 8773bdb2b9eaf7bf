from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from mspctl.errors import UsageError
from mspctl.model.call import CallWord
from mspctl.model.invoice import Invoice
from mspctl.runstore import open_run_store
from mspctl.testing.contracts.callbook import BookOpener, CallBookContract, ClosingCallBook, record
from mspctl.testing.postgresql import PrivatePostgresql
from mspctl.testing.runs import START


class TestSqlite(CallBookContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> BookOpener:
        return lambda: open_run_store(f"sqlite:///{tmp_path}/state/runs.db")

    def test_the_database_itself_refuses_to_change_what_was_written(
        self, book: ClosingCallBook, tmp_path: Path
    ) -> None:
        book.write_call(record(0, "acme", CallWord.STARTED, 0))
        refuse_changes(f"sqlite:///{tmp_path}/state/runs.db")

    def test_six_who_approve_at_once_leave_no_gap(self, tmp_path: Path) -> None:
        approve_at_once(f"sqlite:///{tmp_path}/state/runs.db")


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

    def test_six_who_approve_at_once_leave_no_gap(self, url: str) -> None:
        approve_at_once(url)

    def test_nor_where_transactions_see_the_past(self, url: str) -> None:
        """A server may be set up so that a transaction sees what was there when it began."""
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            setting = "SET default_transaction_isolation = 'repeatable read'"
            connection.execute(text(f'ALTER DATABASE "{engine.url.database}" {setting}'))
        engine.dispose()
        approve_at_once(url)


def invoice(month: str, credits_: str = "") -> Invoice:
    return Invoice("2026", 0, "acme", month, "EUR", START, "ann", '{"total":"1.00"}', credits_)


def approve_at_once(url: str) -> None:
    """Each bills four clients of its own and, in between, one that all six want to bill."""
    people, start = 6, Barrier(6)
    open_run_store(url).close()

    def approve(person: int) -> list[str]:
        names = []
        with closing(open_run_store(url)) as store:
            start.wait(60)
            for number in range(5):
                client = "shared" if number == 2 else f"client{person}-{number}"
                try:
                    names.append(store.write_invoice(replace(invoice("2026-01"), client=client)).name)
                except UsageError as error:
                    names.append("refused" if "billed already" in str(error) else str(error))
        return names

    with ThreadPoolExecutor(people) as pool:
        found = Counter(name for names in pool.map(approve, range(people)) for name in names)
    assert found.pop("refused") == people - 1
    numbers = [f"2026-{number:04}" for number in range(1, 4 * people + 2)]
    assert found == Counter(numbers)
    with closing(open_run_store(url)) as store:
        assert [each.name for each in store.invoices()] == numbers
        assert sum(each.client == "shared" for each in store.invoices()) == 1


def refuse_changes(url: str) -> None:
    store = open_run_store(url)
    names = [store.write_invoice(invoice(month)).name for month in ("2026-01", "2026-02")]
    with pytest.raises(UsageError, match="billed already, in 2026-0001"):
        store.write_invoice(invoice("2026-01"))
    names.append(store.write_invoice(invoice("2026-01", names[0])).name)
    assert names == [each.name for each in store.invoices()] == ["2026-0001", "2026-0002", "2026-0003"]
    assert store.invoices()[0] == replace(invoice("2026-01"), number=1)
    store.close()
    engine = create_engine(url)
    for change in (
        "UPDATE call_record SET at = written",
        "DELETE FROM call_record",
        "UPDATE invoice SET number = 7",
        "DELETE FROM invoice",
    ):
        with pytest.raises(DatabaseError, match="never"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()
