"""L2: database corrupt / not a database / newer schema: exit 4, never overwritten, with a hint."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mspctl.runstore import open_run_store
from mspctl.testing.runs import made_plan, made_run, story
from mspctl.testing.sshd import Sshd
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.hostile.storage import digests, opened, refused, small_file_system


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
    store = open_run_store(f"sqlite:///{path}")
    plan = made_plan(*(f"h{number}" for number in range(200)))
    store.plan(made_run(plan), plan)
    for host in plan.bundles:
        store.record(made_run(plan).id, list(story(host.host.key)))
    store.close()
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xaa" * 4096 * 10)
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


@pytest.mark.parametrize("harm", ["not a database", "newer schema", "read-only"])
def test_the_command_ends_with_4_before_any_connection(
    cli: Cli, sshd: Sshd, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "log" / "runs.db"
    path.parent.mkdir()
    if harm == "not a database":
        path.write_bytes(b"not a database")
    elif harm == "newer schema":
        open_run_store(f"sqlite:///{path}").close()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
    before = digests(path.parent)
    if harm == "read-only":
        with small_file_system(path.parent, "size=200m,ro"):
            done = cli("--database", f"sqlite:///{path}", "run", "say", "--client", "acme")
    else:
        done = cli("--database", f"sqlite:///{path}", "run", "say", "--client", "acme")
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    assert "→" in done.stderr
    assert digests(path.parent) == before
    assert "Connection" not in sshd.log
