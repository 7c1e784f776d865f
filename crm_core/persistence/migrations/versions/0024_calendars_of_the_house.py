"""Calendars with a name, which menus, numbers and queues share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("names", _JSON, nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("hours", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_calendar")),
    )
    op.create_table(
        "calendar_version",
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=True),
        sa.Column("content", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.key"], name=op.f("fk_calendar_version_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("calendar", "version", name=op.f("pk_calendar_version")),
    )
    op.create_table(
        "flow_calendar",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flow"], ["flow.name"], name=op.f("fk_flow_calendar_flow"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["calendar"], ["calendar.key"], name=op.f("fk_flow_calendar_calendar")),
        sa.PrimaryKeyConstraint("flow", "calendar", name=op.f("pk_flow_calendar")),
    )
    op.create_index("ix_flow_calendar_calendar", "flow_calendar", ["calendar"])
    for table in ("queue", "did"):  # in these words both databases understand it, and no table is made anew
        named = f"CONSTRAINT fk_{table}_calendar REFERENCES calendar (key)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN calendar TEXT {named}")


def downgrade() -> None:
    """Who opened by a calendar is always open then."""
    for table in ("did", "queue"):
        op.drop_column(table, "calendar")  # its constraint goes with it
    op.drop_table("flow_calendar")
    op.drop_table("calendar_version")
    op.drop_table("calendar")
