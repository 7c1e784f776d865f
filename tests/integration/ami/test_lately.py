"""How the last hours' work went is read back from the call log after a restart: the real log, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from crm_core.domain.lately import Lately
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services
from crm_core.services.lately import LatelyLog
from cti import events as e
from cti import lately
from cti.lately import RecallLately
from cti.recall import Recall
from routing.messages import Missed, Remembered, Waited, Worked
from routing.reasons import Because
from routing.states import AgentState

ALICE, BOB, SERVICE = AgentId("alice"), AgentId("bob"), QueueKey("service")


@dataclass
class Book:
    """What was told, as time goes by."""

    clock: ManualClock
    told: list[Event]

    def is_(self, agent: AgentId, state: AgentState, before: AgentState, call: CallId | None = None) -> None:
        now = self.clock.now()
        self.told.append(e.AgentStateChanged(at=now, agent=agent, state=state, before=before, call=call))

    def comes(self, call: str, waits_s: float = 0) -> CallId:
        now, one = self.clock.now(), CallId(call)
        self.told += [
            e.CallArrived(at=now, call=one, server=ServerId("p"), direction=e.Direction.INBOUND, ani="1"),
            e.CallQueued(at=now, call=one, queue=SERVICE, requires={}),
        ]
        self.clock.advance(waits_s)
        return one

    def is_offered(self, call: CallId, agent: AgentId, offer: str) -> OfferId:
        because = Because(rule="only_one")
        self.told.append(
            e.CallOffered(
                at=self.clock.now(), call=call, agent=agent, extension="1", offer=OfferId(offer), queue=SERVICE,
                because=because,
            )
        )  # fmt: skip
        return OfferId(offer)

    def misses(self, call: CallId, agent: AgentId, offer: str) -> None:
        made = self.is_offered(call, agent, offer)
        self.clock.advance(20)
        failed = e.OfferFailed(at=self.clock.now(), call=call, agent=agent, offer=made, why=e.OfferFailure.NO_ANSWER)
        self.told.append(failed)

    def talks(self, call: CallId, agent: AgentId, offer: str = "") -> None:
        made = OfferId(offer) if offer else None
        self.told.append(e.CallConnected(at=self.clock.now(), call=call, agent=agent, party="1", offer=made))

    def ends(self, call: CallId, agents: tuple[AgentId, ...] = (), wrap_up_s: float | None = None) -> None:
        outcome = e.Outcome.ANSWERED if agents else e.Outcome.ABANDONED
        now = self.clock.now()
        self.told.append(e.CallEnded(at=now, call=call, outcome=outcome, hung_up_by=e.HungUpBy.CALLER, agents=agents))
        for agent in agents if wrap_up_s is not None else ():
            self.clock.advance(wrap_up_s or 0)
            told = e.CallWrappedUp(at=self.clock.now(), call=call, agent=agent, wrap_up_s=wrap_up_s or 0)
            self.told.append(told)


async def kept(book: Book, database: Database) -> Remembered:
    services = make_services(database, book.clock)
    for event in book.told:
        if isinstance(event, e.CallEvent):
            await services.calls.apply(event)
        else:
            await services.event_log.append(event)
    told = await Recall(services.event_log, services.calls, book.clock)()
    return await RecallLately(services.event_log, services.lately, book.clock)(told)


async def test_who_took_which_call_missed_which_and_who_waited_for_how_long(database: Database) -> None:
    book = Book(ManualClock(), [])
    book.is_(ALICE, AgentState.READY, AgentState.OFFLINE)
    book.is_(BOB, AgentState.READY, AgentState.OFFLINE)
    book.misses(book.comes("too long ago"), ALICE, "o0")
    book.clock.advance(lately.LATELY.total_seconds())
    first = book.comes("first", waits_s=7)
    book.misses(first, BOB, "o1")
    missed_at = book.clock.now() - timedelta(seconds=20)
    book.is_offered(first, ALICE, "o2")
    book.talks(first, ALICE, "o2")
    taken_at = book.clock.now()
    book.clock.advance(120)
    book.ends(first, (ALICE,), wrap_up_s=30)
    left = book.comes("left", waits_s=45)
    book.ends(left)
    left_at = book.clock.now()
    own = CallId("own")
    made = e.CallArrived(at=left_at, call=own, server=ServerId("p"), direction=e.Direction.OUTBOUND, ani="1", agent=BOB)
    book.told.append(made)
    book.talks(own, BOB)
    book.clock.advance(60)
    book.ends(own, (BOB,))
    now = book.comes("now")
    book.talks(now, ALICE)
    now_at = book.clock.now()
    book.clock.advance(60)
    found = await kept(book, database)
    assert found.worked == (
        Worked(agent=ALICE, call=first, queue=SERVICE, at=taken_at, until=taken_at + timedelta(seconds=150)),
        Worked(agent=BOB, call=own, queue=QueueKey(""), at=left_at, until=left_at + timedelta(seconds=60)),
        Worked(agent=ALICE, call=now, queue=SERVICE, at=now_at, until=None),
    )
    assert found.missed == (Missed(agent=BOB, at=missed_at),)
    assert found.waited == (
        Waited(queue=SERVICE, until=taken_at, waited_s=27, left=False),
        Waited(queue=SERVICE, until=left_at, waited_s=45, left=True),
        Waited(queue=SERVICE, until=now_at, waited_s=0, left=False),
    )


@pytest.mark.parametrize(("before", "counts"), [(AgentState.PAUSED, 0), (AgentState.RINGING, 1)])
async def test_what_was_missed_before_he_said_that_he_is_ready_does_not_count(
    database: Database, before: AgentState, counts: int
) -> None:
    book = Book(ManualClock(), [])
    book.is_(ALICE, AgentState.READY, AgentState.OFFLINE)
    book.clock.advance(1)
    book.misses(book.comes("one"), ALICE, "o1")
    book.is_(ALICE, AgentState.READY, before)
    assert len((await kept(book, database)).missed) == counts


async def test_where_all_phones_rang_and_another_was_answered_nobody_has_missed_it(database: Database) -> None:
    book = Book(ManualClock(), [])
    for agent in (ALICE, BOB):
        book.is_(agent, AgentState.READY, AgentState.OFFLINE)
    call = book.comes("one")
    book.is_offered(call, BOB, "o1-2")
    book.misses(call, ALICE, "o1-1")
    book.talks(call, BOB, "o1-2")
    found = await kept(book, database)
    assert ([one.agent for one in found.worked], found.missed) == ([BOB], ())


class Slow(LatelyLog):
    async def read(self, *_: object) -> Lately:
        raise TimeoutError


async def test_nobody_waits_long_for_it(database: Database) -> None:
    clock = ManualClock()
    services = make_services(database, clock)
    assert await RecallLately(services.event_log, Slow(database), clock)([]) == Remembered()
