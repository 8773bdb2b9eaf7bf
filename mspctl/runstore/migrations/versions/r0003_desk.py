"""The desk: what was written down about calls, and approved invoices."""

import sqlalchemy as sa
from alembic import op

from mspctl.runstore.triggers import statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "call_record",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_call_record")),
    )
    op.create_index(op.f("ix_call_record_client_seq"), "call_record", ["client", "seq"])
    op.create_table(
        "invoice",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("approved", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("credits", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("series", "number", name=op.f("pk_invoice")),
    )
    op.create_index(op.f("ix_invoice_client_month"), "invoice", ["client", "month"])
    for statement in statements(op.get_bind().dialect.name, revision):
        op.execute(sa.text(statement))
