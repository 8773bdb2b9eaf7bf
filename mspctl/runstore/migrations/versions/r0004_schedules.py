"""Schedules: since when they are kept, and each time at which one was started."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "firing",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("began", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text()),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.PrimaryKeyConstraint("client", "schedule", "due", name=op.f("pk_firing")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "installed",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client", "schedule", name=op.f("pk_installed")),
        sqlite_with_rowid=False,
    )
