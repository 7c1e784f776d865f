"""A past day as the log has it: the calls that asked for a person, and what agents were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from crm_core.kernel.ids import AgentId
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services
from crm_core.services.past_days import WAY_OF_A_CALL, PastDays
from tests.support.past_day import busy_morning

DAY = datetime(2026, 1, 4, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


async def keep(services: Services, *days: datetime, calls: int = 12) -> PastDays:
    for day in days:
        await services.calls.apply_all(busy_morning(day, AgentId("alice"), [AgentId("bob")], calls=calls))
    return services.past_days


async def test_calls_count_for_the_day_on_which_they_asked_for_a_person(services: Services) -> None:
    log = await keep(services, DAY, NEXT)
    assert await log.asked(DAY, NEXT) == 12
    assert await log.asked(DAY, NEXT + timedelta(days=1)) == 24
    morning = DAY + timedelta(hours=9, minutes=1, seconds=5)
    assert await log.asked(morning, morning + timedelta(seconds=1)) == 1
    assert await log.asked(DAY - timedelta(days=1), DAY) == 0


async def test_what_was_told_of_their_way_comes_call_by_call_in_order(services: Services) -> None:
    log = await keep(services, DAY, calls=230)
    calls = [lines async for lines in log.calls(DAY, NEXT)]
    assert len(calls) == 230
    assert all(len({line.call for line in lines}) == 1 for lines in calls)
    assert all([line.at for line in lines] == sorted(line.at for line in lines) for lines in calls)
    assert {line.topic for lines in calls for line in lines} <= set(WAY_OF_A_CALL)
    assert [line.topic for line in calls[0]] == [
        "call.queued",
        "call.offered",
        "call.connected",
        "call.disconnected",
        "call.ended",
        "call.wrapped_up",
    ]


async def test_what_agents_were_comes_in_order_of_time(services: Services) -> None:
    log = await keep(services, NEXT, DAY)
    found = [line async for piece in log.states(DAY, NEXT) for line in piece]
    assert [(line.at.hour, line.body["agent"], line.body["state"]) for line in found] == [
        (9, "alice", "ready"),
        (9, "bob", "ready"),
        (12, "alice", "offline"),
        (12, "bob", "offline"),
    ]
    assert [len(piece) async for piece in log.states(DAY - timedelta(days=1), DAY)] == [0]


async def test_the_log_is_not_read_for_it_as_a_whole(sqlite_database: Database) -> None:
    query = (
        "EXPLAIN QUERY PLAN SELECT * FROM event_log WHERE topic = 'agent.state_changed'"
        " AND at >= '2026' AND at < '2027' ORDER BY at, position"
    )
    async with sqlite_database.reading() as connection:
        plan = (await connection.execute(text(query))).all()
    assert [row.detail for row in plan] == [
        "SEARCH event_log USING INDEX ix_event_log_agent_states (topic=? AND at>? AND at<?)"
    ]
