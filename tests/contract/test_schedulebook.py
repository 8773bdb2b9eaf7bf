from pathlib import Path

import pytest

from mspctl.runstore import open_run_store
from mspctl.testing.contracts.schedulebook import BookOpener, ScheduleBookContract
from mspctl.testing.postgresql import PrivatePostgresql


class TestSqlite(ScheduleBookContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> BookOpener:
        return lambda: open_run_store(f"sqlite:///{tmp_path}/state/runs.db")


class TestPostgresql(ScheduleBookContract):
    @pytest.fixture
    def opener(self, postgresql: PrivatePostgresql) -> BookOpener:
        url = postgresql.new_database()
        return lambda: open_run_store(url)
