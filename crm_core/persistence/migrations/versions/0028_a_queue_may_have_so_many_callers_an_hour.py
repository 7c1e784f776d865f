"""A queue may answer so many callers an hour at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("max_per_hour", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "max_per_hour")
