"""What agents were on a day is found in the log without reading all of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATES = sa.text("topic = 'agent.state_changed'")


def upgrade() -> None:
    op.create_index(
        "ix_event_log_agent_states",
        "event_log",
        ["topic", "at", "position"],
        sqlite_where=_STATES,
        postgresql_where=_STATES,
    )


def downgrade() -> None:
    op.drop_index("ix_event_log_agent_states", "event_log")
