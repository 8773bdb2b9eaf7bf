"""Replication of real PostgreSQL and MariaDB: as it runs, when it stops, and when nobody reads any more."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.model.value import Value
from mspctl.testing.postgresql import PrivatePostgresql, missing_postgresql
from mspctl.testing.sshd import free_port
from tests.integration.modules.here import Here, needs
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

MARIA = ["mariadbd", "--no-defaults", "--user=mysql", "--skip-networking=0", "--bind-address=127.0.0.1"]


def look(**given: Value) -> Result:
    """What the module says of the servers behind these sockets, and of no others."""
    nowhere = {"postgresql_socket": "/nowhere", "mariadb_socket": "/nowhere/socket"}
    with tempfile.TemporaryDirectory() as folder:
        return run_one(Here(Path(folder), {}), Use("database-replication", nowhere | given), check=True)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mspctl-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_standby_of_postgresql() -> None:
    if missing := missing_postgresql():
        pytest.skip(f"this machine lacks {missing}")
    with PrivatePostgresql() as primary, ExitStack() as stack:
        primary.query("create role postgres superuser login")
        alone = look(postgresql_socket=primary.socket)
        assert (alone.status, alone.reason) == (StepStatus.SKIPPED, "no database here replicates")
        primary.query("select pg_create_physical_replication_slot('left_over', true)")
        standby = stack.enter_context(primary.standby())
        until(lambda: "replication.replicas:postgresql" in look(postgresql_socket=primary.socket).metrics)
        first = look(postgresql_socket=primary.socket, replicas=1)
        assert (first.status, first.metrics["replication.replicas:postgresql"]) == (StepStatus.OK, "1")
        assert set(first.findings) == {"replication:slot:left_over"}
        more = look(postgresql_socket=primary.socket, replicas=2)
        assert (more.status, "1 replicas of PostgreSQL are connected, of 2" in more.reason) == (
            StepStatus.FAILED,
            True,
        )
        second = look(postgresql_socket=standby.socket, must_answer=("postgresql",))
        assert second.status is StepStatus.OK, second
        caught_up = {"replication.lag:postgresql": "0"}
        until(lambda: look(postgresql_socket=standby.socket).metrics == caught_up)

        standby.query("select pg_wal_replay_pause()")
        assert "somebody has paused" in look(postgresql_socket=standby.socket).reason
        standby.query("select pg_wal_replay_resume()")
        primary.stop()
        until(lambda: "receives nothing" in look(postgresql_socket=standby.socket).reason)
    gone = look(must_answer=("postgresql",))
    assert (gone.status, "postgresql does not answer" in gone.reason) == (StepStatus.FAILED, True)


def test_a_replica_of_mariadb(place: Path) -> None:
    needs("mariadbd")
    first = place / "first"
    first.mkdir()
    normal = "--auth-root-authentication-method=normal"
    install = ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={first}/db", normal]
    subprocess.run([*install, "--skip-test-db"], check=True, capture_output=True)
    shutil.copytree(first, place / "second")
    with ExitStack() as stack:
        for number, name in enumerate(("first", "second"), 1):
            stack.enter_context(server(place / name, number))
        sql = "create user r identified by 'r'; grant replication slave on *.* to r; select @@port"
        port = query(first, sql).split()[-1]
        assert look(mariadb_socket=str(first / "socket")).status is StepStatus.SKIPPED
        follow = f"master_host='127.0.0.1', master_port={port}, master_user='r', master_password='r'"
        query(place / "second", f"change master to {follow}, master_use_gtid=slave_pos; start slave")
        socket = str(place / "second" / "socket")
        until(lambda: look(mariadb_socket=socket).status is StepStatus.OK)
        well = look(mariadb_socket=socket)
        assert well.metrics == {"replication.lag:mariadb": "0"}
        primary = look(mariadb_socket=str(first / "socket"), replicas=2)
        assert (primary.status, primary.reason) == (
            StepStatus.FAILED,
            "1 replicas of MariaDB are connected, of 2",
        )
        query(first, "create database shop; create table shop.t (id int primary key)")
        tables = "select table_name from information_schema.tables where table_schema = 'shop'"
        until(lambda: "t" in query(place / "second", tables).split())
        query(place / "second", "insert into shop.t values (1)")
        query(first, "insert into shop.t values (1)")
        until(lambda: look(mariadb_socket=socket).status is StepStatus.FAILED)
        stuck = look(mariadb_socket=socket).reason
        assert "applies: No" in stuck
        assert "Duplicate entry" in stuck


@contextmanager
def server(folder: Path, number: int) -> Iterator[None]:
    """A MariaDB in this folder, with a log that replicas read, on a port that is free."""
    subprocess.run(["chown", "-R", "mysql", str(folder)], check=True)
    command = [*MARIA, f"--datadir={folder}/db", f"--socket={folder}/socket", "--log-bin=log"]
    command += [f"--server-id={number}", f"--port={free_port()}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until((folder / "socket").exists)
        yield
    finally:
        process.kill()
        process.wait()


def query(folder: Path, sql: str) -> str:
    client = ["mariadb", "--no-defaults", f"--socket={folder}/socket", "--user=root", "-N", "-B"]
    return subprocess.run([*client, "-e", sql], check=True, capture_output=True, text=True).stdout
