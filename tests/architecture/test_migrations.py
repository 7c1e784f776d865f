"""The migrations make exactly what `tables.py` says, on both databases, forwards and back."""

from __future__ import annotations

import sqlalchemy as sa

from crm_core.persistence import migrate
from crm_core.persistence.database import Database


async def test_the_chain_makes_the_schema(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await database.upgrade()
    async with database.session() as connection:
        assert await connection.run_sync(migrate.differences) == []
        assert await connection.run_sync(migrate.found) == migrate.newest()
    await database.check()
    await database.close()


async def test_the_chain_can_be_gone_back(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await database.upgrade()
    async with database.session() as connection:
        await connection.run_sync(migrate.downgrade)
        left = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        assert left == ["alembic_version"]
    await database.upgrade()
    await database.close()


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    await database.upgrade()
    await database.check()
