"""Monitoring: incidents, how probes stand, when they were seen how, file systems by day."""

import sqlalchemy as sa
from alembic import op

from mspctl.runstore.triggers import statements

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    _incidents()
    op.create_table(
        "standing",
        *_texts("client", "key", "phase", "seen", "since", "at"),
        sa.Column("failures", sa.Integer(), nullable=False),
        *_texts("history", "detail"),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_standing")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen_span",
        *_texts("client", "key", "begins", "ends", "seen"),
        sa.PrimaryKeyConstraint("client", "key", "begins", name=op.f("pk_seen_span")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "volume_day",
        *_texts("client", "host", "mount", "day"),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client", "host", "mount", "day", name=op.f("pk_volume_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "digest_sent",
        *_texts("client", "at"),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_digest_sent")),
    )
    for statement in statements(op.get_bind().dialect.name, revision):
        op.execute(sa.text(statement))


def _incidents() -> None:
    op.create_table(
        "incident_record",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts("client", "key", "word", "at", "seen", "text", "author", "evidence"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_incident_record")),
    )
    op.create_index(op.f("ix_incident_record_client_seq"), "incident_record", ["client", "seq"])


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
