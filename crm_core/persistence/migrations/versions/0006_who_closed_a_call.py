"""Whether a call's end was heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("closed_by", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("call", "closed_by")
