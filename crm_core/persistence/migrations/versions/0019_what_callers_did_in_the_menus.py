"""What callers did in the voice menus: each node they came to, what they typed wrong, and how it ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "menu_walk",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_menu_walk_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_menu_walk")),
    )
    op.create_index("ix_menu_walk_figures", "menu_walk", ["flow", "ending", "errors", "at", "version"])
    op.create_table(
        "menu_visit",
        *_where(),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_menu_visit_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "place", name=op.f("pk_menu_visit")),
    )
    op.create_index("ix_menu_visit_figures", "menu_visit", ["flow", "node", "way", "tenths", "at", "version", "fresh"])
    op.create_table(
        "menu_wrong",
        *_where(),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entered", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_menu_wrong_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "place", "number", name=op.f("pk_menu_wrong")),
    )
    op.create_index("ix_menu_wrong_figures", "menu_wrong", ["flow", "node", "entered", "at", "version"])


def _where() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """The steps themselves stay in the log."""
    op.drop_table("menu_wrong")
    op.drop_table("menu_visit")
    op.drop_table("menu_walk")
