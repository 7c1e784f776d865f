"""Orders and repairs, and what happened to each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_customer_order_customer_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_customer_order_ticket_id"),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name="fk_customer_order_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_order"),
        sa.UniqueConstraint("number", name="uq_customer_order_number"),
    )
    op.create_index("ix_customer_order_list", "customer_order", ["created_at", "id"])
    op.create_index("ix_customer_order_customer", "customer_order", ["customer_id", "created_at"])
    op.create_index("ix_customer_order_ticket_id", "customer_order", ["ticket_id"])
    op.create_table(
        "order_event",
        sa.Column("position", _BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON().with_variant(postgresql.JSONB(none_as_null=True), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="fk_order_event_order_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_order_event_by"),
        sa.PrimaryKeyConstraint("position", name="pk_order_event"),
        sa.UniqueConstraint("id", name="uq_order_event_id"),
    )
    op.create_index("ix_order_event_order", "order_event", ["order_id", "position"])


def downgrade() -> None:
    op.drop_table("order_event")
    op.drop_table("customer_order")
