from pathlib import Path

import pytest

from mspctl.runstore import open_run_store
from mspctl.testing.contracts.runstore import Opener, RunStoreContract
from mspctl.testing.postgresql import PrivatePostgresql


class TestSqlite(RunStoreContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        return lambda redactor=None: open_run_store(f"sqlite:///{tmp_path}/state/runs.db", redactor=redactor)


class TestPostgresql(RunStoreContract):
    @pytest.fixture
    def opener(self, postgresql: PrivatePostgresql) -> Opener:
        url = postgresql.new_database()
        return lambda redactor=None: open_run_store(url, redactor=redactor)
