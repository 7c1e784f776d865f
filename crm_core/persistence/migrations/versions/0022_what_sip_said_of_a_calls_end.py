"""A call keeps the status of SIP that ended it, beside its Q.850 cause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("sip_cause", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("call", "sip_cause")
