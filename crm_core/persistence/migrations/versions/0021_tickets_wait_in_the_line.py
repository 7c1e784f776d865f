"""A ticket waits in a queue's line; how far it gives way to calls, and how many somebody has at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("ticket_yield_s", sa.Integer(), server_default="14400", nullable=False))
    op.add_column("queue", sa.Column("tickets_undisturbed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("user", sa.Column("tickets_at_once", sa.Integer(), server_default="1", nullable=False))
    op.add_column("ticket", sa.Column("queue", sa.Text(), nullable=True))
    op.add_column("ticket", sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_ticket_queue", "ticket", ["queue", "status"])


def downgrade() -> None:
    op.drop_index("ix_ticket_queue", table_name="ticket")
    op.drop_column("ticket", "queued_at")
    op.drop_column("ticket", "queue")
    op.drop_column("user", "tickets_at_once")
    op.drop_column("queue", "tickets_undisturbed")
    op.drop_column("queue", "ticket_yield_s")
