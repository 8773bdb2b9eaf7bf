"""The schema made at once and the schema made by migrations are the same schema."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from mspctl.errors import StorageError
from mspctl.runstore import open_run_store, schema
from mspctl.runstore.tables import metadata
from mspctl.runstore.triggers import FIND, NAMES
from mspctl.testing.postgresql import PrivatePostgresql
from mspctl.testing.runs import made_plan, made_run

NewUrl = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    if request.param == "postgresql":
        server: PrivatePostgresql = request.getfixturevalue("postgresql")
        return server.new_database
    numbers = iter(range(9))
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"


def made_by_migrations(url: str) -> None:
    """A database as the oldest release left it: Alembic's table, no revision in it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        )
    engine.dispose()
    open_run_store(url).close()


def described(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
    else:
        query = (
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND tablename <> 'alembic_version'"
            " UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass"
            " UNION SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
    for (row,) in connection.execute(text(query)):
        yield re.sub(r"\s+", " ", row)


def test_the_two_ways_make_one_schema(new_url: NewUrl) -> None:
    found = []
    for make in (lambda url: open_run_store(url).close(), made_by_migrations):
        url = new_url()
        make(url)
        engine = create_engine(url)
        with engine.connect() as connection:
            found.append(sorted(described(connection)))
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            assert {name for (name,) in connection.execute(text(FIND[connection.dialect.name]))} == NAMES
            assert schema.stored_revision(connection) == schema.REVISIONS[-1]
        engine.dispose()
    assert found[0] == found[1]
    assert len(found[0]) > 15


def test_a_migrated_log_works(new_url: NewUrl) -> None:
    url = new_url()
    made_by_migrations(url)
    store, plan = open_run_store(url), made_plan("web1")
    store.plan(made_run(plan), plan)
    assert store.verify() == ()
    store.close()


def test_the_list_of_revisions_is_the_folder_of_migrations() -> None:
    folder = Path(schema.__file__).with_name("migrations")
    revisions = [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()]
    assert tuple(reversed(revisions)) == schema.REVISIONS


def test_a_newer_schema_is_refused_untouched(new_url: NewUrl) -> None:
    url = new_url()
    open_run_store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer mspctl"):
        open_run_store(url)
    with engine.connect() as connection:
        assert schema.stored_revision(connection) == "9999"
    engine.dispose()


def test_the_tables_of_something_else_are_refused_untouched(new_url: NewUrl) -> None:
    url = new_url()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (name TEXT)"))
    with pytest.raises(StorageError, match="not those of a run log"):
        open_run_store(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM customers")).scalar() == 0
        assert schema.stored_revision(connection) is None
    engine.dispose()
