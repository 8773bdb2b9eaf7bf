"""L2: database corrupt / not a database / newer schema: exit 4, never overwritten, with a hint."""

import os
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from mspctl.runstore import open_run_store
from mspctl.testing.lab import CountingProxy
from mspctl.testing.runs import made_plan, made_run, story
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import counted_cli as counted_cli  # noqa: PLC0414
from tests.e2e.fixtures import door as door  # noqa: PLC0414
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.hostile.storage import digests, opened, refused


@pytest.mark.parametrize(
    "content", [b"not a database", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 9000, b"x"], ids=repr
)
def test_what_is_not_a_database_is_left_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(content)
    error = refused(lambda: opened(path))
    assert "untouched" in str(error)
    assert path.read_bytes() == content


def test_a_damaged_log_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    damaged(path)
    before = digests(tmp_path)
    error = refused(lambda: opened(path))
    assert "damaged" in str(error) or "malformed" in str(error)
    assert digests(tmp_path) == before


def test_a_newer_schema_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    open_run_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
    before = digests(tmp_path)
    assert "newer mspctl" in str(refused(lambda: opened(path)))
    assert digests(tmp_path) == before


def test_the_database_of_something_else_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = digests(tmp_path)
    assert "not those of a run log" in str(refused(lambda: opened(path)))
    assert digests(tmp_path) == before


@pytest.mark.parametrize("kind", ["folder", "fifo", "dangling link"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "runs.db"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "nowhere")
    assert "not a plain file" in str(refused(lambda: opened(path)))


def test_an_interrupted_creation_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / ".runs.db.123.new").write_bytes(b"half")
    (tmp_path / ".runs.db.lock").touch()
    store = open_run_store(f"sqlite:///{tmp_path}/runs.db")
    assert store.verify() == ()
    store.close()


def test_the_command_ends_with_4_before_any_connection(
    counted_cli: Cli, door: CountingProxy, tmp_path: Path
) -> None:
    for number, (harm, said, hint) in enumerate(HARMS):
        path = tmp_path / str(number) / "runs.db"
        path.parent.mkdir()
        harm(path)
        before = digests(path.parent)
        done = counted_cli("--database", f"sqlite:///{path}", "run", "say", "--client", "acme")
        assert (done.returncode, done.stdout) == (4, ""), done.stderr
        assert said in done.stderr
        assert hint in done.stderr
        assert digests(path.parent) == before
    assert door.traffic.connections == 0
    assert counted_cli("run", "say", "--client", "acme").returncode == 0
    assert door.traffic.connections == 1


def test_what_can_be_read_of_a_damaged_log_is_used_again(cli: Cli, tmp_path: Path) -> None:
    """The commands that `db recover` prints are the whole way back; the damaged file stays."""
    path = tmp_path / "log" / "runs.db"
    path.parent.mkdir()
    damaged(path)
    before = path.read_bytes()
    on_it = ("--database", f"sqlite:///{path}")
    assert "`mspctl db recover`" in cli(*on_it, "runs", "list").stderr
    done = cli(*on_it, "db", "recover")
    assert (done.returncode, done.stderr) == (4, "")
    assert "cannot be read; what stood there is lost" in done.stdout
    assert path.read_bytes() == before
    _, _, ways = done.stdout.partition("to use it, while no mspctl runs:\n")
    subprocess.run(["sh", "-euc", ways], check=True)
    assert path.with_name("runs.db.damaged").read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(cli.json(*on_it, "runs", "list")["runs"]) == 1
    assert cli(*on_it, "runs", "verify").returncode == 4, "it is said for good that something is missing"
    assert cli(*on_it, "run", "say", "--client", "acme").returncode == 0
    assert len(cli.json(*on_it, "runs", "list")["runs"]) == 2
    there = cli(*on_it, "db", "recover", "--output", str(path.with_name("runs.db.damaged")))
    assert (there.returncode, there.stdout) == (2, "")
    other = cli("--database", "postgresql://u@127.0.0.1:1/log", "db", "recover")
    assert (other.returncode, "not a SQLite file" in other.stderr) == (2, True)


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database")


def damaged(path: Path) -> None:
    store = open_run_store(f"sqlite:///{path}")
    plan = made_plan(*(f"h{number}" for number in range(200)))
    store.plan(made_run(plan), plan)
    for host in list(plan.bundles)[:50]:
        store.record(made_run(plan).id, list(story(host.host.key)))
    store.close()
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xaa" * 4096 * 10)


def newer(path: Path) -> None:
    open_run_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")


HARMS = (
    (no_database, "is not a database", "it was left untouched"),
    (damaged, "", "it was left untouched; `mspctl db recover`"),
    (newer, "newer mspctl", "→"),
)
