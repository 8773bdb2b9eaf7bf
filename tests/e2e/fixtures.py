"""Fixtures for tests of the real command line on a real sshd; imported by the conftests that want them."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mspctl.testing.lab import CountingProxy
from mspctl.testing.localproject import write_local_project
from mspctl.testing.sshd import Sshd
from tests.e2e.cli import Cli


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as running:
        yield running


@pytest.fixture
def cli(sshd: Sshd, tmp_path: Path) -> Iterator[Cli]:
    """The command line on a project whose one host, local1, is a real sshd."""
    made = Cli(write_local_project(sshd, tmp_path / "project"), tmp_path / "state")
    yield made
    remove_spools(made)


@pytest.fixture
def door(sshd: Sshd) -> Iterator[CountingProxy]:
    """The only way to the host of `counted_cli`; it counts connections."""
    with CountingProxy(sshd.address, sshd.port) as proxy:
        yield proxy


@pytest.fixture
def counted_cli(cli: Cli, sshd: Sshd, door: CountingProxy) -> Cli:
    """`cli` with its host behind the door."""
    inventory = cli.project / "inventory"
    for file in (inventory / "clients" / "acme.yml", inventory / "known_hosts" / "acme"):
        file.write_text(file.read_text().replace(str(sshd.port), str(door.port)))
    return cli


@pytest.fixture
def half_cli(sshd: Sshd, tmp_path: Path) -> Iterator[Cli]:
    """The same with a second host, gone1, that nobody answers for."""
    made = Cli(write_local_project(sshd, tmp_path / "project", unreachable=True), tmp_path / "state")
    yield made
    remove_spools(made)


def remove_spools(cli: Cli) -> None:
    """The host is this machine: what a killed or abandoned run left in its /var/tmp goes."""
    for spool in spools(cli):
        shutil.rmtree(spool, ignore_errors=True)


def spools(cli: Cli) -> list[Path]:
    """The folders on hosts that the run log names."""
    database = cli.state / "mspctl" / "runs.db"
    if not database.exists():
        return []
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT spool FROM host_run WHERE spool IS NOT NULL").fetchall()
    return [Path(spool) for (spool,) in rows if Path(spool).name.startswith("mspctl-")]
