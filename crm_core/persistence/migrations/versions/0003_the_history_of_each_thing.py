"""The history of each thing is found in the log; callbacks are found by their call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SUBJECT = sa.text("subject IS NOT NULL")


def upgrade() -> None:
    op.add_column("event_log", sa.Column("subject", sa.Text(), nullable=True))
    body = sa.column("body", sa.JSON().with_variant(JSONB(), "postgresql"))
    log = sa.table("event_log", sa.column("topic", sa.Text()), sa.column("subject", sa.Text()), body)
    op.execute(sa.update(log).where(log.c.topic == "audit").values(subject=log.c.body["subject"].as_string()))
    op.create_index(
        "ix_event_log_subject",
        "event_log",
        ["subject", "position"],
        sqlite_where=_SUBJECT,
        postgresql_where=_SUBJECT,
    )
    op.create_index(op.f("ix_callback_call_id"), "callback", ["call_id"])
    op.create_index(op.f("ix_callback_done_call"), "callback", ["done_call"])


def downgrade() -> None:
    op.drop_index(op.f("ix_callback_done_call"), "callback")
    op.drop_index(op.f("ix_callback_call_id"), "callback")
    op.drop_index("ix_event_log_subject", "event_log")
    op.drop_column("event_log", "subject")
