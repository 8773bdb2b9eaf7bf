"""Real databases go into a real repository and come back into a server of their own."""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing.postgresql import PrivatePostgresql, missing_postgresql
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quick_repository
from tests.integration.modules.vault import PASSWORD, Vault

pytestmark = pytest.mark.timeout(360)
SHOP = """
create table orders (id serial primary key, what text not null);
insert into orders (what) select 'order ' || n from generate_series(1, 500) n;
create schema "odd one"; create table "odd one"."it's" (a int); insert into "odd one"."it's" values (1), (2);
create view latest as select max(id) from orders;
create role app login password 'canary-pg' valid until '2040-01-01'; create role boss nologin createdb;
grant boss to app; alter role app set search_path = public; comment on role app is E'it''s\nthe shop''s';
alter table orders owner to app; revoke all on orders from app; grant select on orders to boss;
alter database shop owner to boss; revoke connect on database shop from public;
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where servers of other users may work: a folder that everybody may pass."""
    folder = Path(tempfile.mkdtemp(prefix="mspctl-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def socket() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL with the database `shop`."""
    if missing := missing_postgresql():
        pytest.skip(f"this machine lacks {missing}")
    with PrivatePostgresql() as server:
        folder = server.new_database().rpartition("host=")[2].replace("%2F", "/")
        sql(folder, "create role postgres superuser login", "test1", "mspctl")
        sql(folder, "create database shop", "postgres")
        sql(folder, SHOP, "shop")
        yield folder


def sql(folder: str, text: str, database: str, user: str = "postgres") -> None:
    command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", user, "-d", database]
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)


@pytest.fixture(scope="module")
def maria(place: Path) -> Iterator[str]:
    """The socket of a MariaDB with the database `shop`."""
    needs("mariadbd")
    folder = place / "mariadb"
    folder.mkdir()
    shutil.chown(folder, "mysql")
    options = ["--no-defaults", "--user=mysql", f"--datadir={folder}/db"]
    normal = "--auth-root-authentication-method=normal"
    install = ["mariadb-install-db", *options, normal, "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    socket = str(folder / "socket")
    command = ["mariadbd", *options, f"--socket={socket}", "--skip-networking"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    client = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root"]
    until = time.monotonic() + 30
    while subprocess.run([*client, "-e", "select 1"], check=False, capture_output=True).returncode:
        assert time.monotonic() < until
        time.sleep(0.1)
    text = (
        "create database shop; use shop; "
        "create table `odd ``one` (a int); insert into `odd ``one` values (1); "
        "create role boss; create user app@`%` identified by 'canary-maria'; grant boss to app@`%`;"
        "grant all on shop.* to boss; set default role boss for app@`%`; create user `it's`@localhost;"
        "grant update (a) on shop.`odd ``one` to `it's`@localhost; create database other;"
        "create table other.t (a int); grant select on other.t to `it's`@localhost; drop database other;"
        "create user mysql@localhost identified via unix_socket;"
        "grant proxy on ``@`%` to mysql@localhost with grant option"
    )
    subprocess.run(client, input=text, text=True, check=True)
    yield socket
    server.kill()
    server.wait()


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory, socket: str, maria: str) -> Vault:
    """Both databases, backed up."""
    needs("restic")
    vault = Vault(tmp_path_factory.mktemp("vault"))
    vault.sockets = {"postgresql_socket": socket, "mariadb_socket": maria}
    quick_repository(vault.repository, PASSWORD)
    made = vault.dump("postgresql:shop", "mariadb:*")
    assert made.status is StepStatus.CHANGED, made.reason
    assert made.facts["databases.backed_up"].split() == ["postgresql:shop", "mariadb:shop"]
    assert (made.metrics["database.tables:postgresql:shop"], made.findings) == ("2", {})
    return vault


@pytest.fixture
def dumped(backed_up: Vault, tmp_path: Path) -> Vault:
    """A repository of one's own with these dumps."""
    return backed_up.copy(tmp_path)


def test_nobody_else_comes_to_the_server_of_the_proof(dumped: Vault, place: Path) -> None:
    """It asks for no password, so its socket must be out of reach."""
    tried: list[tuple[int, bool]] = []
    ended = threading.Event()

    def knock() -> None:
        while not ended.wait(0.05):
            for socket in place.glob("mspctl-db-proof.*/postgresql/.s.PGSQL.5432"):
                command = ["psql", "-h", str(socket.parent), "-U", "postgres", "-c", "select 1"]
                done = subprocess.run(
                    command, user="nobody", check=False, capture_output=True, text=True, cwd="/"
                )
                tried.append((done.returncode, "Permission denied" in done.stderr))

    knocker = threading.Thread(target=knock)
    knocker.start()
    try:
        assert dumped.prove(place, "postgresql:shop").status is StepStatus.OK
    finally:
        ended.set()
        knocker.join()
    assert all(status for status, _ in tried)
    assert any(denied for _, denied in tried), "at the end the folder may have gone before the knock"


def test_dumps_are_loaded_into_servers_of_their_own_and_counted(dumped: Vault, place: Path) -> None:
    proof = dumped.prove(place, "postgresql:shop", "mariadb:shop")
    assert proof.status is StepStatus.OK, proof.reason
    assert proof.facts["databases.proven"].split() == ["postgresql:shop", "mariadb:shop"]
    assert proof.metrics["database.rows:postgresql:shop"] == "502"
    assert proof.metrics["database.rows:mariadb:shop"] == "1"
    assert (proof.facts["databases.roles"], proof.findings) == ("postgresql mariadb", {})
    assert int(proof.metrics["database.roles:mariadb"]) >= 4
    assert not list(place.glob("mspctl-db-proof.*"))
    running = subprocess.run(["pgrep", "-f", str(place / "mspctl-db-proof")], check=False)
    assert running.returncode == 1, "no server of the proof is left"
    more = dumped.prove(place, "postgresql:shop", "postgresql:other")
    assert more.status is StepStatus.FAILED
    assert "there is no dump of postgresql:other" in more.reason


def test_what_cannot_be_dumped_is_a_failure_and_leaves_no_half_dump(dumped: Vault, socket: str) -> None:
    for name, word in (
        ("postgresql:gone", "there is no database gone"),
        ("oracle:shop", "is no database that"),
    ):
        result = dumped.dump(name)
        assert (result.status, set(result.findings)) == (StepStatus.FAILED, {"backup:no-database"})
        assert word in result.reason
    silent = dumped.dump("postgresql:shop", postgresql_socket="/nowhere")
    assert "PostgreSQL does not answer" in silent.reason
    before = snapshots(dumped)
    # The rows of a column of no known type: pg_dump fails in the midst of its work.
    sql(socket, "create database torn", "postgres")
    sql(socket, "create table fine (b int); create table torn (a int); insert into torn values (1)", "torn")
    sql(socket, "update pg_attribute set atttypid = 4711 where attname = 'a' and attrelid >= 16384", "torn")
    result = dumped.dump("postgresql:torn", "postgresql:shop")
    assert set(result.findings) == {"backup:dump-failed"}, result
    assert set(result.changes) == {"postgresql:shop", "postgresql:+roles"}, (
        "the other one is dumped all the same"
    )
    assert snapshots(dumped) == before + 3, "a dump, its list and the roles, no half dump"


def snapshots(vault: Vault) -> int:
    listed = subprocess.run(vault.restic("snapshots", "--json"), check=True, capture_output=True, text=True)
    return listed.stdout.count('"short_id"')


def counts(vault: Vault) -> str:
    """The list beside the last dumps."""
    get = ("dump", "--tag", "mspctl-db-manifest", "latest", "/mspctl-databases")
    return subprocess.run(vault.restic(*get), check=True, capture_output=True, text=True).stdout


def put(vault: Vault, kind: str, name: str, text: str) -> None:
    """A list of one's own instead of it."""
    options = ("backup", "--host", "web1", "--tag", f"mspctl-{kind}", "--stdin", "--stdin-filename", name)
    subprocess.run(vault.restic(*options), input=text, text=True, check=True, capture_output=True)


def test_tables_that_change_while_they_are_dumped_have_to_be_there(
    dumped: Vault, place: Path, maria: str
) -> None:
    """They have no number to be held to, and that is no reason to call their loss proven."""
    client = ["mariadb", "--no-defaults", f"--socket={maria}", "--user=root"]
    text = "create database busy; create table busy.log (a int); create table busy.`calm one` (a int)"
    subprocess.run([*client, "-e", text], check=True)
    writer = subprocess.Popen(client, stdin=subprocess.PIPE, text=True)
    pipe = writer.stdin
    assert pipe is not None
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.002):
            pipe.write("insert into busy.log values (1);\n")
            pipe.flush()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        count = [*client, "-N", "-B", "-e", "select count(*) from busy.log"]
        until = time.monotonic() + 30
        while subprocess.run(count, check=True, capture_output=True).stdout == b"0\n":
            assert time.monotonic() < until
        made = dumped.dump("mariadb:busy")
    finally:
        ended.set()
        thread.join()
        writer.communicate()
        subprocess.run([*client, "-e", "drop database busy"], check=True)
    assert made.metrics["database.tables:mariadb:busy"] == "2", made.reason
    listed = counts(dumped)
    assert listed.splitlines()[2:4] == ["T 0 calm one", "N log"]
    proof = dumped.prove(place, "mariadb:busy")
    assert proof.status is StepStatus.OK, proof.reason
    put(dumped, "db-manifest", "mspctl-databases", listed.replace("N log\n", "N log\nN gone\n"))
    lost = dumped.prove(place, "mariadb:busy")
    assert lost.status is StepStatus.FAILED
    assert lost.reason.endswith("its tables have not the rows that they had: gone")


def test_while_the_files_are_suspicious_no_old_dump_goes(dumped: Vault) -> None:
    header = "mspctl-manifest 1 abc 1764000000 30 15000 4711 "
    put(dumped, "manifest", "mspctl-manifest", f"{header}suspicious\n")
    before = snapshots(dumped)
    kept = dumped.dump("postgresql:shop", keep=("last=1",))
    assert (kept.status, list(kept.findings)) == (StepStatus.CHANGED, ["backup:suspicious"])
    assert snapshots(dumped) == before + 3
    put(dumped, "manifest", "mspctl-manifest", f"{header}\n")
    gone = dumped.dump("postgresql:shop", keep=("last=1",))
    assert (gone.status, gone.findings) == (StepStatus.CHANGED, {})
    left = snapshots(dumped)
    assert left == 8, "a dump of each database and its roles, both runs' lists, and our two lists of files"


def test_rows_that_are_missing_after_the_load_are_found(dumped: Vault, place: Path) -> None:
    listed = counts(dumped)
    forged = listed.replace("T 500 public.orders", "T 501 public.orders")
    assert forged != listed
    put(dumped, "db-manifest", "mspctl-databases", forged)
    proof = dumped.prove(place, "postgresql:shop")
    assert (proof.status, list(proof.findings)) == (StepStatus.FAILED, ["proof:postgresql:shop"])
    assert "501 public.orders" in proof.reason
    assert [each.name for each in place.iterdir()] == ["mariadb"]


@pytest.mark.parametrize("tool", ["borg", "tar", "rsync"])
def test_other_tools_keep_dumps_as_well(tmp_path: Path, place: Path, socket: str, tool: str) -> None:
    needs(tool)
    vault = Vault(tmp_path, tool)
    vault.sockets = {"postgresql_socket": socket}
    assert set(vault.dump("postgresql:shop").findings) == {"backup:no-repository"}
    made = vault.dump("postgresql:shop", init=True, keep=("last=2",))
    assert made.status is StepStatus.CHANGED, made.reason
    assert (made.findings, int(made.metrics["database.bytes:postgresql:shop"]) > 1000) == ({}, True)
    proof = vault.prove(place, "postgresql:shop")
    assert proof.status is StepStatus.OK, proof.reason
    assert proof.metrics["database.rows:postgresql:shop"] == "502"
    listed = {told.split()[-1]: name for name, told in vault.run("backup-snapshots").facts.items()}
    assert set(listed) == {"/postgresql-shop.dump", "/postgresql+roles.dump"}
    name = listed["/postgresql-shop.dump"]
    target = tmp_path / "back"
    back = vault.run("backup-restore", snapshot=name.partition(":")[2], target=str(target))
    assert (back.status, back.metrics["restore.files"]) == (StepStatus.CHANGED, "1"), back.reason
    assert (target / "postgresql-shop.dump").read_bytes().startswith(b"PGDMP")


def test_roles_that_do_not_come_back_are_named_without_their_passwords(dumped: Vault, place: Path) -> None:
    listed = counts(dumped)
    roles = listed[listed.index("D ", listed.index("D ", listed.index("mariadb:shop")) - 1) :]
    (finger,) = (line.split()[1] for line in listed.splitlines() if line.endswith(" app"))
    put(dumped, "db-manifest", "mspctl-databases", listed.replace(finger, "0" * 32))
    other = dumped.prove(place, "postgresql:shop")
    assert (other.status, set(other.findings)) == (StepStatus.FAILED, {"proof:postgresql:+roles"})
    assert other.reason == "the roles of postgresql were loaded, and are not what they were: app"
    (was,) = (line.split()[1] for line in listed.splitlines() if " mariadb:+roles " in line)
    get = ("dump", was, "/mariadb+roles.dump")
    text = subprocess.run(dumped.restic(*get), check=True, capture_output=True, text=True).stdout
    assert "canary-maria" not in text + roles, "the server keeps no password, but what it was made to"
    ghost = "CREATE USER IF NOT EXISTS `ghost`@`%` IDENTIFIED BY PASSWORD 'canary-broken';"
    put(dumped, "db", "mariadb+roles.dump", f"{text}\n{ghost}\n")
    command = dumped.restic("snapshots", "--json", "--tag", "mspctl-db", "--latest", "1")
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    made = json.loads(told)
    (now,) = (each["id"] for each in made if each["paths"] == ["/mariadb+roles.dump"])
    put(dumped, "db-manifest", "mspctl-databases", listed.replace(was, now))
    lost = dumped.prove(place, "mariadb:shop")
    assert lost.reason == "the roles of mariadb were loaded, and are not what they were: `ghost`@`%`"
    put(dumped, "db-manifest", "mspctl-databases", listed.replace("+roles", "+others"))
    without = dumped.prove(place, "mariadb:shop")
    assert (without.status, set(without.findings)) == (StepStatus.OK, {"backup:no-roles"}), without.reason


def test_a_dump_whose_owner_is_among_no_roles_is_not_proven(dumped: Vault, place: Path) -> None:
    listed = counts(dumped)
    (was,) = (line.split()[1] for line in listed.splitlines() if " postgresql:+roles " in line)
    get = dumped.restic("dump", was, "/postgresql+roles.dump")
    text = subprocess.run(get, check=True, capture_output=True, text=True).stdout
    put(dumped, "db", "postgresql+roles.dump", f"{text}\nDROP ROLE app;\n")
    command = dumped.restic("snapshots", "--json", "--tag", "mspctl-db", "--latest", "1")
    made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    (now,) = (each["id"] for each in made if each["paths"] == ["/postgresql+roles.dump"])
    (finger,) = (line for line in listed.splitlines(keepends=True) if line.endswith(" app\n"))
    put(dumped, "db-manifest", "mspctl-databases", listed.replace(was, now).replace(finger, ""))
    lost = dumped.prove(place, "postgresql:shop")
    assert (lost.status, set(lost.findings)) == (StepStatus.FAILED, {"proof:postgresql:shop"}), lost.reason
    assert 'role "app" does not exist' in lost.reason


def test_a_lost_server_comes_back_with_those_who_may_use_it(
    dumped: Vault, socket: str, maria: str, tmp_path: Path
) -> None:
    """As the how-to says it: roles and databases are dropped, and restored from the repository."""
    listed = counts(dumped)
    ids = {line.split()[2]: line.split()[1] for line in listed.splitlines() if line.startswith("D ")}
    for name, snapshot in ids.items():
        target = str(tmp_path / name)
        back = dumped.run("backup-restore", snapshot=snapshot, target=target)
        assert (back.status, back.findings) == (StepStatus.CHANGED, {}), back.reason
    sql(socket, "drop database shop", "postgres")
    sql(socket, "drop role app; drop role boss", "postgres")
    at = ["-h", socket, "-U", "postgres"]
    roles = str(tmp_path / "postgresql:+roles" / "postgresql+roles.dump")
    with Path(roles).open() as text_of:
        subprocess.run(["psql", *at, "-q", "postgres"], stdin=text_of, check=True, capture_output=True)
    dump = str(tmp_path / "postgresql:shop" / "postgresql-shop.dump")
    command = ["pg_restore", *at, "--create", "--exit-on-error", "-d", "postgres"]
    with Path(dump).open() as content:
        subprocess.run(command, stdin=content, check=True, capture_output=True)
    sql(socket, "set role app; select * from orders; alter table orders alter what set default ''", "shop")
    sql(socket, "set role boss; alter database shop set work_mem = '4MB'", "shop")
    client = ["mariadb", "--no-defaults", f"--socket={maria}", "--user=root"]
    for text in (
        "drop database shop; drop user app@`%`; drop user `it's`@localhost; drop role boss;",
        "create database shop; use shop; " + (tmp_path / "mariadb:shop" / "mariadb-shop.dump").read_text(),
        (tmp_path / "mariadb:+roles" / "mariadb+roles.dump").read_text(),
    ):
        subprocess.run([*client, "--force"], input=text, text=True, check=False, capture_output=True)
    login = ["mariadb", "--no-defaults", f"--socket={maria}", "--user=app", "--password=canary-maria", "shop"]
    used = subprocess.run(
        [*login, "-e", "alter table `odd ``one` comment 'back'"], check=False, capture_output=True
    )
    assert used.returncode == 0, used.stderr
