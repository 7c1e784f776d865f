"""Each queue says who of several free agents gets the call, and whether who knows the customer goes first;
for each agent how many he takes within an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("queue", sa.Column("strategy", sa.Text(), server_default="best_skill", nullable=False))
    op.add_column("queue", sa.Column("ring_order", _JSON, server_default="[]", nullable=False))
    op.add_column("queue", sa.Column("crowd_s", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("sticky", sa.Text(), server_default="nobody", nullable=False))
    op.add_column("queue", sa.Column("sticky_s", sa.Integer(), server_default="20", nullable=False))
    op.add_column("user", sa.Column("calls_per_hour", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Every queue chooses the best skill again, nobody is waited for, and calls come as they come."""
    op.drop_column("user", "calls_per_hour")
    op.drop_column("queue", "sticky_s")
    op.drop_column("queue", "sticky")
    op.drop_column("queue", "crowd_s")
    op.drop_column("queue", "ring_order")
    op.drop_column("queue", "strategy")
