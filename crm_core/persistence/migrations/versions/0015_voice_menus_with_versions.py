"""Voice menus are documents with versions and a draft, and a number's callers may go elsewhere outside of its hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("did", sa.Column("open_hours", _JSON, nullable=True))
    op.add_column("did", sa.Column("closed_to", sa.Text(), nullable=True))
    op.create_table(
        "flow",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_flow")),
    )
    op.create_table(
        "flow_version",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_flow_version_by_id")),
        sa.ForeignKeyConstraint(["flow"], ["flow.name"], name=op.f("fk_flow_version_flow"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("flow", "number", name=op.f("pk_flow_version")),
    )
    op.create_table(
        "flow_draft",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_flow_draft_by_id")),
        sa.ForeignKeyConstraint(["flow"], ["flow.name"], name=op.f("fk_flow_draft_flow"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_flow_draft")),
    )


def downgrade() -> None:
    """What is published by then stands in no file: export it before."""
    op.drop_table("flow_draft")
    op.drop_table("flow_version")
    op.drop_table("flow")
    op.drop_column("did", "closed_to")
    op.drop_column("did", "open_hours")
