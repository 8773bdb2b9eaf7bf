from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.testing.sshd import Sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as server:
        yield server
