from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from mspctl.model.ledger import Decision, Verdict
from mspctl.runstore import open_run_store
from mspctl.testing.contracts.patchledger import LedgerOpener, PatchLedgerContract
from mspctl.testing.postgresql import PrivatePostgresql
from mspctl.testing.runs import START


class TestSqlite(PatchLedgerContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> LedgerOpener:
        return lambda: open_run_store(f"sqlite:///{tmp_path}/state/runs.db")


class TestPostgresql(PatchLedgerContract):
    @pytest.fixture
    def opener(self, postgresql: PrivatePostgresql) -> LedgerOpener:
        url = postgresql.new_database()
        return lambda: open_run_store(url)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_database_itself_refuses_to_change_a_decision(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "postgresql":
        server: PrivatePostgresql = request.getfixturevalue("postgresql")
        url = server.new_database()
    else:
        url = f"sqlite:///{tmp_path}/runs.db"
    store = open_run_store(url)
    store.decide([Decision(Verdict.REJECT, "nginx", "*", "", "ops", START, "x")])
    engine = create_engine(url)
    for change in ("UPDATE patch_decision SET version = '1'", "DELETE FROM patch_decision"):
        with pytest.raises(DatabaseError, match="decision"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()
    assert len(store.decisions()) == 1
    store.close()
