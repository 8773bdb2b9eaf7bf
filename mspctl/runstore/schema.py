"""Which schema a database has, and how it comes to the one this code needs.

A new database is made from the tables at once; an older one is migrated by Alembic, which is imported only
then (it costs 0.1 s); a newer one is refused, because this code does not know what it would break.
"""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mspctl.errors import StorageError
from mspctl.runstore.tables import metadata
from mspctl.runstore.triggers import statements

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All schema revisions, oldest first; the last is this code's. Each is a file in migrations/versions."""


def upgrade(connection: Connection, where: str) -> None:
    """Create, migrate or refuse; the caller's transaction holds it all. `where` names the database in errors.

    Raises:
        StorageError: the schema is newer than this code, or the database is something else's.
    """
    revision = stored_revision(connection)
    if revision == REVISIONS[-1]:
        return
    if revision is None:
        names = inspect(connection).get_table_names()
        check_ours(names, where)
        (migrate if names else create)(connection)
    elif revision in REVISIONS:
        migrate(connection)
    else:
        raise StorageError(
            f"{where} was written by a newer mspctl (schema {revision}, this one knows {REVISIONS[-1]})",
            hint="it was left untouched; upgrade mspctl on this machine",
        )


def check_ours(tables: Collection[str], where: str) -> None:
    """Raises StorageError if these are the tables of something else."""
    if tables and "alembic_version" not in tables:
        raise StorageError(
            f"{where} holds tables, but not those of a run log",
            hint="it was left untouched; name another database with --database",
        )


def stored_revision(connection: Connection) -> str | None:
    """The revision the database is at, None for one without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def create(connection: Connection) -> None:
    """Make all tables and triggers in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    for statement in statements(connection.dialect.name, *REVISIONS):
        connection.exec_driver_sql(statement)
    # As Alembic itself would make it, so that it can take over from here.
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def migrate(connection: Connection) -> None:
    """Take the database through every migration it has not had."""
    from alembic import command  # noqa: PLC0415 - slow to import, rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
