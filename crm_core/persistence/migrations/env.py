"""Run by Alembic for `crm_core.persistence.migrate`, on the connection it is given."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from crm_core.persistence.tables import metadata
from crm_core.persistence.types import Json, OneOf, UtcTime, Words


def stock_types(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations speak of SQLAlchemy's own types, so that they stay true when ours change."""
    if kind != "type":
        return False
    if item is Json:
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    if isinstance(item, Words | OneOf):
        return "sa.Text()"
    return "sa.DateTime(timezone=True)" if isinstance(item, UtcTime) else False


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    render_item=stock_types,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
