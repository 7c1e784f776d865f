"""A recording may be a message that a caller left: it belongs to a ticket then. And callers rate us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("rating", sa.Integer(), nullable=True))
    with op.batch_alter_table("recording") as table:
        table.add_column(sa.Column("ticket_id", sa.Text(), nullable=True))
        table.create_foreign_key("fk_recording_ticket_id", "ticket", ["ticket_id"], ["id"])
        table.create_index("ix_recording_ticket_id", ["ticket_id"])


def downgrade() -> None:
    with op.batch_alter_table("recording") as table:
        table.drop_index("ix_recording_ticket_id")
        table.drop_constraint("fk_recording_ticket_id", type_="foreignkey")
        table.drop_column("ticket_id")
    op.drop_column("call", "rating")
