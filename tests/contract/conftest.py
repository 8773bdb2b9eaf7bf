import os
from collections.abc import Iterator

import pytest

from mspctl.testing.postgresql import PrivatePostgresql, missing_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PrivatePostgresql]:
    if missing := missing_postgresql():
        if os.environ.get("CI"):
            pytest.fail(f"continuous integration must run these tests, but lacks {missing}", pytrace=False)
        pytest.skip(f"this machine lacks {missing}")
    with PrivatePostgresql() as server:
        yield server
