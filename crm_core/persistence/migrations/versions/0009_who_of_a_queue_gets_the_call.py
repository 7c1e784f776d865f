"""Each queue says who of several free agents gets the call."""

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


def downgrade() -> None:
    """Every queue chooses the best skill again."""
    op.drop_column("queue", "crowd_s")
    op.drop_column("queue", "ring_order")
    op.drop_column("queue", "strategy")
