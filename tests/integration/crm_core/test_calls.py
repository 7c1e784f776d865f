"""The call log on a real database: events in, people's words beside them, both kept."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from crm_core.domain.calls import CallFilter, CallOutcome
from crm_core.domain.customers import Certainty
from crm_core.domain.users import User
from crm_core.errors import CallNotFound, ContactNotFound, CustomerNotFound, DispositionNotFound
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, ContactId, CustomerId, OfferId, QueueKey, ServerId
from crm_core.kernel.messages import Event
from crm_core.services.bundle import Services
from cti.events import (
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallMissed,
    CallOffered,
    CallQueued,
    CallRinging,
    CallStepped,
    CallTransferred,
    CallWrappedUp,
    Direction,
    HungUpBy,
    OfferFailure,
    Outcome,
    RecordingStarted,
    TransferKind,
    TransferOutcome,
)
from routing.reasons import Because

MOBILE = "13800138000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered(Event):
    topic: ClassVar[str] = "test.unregistered"
    call: CallId


def story(call: str, start: datetime, *, ani: str = MOBILE, agent: str = "usr_a", answered: bool = True) -> list[Event]:
    name, offer = CallId(call), OfferId(f"off_{call}")

    def at(seconds: int) -> datetime:
        return start + timedelta(seconds=seconds)

    arrived = CallArrived(
        at=at(0), call=name, server=ServerId("pbx1"), direction=Direction.INBOUND, ani=ani, ani_name="Wei",
        dnis="4008000",
    )  # fmt: skip
    waiting: list[Event] = [
        arrived,
        CallStepped(at=at(3), call=name, flow="main", node="topic", entered="2", label="repair"),
        CallQueued(at=at(5), call=name, queue=QueueKey("service"), requires={"zh": 1}, intent="repair"),
        CallOffered(
            at=at(6), call=name, agent=AgentId(agent), extension="1001", offer=offer, queue=QueueKey("service"),
            because=Because(rule="only_one"),
        ),
    ]  # fmt: skip
    if not answered:
        gone = CallEnded(at=at(9), call=name, outcome=Outcome.ABANDONED, hung_up_by=HungUpBy.CALLER, wait_s=4.0)
        return [*waiting, gone]
    return [
        *waiting,
        CallConnected(at=at(10), call=name, agent=AgentId(agent), party="1001", offer=offer),
        RecordingStarted(at=at(10), call=name, file=f"{call}.wav"),
        CallEnded(
            at=at(60), call=name, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.AGENT, wait_s=5.0, talk_s=50.0,
            agents=(AgentId(agent),),
        ),
    ]  # fmt: skip


async def test_a_known_caller_is_linked_and_the_link_was_used(services: Services, clock: ManualClock) -> None:
    zhang = await services.customers.create(name="张伟")
    await services.customers.add_number(zhang.id, MOBILE, confirmed=True)
    for event in story("c1", clock.now()):
        await services.calls.apply(event)
    call = await services.calls.get(CallId("c1"))
    assert (call.certainty, call.customer, call.customer_by) == (Certainty.KNOWN, zhang.id, None)
    assert (call.outcome, call.recorded, call.number.key) == (CallOutcome.ANSWERED, True, f"+86{MOBILE}")
    (link,) = (await services.customers.details(zhang.id)).numbers
    assert link.last_used == clock.now()
    assert [leg.agent for leg in await services.calls.legs(CallId("c1"))] == ["usr_a"]


@pytest.mark.parametrize("certainty", [Certainty.MAYBE, Certainty.SEVERAL, Certainty.NEW, Certainty.ANONYMOUS])
async def test_nobody_is_linked_on_a_guess(services: Services, clock: ManualClock, certainty: Certainty) -> None:
    how_many = {Certainty.MAYBE: 1, Certainty.SEVERAL: 2}.get(certainty, 0)
    for number in range(how_many):
        made = await services.customers.create(name=f"客户{number}")
        await services.customers.add_number(made.id, MOBILE, confirmed=how_many > 1)
    ani = "anonymous" if certainty is Certainty.ANONYMOUS else MOBILE
    await services.calls.apply_all(story("c1", clock.now(), ani=ani))
    call = await services.calls.get(CallId("c1"))
    assert (call.certainty, call.customer) == (certainty, None)


async def test_no_event_touches_what_people_said(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟")
    await services.customers.add_number(zhang.id, MOBILE, confirmed=True)
    other = await services.customers.create(name="李四")
    li = await services.customers.add_contact(other.id, name="李")
    await services.dispositions.create("done", {"zh": "已解决", "en": "Solved"})
    events = story("c1", clock.now())
    await services.calls.apply_all(events[:4])
    await services.calls.set_customer(CallId("c1"), other.id, li.id, by=alice.id)
    await services.calls.set_disposition(CallId("c1"), "done", "  all well ", by=alice.id)
    for event in reversed(events):
        await services.calls.apply(event)
    call = await services.calls.get(CallId("c1"))
    assert (call.customer, call.contact, call.customer_by) == (other.id, li.id, alice.id)
    assert (call.disposition, call.note, call.disposed_by) == ("done", "all well", alice.id)
    assert call.ended_at is not None


async def test_each_persons_note_is_kept_and_the_call_shows_the_last(
    services: Services, clock: ManualClock, alice: User
) -> None:
    bob = await services.users.create(login="bob", password="correct horse", name="陈博")
    await services.dispositions.create("done", {"zh": "已解决", "en": "Solved"})
    await services.calls.apply_all(story("c1", clock.now()))
    call = CallId("c1")
    await services.calls.set_disposition(call, "done", "wants a new filter", by=alice.id)
    clock.advance(60)
    shown = await services.calls.set_disposition(call, None, "", by=bob.id)
    assert (shown.note, shown.disposition, shown.disposed_by) == ("wants a new filter", "done", bob.id)
    shown = await services.calls.set_disposition(call, None, "comes on Friday", by=bob.id)
    assert (shown.note, shown.disposition) == ("comes on Friday", "done")
    assert [(one.by, one.note, one.disposition) for one in await services.calls.notes(call)] == [
        (alice.id, "wants a new filter", "done"),
        (bob.id, "comes on Friday", None),
    ]
    for word in ("filter", "Friday"):
        assert [one.id for one in await services.calls.search(CallFilter(text=word))] == [call]
    clock.advance(60)
    await services.calls.set_disposition(call, None, "wants two", by=alice.id)
    assert [one.note for one in await services.calls.notes(call)] == ["comes on Friday", "wants two"]
    with pytest.raises(CallNotFound):
        await services.calls.notes(CallId("nobody"))


async def test_transfers_advice_and_paperwork_are_kept(services: Services, clock: ManualClock) -> None:
    now, call, alice, bob = clock.now(), CallId("c1"), AgentId("usr_a"), AgentId("usr_b")

    def at(seconds: int) -> datetime:
        return now + timedelta(seconds=seconds)

    started = story("c1", now)
    events = [
        *started[:-1],
        CallDisconnected(at=at(30), call=call, agent=alice, party="1001"),
        CallRinging(at=at(31), call=call, agent=bob, party="1002", by="1001"),
        CallConnected(at=at(35), call=call, agent=bob, party="1002"),
        CallTransferred(
            at=at(35), call=call, kind=TransferKind.BLIND, by="1001", to="1002", outcome=TransferOutcome.COMPLETED,
            by_agent=alice, to_agent=bob,
        ),
        CallEnded(
            at=at(60), call=call, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER, talk_s=50.0, consult_s=4.0,
            agents=(alice, bob),
        ),
        CallWrappedUp(at=at(50), call=call, agent=alice, wrap_up_s=20.0),
        CallWrappedUp(at=at(70), call=call, agent=bob, wrap_up_s=10.0),
        CallWrappedUp(at=at(99), call=call, agent=bob, wrap_up_s=5.0),
    ]  # fmt: skip
    random.Random(5).shuffle(events)
    for event in (*events, *events):
        await services.calls.apply(event)
    record = await services.calls.get(call)
    assert (record.consult_s, record.wrap_up_s, record.into) == (4.0, 35.0, None)
    (transfer,) = record.transfers
    assert (transfer.at, transfer.by_agent, transfer.to_agent, transfer.outcome) == (at(35), alice, bob, "completed")
    first, second = await services.calls.legs(call)
    assert (first.wrap_up_s, second.wrap_up_s) == (20.0, 15.0)
    assert (second.agent, second.ringing_at, second.connected_at) == (bob, at(31), at(35))


async def test_a_phone_that_rang_in_vain_is_a_part_of_the_call(services: Services, clock: ManualClock) -> None:
    now, call, bob = clock.now(), CallId("c1"), AgentId("usr_b")
    for event in (
        CallArrived(
            at=now, call=call, server=ServerId("pbx1"), direction=Direction.INTERNAL, ani="1001", dnis="1002",
            agent=AgentId("usr_a"),
        ),
        CallRinging(at=now + timedelta(seconds=1), call=call, agent=bob, party="1002"),
        CallMissed(at=now + timedelta(seconds=9), call=call, agent=bob, party="1002", why=OfferFailure.NO_ANSWER),
    ):  # fmt: skip
        await services.calls.apply(event)
    (leg,) = await services.calls.legs(call)
    assert (leg.agent, leg.party, leg.failure) == (bob, "1002", "no_answer")


async def test_unlinking_is_respected(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟", number=MOBILE)
    events = story("c1", clock.now())
    await services.calls.apply_all(events[:2])
    assert (await services.calls.get(CallId("c1"))).customer == zhang.id
    await services.calls.set_customer(CallId("c1"), None, by=alice.id)
    await services.calls.apply_all(events)
    assert (await services.calls.get(CallId("c1"))).customer is None


async def test_any_order_any_number_of_times(services: Services, clock: ManualClock) -> None:
    await services.calls.apply_all(story("straight", clock.now()))
    shuffled = story("mixed", clock.now()) * 2
    random.Random(7).shuffle(shuffled)
    for event in shuffled:
        await services.calls.apply(event)
    straight, mixed = await services.calls.get(CallId("straight")), await services.calls.get(CallId("mixed"))
    for name in ("started_at", "queued_at", "connected_at", "ended_at", "path", "agents", "outcome", "wait_s"):
        assert getattr(straight, name) == getattr(mixed, name)
    assert len(await services.calls.events(CallId("mixed"))) == len(story("mixed", clock.now()))
    assert len(await services.recordings.of_call(CallId("mixed"))) == 1


async def test_the_histories_of_many_calls_are_told_in_few_questions(
    services: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_core.services.calls.QUESTION_OF", 2)
    calls = [CallId(f"c{number}") for number in range(5)]
    for call in calls:
        await services.calls.apply_all(story(call, clock.now()))
    histories = await services.calls.histories([*calls, CallId("of whom nobody spoke")])
    assert histories.keys() == set(calls)
    for call in calls:
        assert histories[call] == sorted(await services.calls.events(call), key=lambda line: line.position)


async def test_many_journals_at_once_lose_nothing(services: Services, clock: ManualClock) -> None:
    calls = [f"c{number}" for number in range(6)]
    events = [event for call in calls for event in story(call, clock.now())]
    random.Random(3).shuffle(events)
    await asyncio.gather(*(services.calls.apply(event) for event in events))
    for call in calls:
        record = await services.calls.get(CallId(call))
        assert (record.outcome, len(record.path), record.recorded) == (CallOutcome.ANSWERED, 1, True)
    assert len(await services.event_log.read(limit=1000)) == len(events)


async def test_events_of_unknown_kinds_are_kept(services: Services, clock: ManualClock) -> None:
    await services.calls.apply(Unregistered(at=clock.now(), call=CallId("c9")))
    (line,) = await services.event_log.read(topic="test.*")
    assert line.call == "c9"
    with pytest.raises(CallNotFound):
        await services.calls.get(CallId("c9"))


@pytest.mark.parametrize("digits", ["23456789", "2345 6789", "2345-6789", "１３９２３４５", "139-2345-6789"])
async def test_digits_that_could_be_a_local_number_are_the_end_of_a_mobile_too(
    services: Services, clock: ManualClock, digits: str
) -> None:
    customer = await services.customers.create(name="李", number="13623456789")
    for call, ani in (("c1", "13923456789"), ("c2", MOBILE), ("c3", "02123456789")):
        await services.calls.apply_all(story(call, clock.now(), ani=ani))
    await services.calls.set_customer(CallId("c2"), customer.id)
    found = {call.id for call in await services.calls.search(CallFilter(text=digits))}
    assert found == ({"c1", "c2", "c3"} if digits.endswith("6789") and len(digits) < 11 else {"c1"})


async def test_search(services: Services, clock: ManualClock) -> None:
    zhang = await services.customers.create(name="张伟", number=MOBILE)
    start = clock.now()
    await services.calls.apply_all(story("c1", start))
    await services.calls.apply_all(story("c2", start + timedelta(hours=1), ani="02164881234", answered=False))
    await services.calls.apply_all(story("c3", start + timedelta(hours=2), ani="", agent="usr_b")[:4])

    async def found(**filters: object) -> list[str]:
        return [call.id for call in await services.calls.search(CallFilter(**filters))]  # type: ignore[arg-type]

    assert await found() == ["c3", "c2", "c1"]
    assert await found(customer=zhang.id) == ["c1"]
    assert await found(text="张伟") == await found(text="0138 0013 8000") == await found(text="138001") == ["c1"]
    assert await found(text="6488") == await found(text="02164881234") == ["c2"]
    assert await found(outcome=CallOutcome.ABANDONED) == ["c2"]
    assert await found(agent="usr_a") == ["c1"]
    assert await found(live=True) == ["c3"]
    assert await found(live=False) == ["c2", "c1"]
    assert await found(undisposed=True) == ["c1"]
    assert await found(since=start + timedelta(hours=1), until=start + timedelta(hours=2)) == ["c2"]
    assert await found(queue="vip") == []
    assert [call.id for call in await services.calls.of_customer(zhang.id)] == ["c1"]


async def test_wrong_ids_are_named(services: Services, clock: ManualClock) -> None:
    await services.calls.apply_all(story("c1", clock.now()))
    zhang = await services.customers.create(name="张伟")
    with pytest.raises(CallNotFound):
        await services.calls.set_customer(CallId("none"), zhang.id)
    with pytest.raises(CallNotFound):
        await services.calls.legs(CallId("none"))
    with pytest.raises(CustomerNotFound):
        await services.calls.set_customer(CallId("c1"), CustomerId("none"))
    with pytest.raises(ContactNotFound):
        await services.calls.set_customer(CallId("c1"), zhang.id, ContactId("none"))
    with pytest.raises(DispositionNotFound):
        await services.calls.set_disposition(CallId("c1"), "none")


async def test_a_call_can_be_expected(services: Services, clock: ManualClock) -> None:
    zhang = await services.customers.create(name="张伟")
    await services.calls.expect(CallId("c1"), clock.now())
    await services.calls.set_customer(CallId("c1"), zhang.id)
    await services.calls.apply_all(story("c1", clock.now()))
    await services.calls.expect(CallId("c1"), clock.now())
    call = await services.calls.get(CallId("c1"))
    assert (call.customer, call.dnis) == (zhang.id, "4008000")


async def test_what_a_caller_sends_is_harmless(services: Services, clock: ManualClock) -> None:
    hostile = "'); DROP TABLE call;-- <script>\x00\udcff" * 20
    await services.calls.apply(
        CallArrived(
            at=clock.now(), call=CallId("c1"), server=ServerId("pbx1"), direction=Direction.INBOUND, ani=hostile,
            ani_name=hostile, dnis=hostile,
        )
    )  # fmt: skip
    call = await services.calls.get(CallId("c1"))
    assert call.ani_name.startswith("'); DROP TABLE call;-- <script>")
    assert (len(call.ani), len(call.ani_name)) == (100, 100)
