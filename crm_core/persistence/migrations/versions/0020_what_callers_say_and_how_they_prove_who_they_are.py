"""What a queue's callers go through behind their conversation and say of it, and by what they prove who they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("after_call", sa.Text(), server_default="", nullable=False))
    op.add_column("recording", sa.Column("comment", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "customer_pin",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_pin_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_pin")),
        sa.UniqueConstraint("account", name=op.f("uq_customer_pin_account")),
    )
    op.create_table(
        "pin_attempt",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_attempt")),
    )
    for column in ("account", "caller", "at"):
        op.create_index(op.f(f"ix_pin_attempt_{column}"), "pin_attempt", [column])


def downgrade() -> None:
    op.drop_table("pin_attempt")
    op.drop_table("customer_pin")
    op.drop_column("recording", "comment")
    op.drop_column("queue", "after_call")
