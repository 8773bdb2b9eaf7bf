"""The first schema: runs, hosts, steps, their reports and what they printed."""

import sqlalchemy as sa
from alembic import op

from mspctl.runstore.triggers import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    _runs()
    _hosts()
    _steps()
    for statement in statements(op.get_bind().dialect.name, revision):
        op.execute(sa.text(statement))


def _runs() -> None:
    op.create_table(
        "outline",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_outline")),
    )
    op.create_table(
        "pruning",
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_pruning")),
    )
    op.create_table(
        "run",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("check_mode", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("inventory_digest", sa.Text(), nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        sa.Column("finished", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("resumes", sa.Text(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.Text(), nullable=True),
        sa.Column("outputs_pruned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_run")),
        sa.UniqueConstraint("id", name=op.f("uq_run_id")),
    )
    op.create_index(op.f("ix_run_client_started"), "run", ["client", "started"], unique=False)
    op.create_index(op.f("ix_run_started"), "run", ["started"], unique=False)


def _hosts() -> None:
    op.create_table(
        "host_run",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("bundle_digest", sa.Text(), nullable=False),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("started", sa.Text(), nullable=True),
        sa.Column("finished", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("round_trips", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("spool", sa.Text(), nullable=True),
        sa.Column("boot_id", sa.Text(), nullable=True),
        sa.Column("first_step", sa.Integer(), nullable=True),
        sa.Column("ended_as", sa.Integer(), nullable=True),
        sa.Column("chain", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run", "position", name=op.f("pk_host_run")),
        sa.UniqueConstraint("run", "host", name=op.f("uq_host_run_run_host")),
        sa.ForeignKeyConstraint(["run"], ["run.seq"], name=op.f("fk_host_run_run")),
        sa.ForeignKeyConstraint(["outline"], ["outline.digest"], name=op.f("fk_host_run_outline")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_host_run_host_run"), "host_run", ["host", "run"], unique=False)


def _steps() -> None:
    op.create_table(
        "step_run",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("forecast", sa.Text(), nullable=True),
        sa.Column("unkept", sa.Integer(), nullable=False),
        sa.Column("output_bytes", sa.BigInteger(), nullable=False),
        sa.Column("output_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "position", "step", name=op.f("pk_step_run")),
        sa.ForeignKeyConstraint(
            ["run", "position"], ["host_run.run", "host_run.position"], name=op.f("fk_step_run_host_run")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "output",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("tail", sa.LargeBinary(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run", "position", "step", name=op.f("pk_output")),
        sa.ForeignKeyConstraint(
            ["run", "position", "step"],
            ["step_run.run", "step_run.position", "step_run.step"],
            name=op.f("fk_output_step_run"),
        ),
    )
    op.create_table(
        "report",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "position", "step", "number", name=op.f("pk_report")),
        sa.ForeignKeyConstraint(
            ["run", "position", "step"],
            ["step_run.run", "step_run.position", "step_run.step"],
            name=op.f("fk_report_step_run"),
        ),
        sqlite_with_rowid=False,
    )
