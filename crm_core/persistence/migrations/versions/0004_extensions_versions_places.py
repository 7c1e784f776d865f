"""Extensions of one number are numbers of their own; a customer counts his changes; where somebody has logged in from
is remembered; the language of the screens may be left to the browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OF_CUSTOMER, _OF_CONTACT = sa.text("contact_id IS NULL"), sa.text("contact_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("customer", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    _index_anew("number_key", "extension")
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
    """Of links that differ only in their extension the first stays."""
    filled: sa.ColumnElement[str] = sa.func.coalesce(sa.column("language"), "zh")
    _language(sa.Column("other", sa.Text(), server_default="zh", nullable=False), filled)
    op.drop_table("login_place")
    link = sa.table("phone_link", *map(sa.column, ("id", "number_key", "customer_id", "contact_id")))
    whose = (link.c.number_key, link.c.customer_id, link.c.contact_id)
    op.execute(link.delete().where(link.c.id.not_in(sa.select(sa.func.min(link.c.id)).group_by(*whose))))
    _index_anew("number_key")
    op.drop_column("customer", "version")


def _index_anew(*number: str) -> None:
    for owner, name, where in (
        ("customer_id", "uq_phone_link_customer", _OF_CUSTOMER),
        ("contact_id", "uq_phone_link_contact", _OF_CONTACT),
    ):
        op.drop_index(name, table_name="phone_link")
        op.create_index(name, "phone_link", [*number, owner], unique=True, sqlite_where=where, postgresql_where=where)


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
