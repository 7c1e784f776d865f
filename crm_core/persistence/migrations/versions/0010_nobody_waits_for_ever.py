"""Waiting makes up for priority, and queues have weights: nobody waits for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("ageing_s", sa.Integer(), server_default="60", nullable=False))
    op.add_column("queue", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "weight")
    op.drop_column("queue", "ageing_s")
