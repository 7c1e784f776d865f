"""Where somebody has logged in from is remembered; the language of the screens may be left to the browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_place",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_place_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "ip", name=op.f("pk_login_place")),
    )
    _language(sa.Column("other", sa.Text(), nullable=True), sa.column("language"))


def downgrade() -> None:
    filled: sa.ColumnElement[str] = sa.func.coalesce(sa.column("language"), "zh")
    _language(sa.Column("other", sa.Text(), server_default="zh", nullable=False), filled)
    op.drop_table("login_place")


def _language(column: sa.Column[str], value: sa.ColumnElement[str]) -> None:
    """A column of its own takes the place of the old one: SQLite changes none, and to copy the table with all that
    refers to it would take away what hangs on its rows."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.update(sa.table("user", sa.column("language"))).values(language=value))
        op.alter_column("user", "language", nullable=column.nullable)
        return
    user = sa.table("user", sa.column("other"), sa.column("language"))
    op.add_column("user", column)
    op.execute(user.update().values(other=value))
    op.execute('ALTER TABLE "user" DROP COLUMN language')
    op.execute('ALTER TABLE "user" RENAME COLUMN other TO language')
