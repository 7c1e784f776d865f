"""Who waits may be called back at his place, or leave a message, by a key of his queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("callback_tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("callback_retry_s", sa.Integer(), server_default="300", nullable=False))
    op.add_column("queue", sa.Column("callback_key", sa.Text(), server_default="", nullable=False))
    op.add_column("queue", sa.Column("message_key", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "message_key")
    op.drop_column("queue", "callback_key")
    op.drop_column("queue", "callback_retry_s")
    op.drop_column("queue", "callback_tries")
