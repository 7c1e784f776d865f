"""Whoever was cut off while waiting has his place back for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("place_back_s", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "place_back_s")
