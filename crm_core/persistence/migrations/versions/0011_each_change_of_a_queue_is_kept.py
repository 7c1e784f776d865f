"""Each change of a queue is kept: who made it, when, and what stood in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("queue", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "queue_version",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("content", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queue.key"], name=op.f("fk_queue_version_queue")),
        sa.PrimaryKeyConstraint("queue", "version", name=op.f("pk_queue_version")),
    )


def downgrade() -> None:
    op.drop_table("queue_version")
    op.drop_column("queue", "version")
