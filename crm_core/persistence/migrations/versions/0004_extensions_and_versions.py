"""Extensions of one number are numbers of their own; a customer counts his changes."""

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


def downgrade() -> None:
    """Of links that differ only in their extension the first stays."""
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
