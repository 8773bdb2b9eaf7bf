"""The run log in a PostgreSQL database."""

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import NoSuchModuleError

from mspctl.errors import StorageError
from mspctl.runstore import schema
from mspctl.runstore.failures import storage_errors

CONNECT_TIMEOUT = 10
"""Seconds."""

_SCHEMA_LOCK = 7_406_128_301
"""The advisory lock held while the schema is made or migrated; any number that all mspctl agree on."""


def open_postgresql(url: URL, *, lock_timeout: float) -> Engine:
    """An engine on the database, its schema this code's.

    Raises:
        StorageError: no driver, no server, no permission, a newer schema, or a lock held longer than
            `lock_timeout` seconds.
    """
    where = url.render_as_string(hide_password=True)
    limits = f"-c lock_timeout={int(lock_timeout * 1000)} -c synchronous_commit=on -c timezone=UTC"
    try:
        engine = create_engine(
            url,
            pool_size=1,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",  # numbers are handed out under a lock: see what came before it
            hide_parameters=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT,
                "options": limits,
                "application_name": "mspctl",
            },
        )
    except (ImportError, NoSuchModuleError) as error:
        hint = "pip install 'mspctl[postgresql]', and write postgresql+psycopg://user@host/database"
        raise StorageError(f"no driver for {where}", hint=hint) from error
    try:
        with storage_errors(where), engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
            schema.upgrade(connection, where)
    except BaseException:
        engine.dispose()
        raise
    return engine
