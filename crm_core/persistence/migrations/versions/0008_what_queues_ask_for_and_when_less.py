"""A queue may ask for one of several abilities, and for less of whoever waits long; a skill may hold for some days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("queue", sa.Column("asks", sa.Text(), server_default="", nullable=False))
    op.add_column("queue", sa.Column("relaxing", _JSON, server_default="[]", nullable=False))
    op.add_column("agent_skill", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("agent_skill", sa.Column("valid_until", sa.Date(), nullable=True))


def downgrade() -> None:
    """Every skill holds for ever again."""
    op.drop_column("agent_skill", "valid_until")
    op.drop_column("agent_skill", "valid_from")
    op.drop_column("queue", "relaxing")
    op.drop_column("queue", "asks")
