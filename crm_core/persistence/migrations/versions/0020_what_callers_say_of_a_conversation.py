"""What a queue's callers go through behind their conversation, and what they say of it then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("after_call", sa.Text(), server_default="", nullable=False))
    op.add_column("recording", sa.Column("comment", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("recording", "comment")
    op.drop_column("queue", "after_call")
