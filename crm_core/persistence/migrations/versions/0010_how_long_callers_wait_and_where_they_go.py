"""Waiting makes up for priority, queues have weights, limits and hours, and whoever cannot wait goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("queue", sa.Column("service_level_percent", sa.Integer(), server_default="80", nullable=False))
    op.add_column("queue", sa.Column("ageing_s", sa.Integer(), server_default="60", nullable=False))
    op.add_column("queue", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.add_column("queue", sa.Column("max_waiting", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("max_wait_s", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("overflow_when", _JSON, server_default="[]", nullable=False))
    op.add_column("queue", sa.Column("open_hours", _JSON, nullable=True))
    op.add_column("queue", sa.Column("overflow", _JSON, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "overflow")
    op.drop_column("queue", "open_hours")
    op.drop_column("queue", "overflow_when")
    op.drop_column("queue", "max_wait_s")
    op.drop_column("queue", "max_waiting")
    op.drop_column("queue", "weight")
    op.drop_column("queue", "ageing_s")
    op.drop_column("queue", "service_level_percent")
