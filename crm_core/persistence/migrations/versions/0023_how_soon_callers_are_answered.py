"""Each stay of a caller in a queue is kept, so that it can be told how soon callers are answered; and a queue says
whether paperwork has to be done, and what music its callers hear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "queue_stay",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left", sa.Text(), nullable=True),
        sa.Column("wait_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_queue_stay_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "position", name=op.f("pk_queue_stay")),
    )
    op.create_index("ix_queue_stay_time", "queue_stay", ["entered_at"])
    op.add_column("queue", sa.Column("wrap_up", sa.Text(), server_default="optional", nullable=False))
    op.add_column("queue", sa.Column("wrap_up_limit_s", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("music", _JSON, server_default="[]", nullable=False))
    op.execute("UPDATE queue SET wrap_up = 'mandatory' WHERE wrap_up_s > 0")  # desks asked what came of every call


def downgrade() -> None:
    op.drop_column("queue", "music")
    op.drop_column("queue", "wrap_up_limit_s")
    op.drop_column("queue", "wrap_up")
    op.drop_index("ix_queue_stay_time", table_name="queue_stay")
    op.drop_table("queue_stay")
