"""The health of a client at the end of each month."""

import sqlalchemy as sa
from alembic import op

from mspctl.runstore.triggers import statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "health_snapshot",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client", "month", "version", name=op.f("pk_health_snapshot")),
        sqlite_with_rowid=False,
    )
    for statement in statements(op.get_bind().dialect.name, revision):
        op.execute(sa.text(statement))
