"""Calls know their transfers, advice and paperwork; of several people who wrote about a call each keeps his note."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("call", sa.Column("consult_s", sa.Float(), nullable=True))
    op.add_column("call", sa.Column("wrap_up_s", sa.Float(), nullable=True))
    op.add_column("call", sa.Column("into_id", sa.Text(), nullable=True))
    op.add_column("call", sa.Column("transfers", _JSON, server_default="[]", nullable=False))
    op.add_column("call_leg", sa.Column("wrap_up_s", sa.Float(), nullable=True))
    op.create_table(
        "call_note",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_call_note_by_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_note_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["disposition"], ["disposition.code"], name=op.f("fk_call_note_disposition")),
        sa.PrimaryKeyConstraint("call_id", "by_id", name=op.f("pk_call_note")),
    )
    call = sa.table("call", *map(sa.column, ("id", "disposed_by", "disposed_at", "note", "disposition")))
    note = sa.table("call_note", *map(sa.column, ("call_id", "by_id", "at", "note", "disposition")))
    written = sa.select(*call.c).where(call.c.disposed_by.is_not(None), call.c.disposed_at.is_not(None))
    op.execute(note.insert().from_select([column.name for column in note.c], written))


def downgrade() -> None:
    """Of several notes about a call the last one stays. (Column by column: to copy the table would take away on SQLite
    what hangs on its rows.)"""
    op.drop_table("call_note")
    op.drop_column("call_leg", "wrap_up_s")
    for name in ("transfers", "into_id", "wrap_up_s", "consult_s"):
        op.drop_column("call", name)
