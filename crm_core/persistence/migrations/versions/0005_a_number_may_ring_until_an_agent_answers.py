"""A number may ring until an agent answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("did", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("did", schema=None) as batch_op:
        batch_op.drop_column("answer")
