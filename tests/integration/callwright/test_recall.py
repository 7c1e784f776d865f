"""What is read back from the log of promises and places after a restart of ours: all kinds of them, in its order."""

from __future__ import annotations

from datetime import timedelta

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services
from cti import events as e
from cti.recall import Recall

CALL, MADE, ALICE, SERVICE = CallId("first"), CallId("made"), AgentId("alice"), QueueKey("service")


async def test_promises_of_a_month_and_places_of_an_hour_in_the_order_they_were_told(database: Database) -> None:
    clock = ManualClock()
    services = make_services(database, clock)
    now, log = clock.now(), services.event_log
    promised = e.CallbackPromised(call=CALL, at=now, number="1", queue=SERVICE, since=now)
    began = e.CallbackBegan(
        call=MADE, at=now, of=CALL, promised_at=now, since=now, queue=SERVICE, number="1", agent=ALICE
    )
    accepted = e.CallbackAccepted(call=MADE, at=now, of=CALL, agent=ALICE)
    tried = e.CallbackTried(
        call=CALL, at=now, by=MADE, agent=ALICE, outcome=e.Outcome.BUSY, tries=1, again_at=now + timedelta(minutes=5)
    )
    kept = e.CallPlaceKept(call=CALL, at=now, ani="1", queues=(SERVICE,), since=now, until=now)
    again = e.CallbackPromised(call=CallId("second"), at=now, number="1", queue=SERVICE, since=now)
    done = e.CallbackDone(call=CALL, at=now, by=again.call, agent=None, himself=True)
    told: list[Event] = [promised, began, accepted, tried, kept, again, done]
    for event in told:
        await log.append(event)
    recall = Recall(log, services.calls, clock)
    assert list(await recall()) == [kept, promised, began, accepted, tried, again, done]
    clock.advance(10 * 24 * 3600)
    assert list(await recall()) == [promised, began, accepted, tried, again, done]
    clock.advance(30 * 24 * 3600)
    assert list(await recall()) == []
