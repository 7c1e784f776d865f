"""What is journaled comes back after our restart: the real log on both databases, also while it was locked."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.engine import make_url

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import make_services
from cti import events as e
from cti import recall
from cti.journal import Journal
from cti.recall import Recall
from routing.reasons import Because
from routing.states import AgentState
from tests.support.waiting import eventually

ALICE, BOB = AgentId("alice"), AgentId("bob")
ENDED, LIVE, WRAPPED = CallId("c-ended"), CallId("c-live"), CallId("c-wrapped")


def story(clock: ManualClock) -> list[Event]:
    """Yesterday's end of shift, one call that is over, one that lives, one whose paperwork is not done."""
    told: list[Event] = []

    def tell(event: Event) -> None:
        told.append(event)
        clock.advance(1)

    def arrives(call: CallId) -> None:
        tell(e.CallArrived(at=clock.now(), call=call, server=ServerId("p"), direction=e.Direction.INBOUND, ani="1"))

    def state(agent: AgentId, state: AgentState, call: CallId | None = None) -> None:
        tell(e.AgentStateChanged(at=clock.now(), agent=agent, state=state, call=call))

    def ends(call: CallId) -> None:
        outcome, by = e.Outcome.ANSWERED, e.HungUpBy.CALLER
        tell(e.CallEnded(at=clock.now(), call=call, outcome=outcome, hung_up_by=by))

    state(BOB, AgentState.READY)
    clock.advance(recall.FORGET_AFTER.total_seconds())
    state(ALICE, AgentState.READY)
    arrives(ENDED)
    ends(ENDED)
    arrives(LIVE)
    offer = e.CallOffered(
        at=clock.now(), call=LIVE, agent=ALICE, extension="1001", offer=OfferId("o1"), queue=QueueKey("service"),
        because=Because(rule="only_one"),
    )  # fmt: skip
    tell(offer)
    arrives(WRAPPED)
    ends(WRAPPED)
    state(ALICE, AgentState.WRAP_UP, WRAPPED)
    return told


async def write(database: Database, clock: ManualClock, told: Sequence[Event]) -> None:
    services = make_services(database, clock)
    bus = InProcessBus(first_pause=0.01, longest_pause=0.05)
    async with Journal(bus, services.calls, services.event_log):
        for event in told:
            bus.publish(event)
        await bus.close()


async def test_what_matters_comes_back_in_the_order_it_was_told(database: Database) -> None:
    clock = ManualClock()
    told = story(clock)
    await write(database, clock, told)
    services = make_services(database, clock)
    remembered = await Recall(services.event_log, services.calls, clock)()
    assert [event for event in remembered if isinstance(event, e.AgentStateChanged)] == [told[-1]]
    assert [event for event in remembered if isinstance(event, e.CallEvent) and event.call == LIVE] == told[4:6]
    assert [event for event in remembered if isinstance(event, e.CallEvent) and event.call == WRAPPED] == told[6:8]
    assert not [event for event in remembered if isinstance(event, e.CallEvent) and event.call == ENDED]


async def test_places_that_are_kept_come_back_although_their_calls_are_over(database: Database) -> None:
    clock = ManualClock()
    services = make_services(database, clock)

    def kept(call: CallId) -> e.CallPlaceKept:
        now = clock.now()
        return e.CallPlaceKept(at=now, call=call, ani="1", queues=(QueueKey("service"),), since=now, until=now)

    long_ago = kept(LIVE)
    clock.advance(recall.LONGEST_KEPT.total_seconds() + 1)
    one, other = kept(ENDED), kept(WRAPPED)
    back = e.CallPlaceGivenBack(
        at=clock.now(), call=LIVE, former=ENDED, queue=QueueKey("service"), since=one.since, instead_of=clock.now()
    )
    for event in (long_ago, one, other, back):
        await services.event_log.append(event)
    assert await Recall(services.event_log, services.calls, clock)() == [one, other, back]


async def test_a_clock_of_ours_that_is_ahead_does_not_turn_the_story_around(database: Database) -> None:
    """What we decide carries our time, what happens on the line carries Asterisk's: three seconds behind ours."""
    clock = ManualClock()
    asterisks, ours = clock.now(), clock.now() + timedelta(seconds=3)
    offer = OfferId("o1")
    told: list[Event] = [
        e.CallArrived(at=asterisks, call=LIVE, server=ServerId("p"), direction=e.Direction.INBOUND, ani="1"),
        e.CallQueued(at=asterisks, call=LIVE, queue=QueueKey("service"), requires={}),
        e.CallOffered(
            at=ours, call=LIVE, agent=ALICE, extension="1001", offer=offer, queue=QueueKey("service"),
            because=Because(rule="only_one"),
        ),
        e.CallRinging(at=asterisks + timedelta(seconds=1), call=LIVE, agent=ALICE, offer=offer),
        e.CallConnected(at=asterisks + timedelta(seconds=2), call=LIVE, agent=ALICE, party="1001", offer=offer),
    ]  # fmt: skip
    await write(database, clock, told)
    services = make_services(database, clock)
    assert await Recall(services.event_log, services.calls, clock)() == told


async def test_an_empty_log_remembers_nothing(database: Database) -> None:
    clock = ManualClock()
    services = make_services(database, clock)
    assert await Recall(services.event_log, services.calls, clock)() == []


async def test_the_beginning_of_today_is_found_in_a_long_log(database: Database) -> None:
    clock = ManualClock()
    services = make_services(database, clock)
    for number in range(60):
        event = e.AgentStateChanged(at=clock.now(), agent=AgentId(f"a{number}"), state=AgentState.READY)
        await services.event_log.append(event)
        clock.advance(3600)
    remembered = await Recall(services.event_log, services.calls, clock)()
    assert len(remembered) == recall.FORGET_AFTER // timedelta(hours=1)


async def test_a_locked_database_delays_the_log_and_loses_nothing(sqlite_database: Database) -> None:
    clock = ManualClock()
    told = story(clock)
    file = make_url(sqlite_database.url).database
    assert file is not None
    locker = sqlite3.connect(file, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(write(sqlite_database, clock, told))
    services = make_services(sqlite_database, clock)
    await asyncio.sleep(0.3)  # long enough for the journal to run into the lock
    assert not await services.event_log.read()
    locker.execute("ROLLBACK")
    locker.close()
    await writing
    lines = await eventually("all of them", lambda: _lines(sqlite_database, clock, len(told)))
    assert [line.topic for line in lines] == [event.topic for event in told]


async def _lines(database: Database, clock: ManualClock, count: int):  # type: ignore[no-untyped-def]
    lines = await make_services(database, clock).event_log.read()
    return lines if len(lines) == count else None
