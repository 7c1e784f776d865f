"""What a caller was told of his wait is kept with his stay in the queue, to be compared with what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue_stay", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("queue_stay", sa.Column("told_wait_s", sa.Float(), nullable=True))
    op.create_index("ix_queue_stay_told", "queue_stay", ["told_at"])


def downgrade() -> None:
    op.drop_index("ix_queue_stay_told", table_name="queue_stay")
    op.drop_column("queue_stay", "told_wait_s")
    op.drop_column("queue_stay", "told_at")
