"""The migrations make exactly what `tables.py` says, on both databases, forwards and back."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId
from crm_core.kernel.language import Language
from crm_core.persistence import migrate
from crm_core.persistence.database import Database
from crm_core.persistence.types import Json, UtcTime
from crm_core.services.bundle import make_services
from crm_core.services.event_log import EventLog


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


async def test_changes_logged_before_are_found_by_what_they_changed(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    line = {"topic": "audit", "at": datetime(2026, 1, 5, tzinfo=UTC), "body": {"subject": "cbk_1", "action": "x"}}
    await database.upgrade()
    async with database.session() as connection:
        await connection.run_sync(migrate.downgrade, "0002")
        typed = (sa.column("at", UtcTime()), sa.column("body", Json))
        log = sa.table("event_log", sa.column("message_id"), sa.column("topic"), *typed)
        await connection.execute(log.insert(), [line | {"message_id": "m1"}, line | {"message_id": "m2", "topic": "x"}])
        await connection.run_sync(migrate.upgrade)
    found = await EventLog(database).of_subject("cbk_1")
    assert [(one.message_id, one.subject) for one in found] == [("m1", "cbk_1")]
    await database.close()


async def test_going_back_before_extensions_keeps_one_link_of_each_number(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await database.upgrade()
    services = make_services(database, ManualClock())
    firm = await services.customers.create(name="厂")
    for extension in ("801", "802"):
        await services.customers.add_number(firm.id, f"021-64881234-{extension}")
    await services.customers.add_number(firm.id, "13800138000")
    async with database.session() as connection:
        await connection.run_sync(migrate.downgrade, "0002")
        await connection.run_sync(migrate.upgrade)
    numbers = (await services.customers.details(firm.id)).numbers
    assert [link.number.whole for link in numbers] == ["+862164881234-801", "+8613800138000"]
    await database.close()


async def test_who_has_chosen_a_language_keeps_it_and_all_that_is_his(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await database.upgrade()
    users = (services := make_services(database, ManualClock())).users
    alice, bob = [await users.create(login=one, password="correct horse", name=one) for one in ("alice", "bob")]
    await users.set_language(alice.id, Language.EN)
    token = await services.sessions.start(alice.id)
    async with database.session() as connection:
        await connection.run_sync(migrate.downgrade, "0002")
        await connection.run_sync(migrate.upgrade)
    languages = [(await users.get(one.id)).language for one in (alice, bob)]
    assert languages == [Language.EN, Language.ZH]
    assert (await services.sessions.resolve(token)) is not None
    await database.close()


async def test_a_note_of_before_is_its_writers_and_the_last_one_stays_on_the_way_back(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await database.upgrade()
    services = make_services(database, ManualClock())
    alice = await services.users.create(login="alice", password="correct horse", name="alice")
    bob = await services.users.create(login="bob", password="correct horse", name="bob")
    call = CallId("c1")
    await services.calls.expect(call, datetime(2026, 1, 5, tzinfo=UTC))
    await services.calls.set_disposition(call, None, "first", by=alice.id)
    await services.calls.set_disposition(call, None, "second", by=bob.id)
    async with database.session() as connection:
        await connection.run_sync(migrate.downgrade, "0005")
        await connection.run_sync(migrate.upgrade)
    assert [(one.by, one.note) for one in await services.calls.notes(call)] == [(bob.id, "second")]
    assert (await services.calls.get(call)).note == "second"
    await database.close()
