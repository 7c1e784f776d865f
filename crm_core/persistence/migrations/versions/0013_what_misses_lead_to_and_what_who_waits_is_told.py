"""How many missed calls lead to a pause, and what callers are told while they wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("queue", sa.Column("misses_to_pause", sa.Integer(), server_default="1", nullable=False))
    op.add_column("queue", sa.Column("announce", _JSON, server_default="[]", nullable=False))
    op.add_column("queue", sa.Column("comfort", sa.Text(), server_default="", nullable=False))
    op.add_column("queue", sa.Column("announce_first_s", sa.Integer(), server_default="15", nullable=False))
    op.add_column("queue", sa.Column("announce_every_s", sa.Integer(), server_default="45", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "announce_every_s")
    op.drop_column("queue", "announce_first_s")
    op.drop_column("queue", "comfort")
    op.drop_column("queue", "announce")
    op.drop_column("queue", "misses_to_pause")
