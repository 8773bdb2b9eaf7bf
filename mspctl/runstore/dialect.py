"""What SQLite and PostgreSQL say alike, but SQLAlchemy keeps in two places."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_of(dialect: str) -> "Callable[[Table], sqlite.Insert | postgresql.Insert]":
    """The dialect's own `insert`, which knows ON CONFLICT; only the one in use is imported."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as of_sqlite  # noqa: PLC0415 - see above

        return of_sqlite
    from sqlalchemy.dialects.postgresql import insert as of_postgresql  # noqa: PLC0415 - see above

    return of_postgresql
