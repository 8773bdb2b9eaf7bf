from pathlib import Path

import pytest

from mspctl.runstore import open_run_store
from mspctl.testing.contracts.fleetbook import FleetBookContract, FleetOpener
from mspctl.testing.postgresql import PrivatePostgresql


class TestSqlite(FleetBookContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> FleetOpener:
        return lambda: open_run_store(f"sqlite:///{tmp_path}/state/runs.db")


class TestPostgresql(FleetBookContract):
    @pytest.fixture
    def opener(self, postgresql: PrivatePostgresql) -> FleetOpener:
        url = postgresql.new_database()
        return lambda: open_run_store(url)
