"""Fixtures for tests of the real command line on a real sshd; imported by the conftests that want them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.testing.localproject import write_local_project
from mspctl.testing.sshd import Sshd
from tests.e2e.cli import Cli


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as running:
        yield running


@pytest.fixture
def cli(sshd: Sshd, tmp_path: Path) -> Cli:
    """The command line on a project whose one host, local1, is a real sshd."""
    return Cli(write_local_project(sshd, tmp_path / "project"), tmp_path / "state")


@pytest.fixture
def half_cli(sshd: Sshd, tmp_path: Path) -> Cli:
    """The same with a second host, gone1, that nobody answers for."""
    return Cli(write_local_project(sshd, tmp_path / "project", unreachable=True), tmp_path / "state")
