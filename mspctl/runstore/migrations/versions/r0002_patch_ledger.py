"""The ledger of patches: updates, failures and decisions; and why a run did not obey the windows."""

import sqlalchemy as sa
from alembic import op

from mspctl.runstore.triggers import statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; what older runs reported is not read again."""
    _overrides()
    _updates()
    _decisions()
    for statement in statements(op.get_bind().dialect.name, revision):
        op.execute(sa.text(statement))


def _overrides() -> None:
    op.create_table(
        "override",
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_override")),
        sa.ForeignKeyConstraint(["run"], ["run.seq"], name=op.f("fk_override_run")),
    )


def _updates() -> None:
    op.create_table(
        "patch_seen",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client", "package", "version", name=op.f("pk_patch_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "patch_pending",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("old_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client", "host", "package", name=op.f("pk_patch_pending")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "patch_failure",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client", "package", "version", name=op.f("pk_patch_failure")),
        sqlite_with_rowid=False,
    )


def _decisions() -> None:
    op.create_table(
        "patch_decision",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_patch_decision")),
    )
