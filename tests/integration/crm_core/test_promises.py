"""Tickets and callbacks."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.domain.calls import CallFilter
from crm_core.domain.floor import Queue
from crm_core.domain.tickets import EntryKind, TicketFilter, TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import User
from crm_core.errors import (
    CallbackNotFound,
    CallbackOver,
    CallNotFound,
    ContactNotFound,
    CustomerNotFound,
    FieldInvalid,
    NumberUnusable,
    QueueNotFound,
    TicketChangedMeanwhile,
    TicketClosed,
    TicketNotFound,
    TicketNotInLine,
    TicketOver,
    TicketTaken,
    UserNotFound,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, QueueKey, TicketId, UserId
from crm_core.persistence import tables as t
from crm_core.persistence.log import audit
from crm_core.services.bundle import Services

MOBILE = "13800138000"


async def test_numbers_count_within_the_day_of_the_house(services: Services, clock: ManualClock) -> None:
    numbers = [(await services.tickets.create(subject="x")).number for _ in range(2)]
    clock.advance(timedelta(hours=7, minutes=30).total_seconds())  # 00:30 on the 6th in Shanghai
    numbers.append((await services.tickets.create(subject="x")).number)
    assert numbers == ["T-20260105-0001", "T-20260105-0002", "T-20260106-0001"]


async def test_numbers_are_never_given_twice(services: Services) -> None:
    made = await asyncio.gather(*(services.tickets.create(subject=f"ticket {n}") for n in range(20)))
    assert sorted(ticket.number[-4:] for ticket in made) == [f"{n:04d}" for n in range(1, 21)]


async def test_the_life_of_a_ticket(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟", number=MOBILE)
    await services.calls.expect(CallId("c1"), clock.now())
    ticket = await services.tickets.create(
        subject=" 电梯  坏了 ", type=TicketType.REPAIR, customer=zhang.id, call=CallId("c1"), by=alice.id
    )
    assert (ticket.subject, ticket.status, ticket.version) == ("电梯 坏了", TicketStatus.NEW, 1)
    clock.advance(60)
    ticket = await services.tickets.update(
        ticket.id, assignee=alice.id, priority=TicketPriority.HIGH, version=1, by=alice.id
    )
    assert (ticket.status, ticket.version, ticket.updated_at) == (TicketStatus.OPEN, 2, clock.now())
    comment = await services.tickets.comment(ticket.id, "已派人\n明天到", by=alice.id)
    ticket = await services.tickets.update(ticket.id, status=TicketStatus.SOLVED, by=alice.id)
    assert (ticket.solved_at, ticket.closed_at) == (clock.now(), None)
    ticket = await services.tickets.update(ticket.id, status=TicketStatus.CLOSED, by=alice.id)
    with pytest.raises(TicketClosed):
        await services.tickets.comment(ticket.id, "too late")
    with pytest.raises(TicketClosed):
        await services.tickets.update(ticket.id, subject="too late")
    ticket = await services.tickets.update(ticket.id, status=TicketStatus.OPEN)
    assert (ticket.solved_at, ticket.closed_at) == (None, None)
    history = await services.tickets.history(ticket.id)
    assert [entry.kind for entry in history] == [
        EntryKind.CREATED, EntryKind.CHANGED, EntryKind.COMMENT, EntryKind.CHANGED, EntryKind.CHANGED, EntryKind.CHANGED
    ]  # fmt: skip
    assert history[1].changes == {
        "assignee": (None, alice.id), "priority": ("normal", "high"), "status": ("new", "open")
    }  # fmt: skip
    assert history[2] == comment
    assert history[0].by == alice.id


async def test_an_update_that_says_nothing_new_is_none(services: Services) -> None:
    ticket = await services.tickets.create(subject="x")
    assert await services.tickets.update(ticket.id, subject="x", customer=None) == ticket
    assert len(await services.tickets.history(ticket.id)) == 1


async def test_who_comes_second_is_told(services: Services) -> None:
    ticket = await services.tickets.create(subject="x")
    await services.tickets.update(ticket.id, subject="y", version=ticket.version)
    with pytest.raises(TicketChangedMeanwhile):
        await services.tickets.update(ticket.id, subject="z", version=ticket.version)


async def test_another_customer_has_other_contacts(services: Services) -> None:
    firm, other = await services.customers.create(name="A"), await services.customers.create(name="B")
    li = await services.customers.add_contact(firm.id, name="李")
    ticket = await services.tickets.create(subject="x", customer=firm.id, contact=li.id)
    assert (await services.tickets.update(ticket.id, customer=other.id)).contact is None
    with pytest.raises(ContactNotFound):
        await services.tickets.update(ticket.id, contact=li.id)


async def test_calls_of_a_ticket(services: Services, clock: ManualClock) -> None:
    for call in ("c1", "c2", "c3"):
        await services.calls.expect(CallId(call), clock.now())
    ticket = await services.tickets.create(subject="x", call=CallId("c1"))
    await services.tickets.comment(ticket.id, "asked again", call=CallId("c2"))
    await services.tickets.comment(ticket.id, "and once more", call=CallId("c3"))
    assert [entry.kind for entry in await services.tickets.history(ticket.id)] == ["created", "comment", "comment"]
    for call in ("c1", "c2", "c3"):
        assert [found.id for found in await services.tickets.of_call(CallId(call))] == [ticket.id]
        assert [found.id for found in await services.tickets.search(TicketFilter(call=CallId(call)))] == [ticket.id]


async def test_ticket_search(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟")
    made = []
    for subject, customer in (("电梯 坏了", zhang.id), ("Invoice 50% wrong", None), ("催单", zhang.id)):
        made.append(await services.tickets.create(subject=subject, customer=customer))
        clock.advance(60)
    await services.tickets.update(made[0].id, assignee=alice.id)
    await services.tickets.update(made[2].id, status=TicketStatus.CLOSED)

    async def found(**filters: object) -> list[str]:
        wanted = TicketFilter(**filters)  # type: ignore[arg-type]
        return [ticket.subject for ticket in await services.tickets.search(wanted)]

    assert await found() == ["催单", "Invoice 50% wrong", "电梯 坏了"]
    assert await found(text="电梯") == ["电梯 坏了"]
    assert await found(text="50%") == await found(text="INVOICE wrong") == ["Invoice 50% wrong"]
    assert await found(text="张伟") == await found(customer=zhang.id) == ["催单", "电梯 坏了"]
    assert await found(text=made[1].number.lower()) == ["Invoice 50% wrong"]
    assert await found(assignee=alice.id) == ["电梯 坏了"]
    assert await found(unassigned=True, statuses=(TicketStatus.NEW,)) == ["Invoice 50% wrong"]
    assert await found(open=True) == ["Invoice 50% wrong", "电梯 坏了"]
    assert await found(open=False) == ["催单"]
    assert await found(open=True, statuses=(TicketStatus.CLOSED,)) == []
    assert await found(since=made[1].created_at, until=made[2].created_at) == ["Invoice 50% wrong"]
    assert [t.subject for t in await services.tickets.of_customer(zhang.id, open_only=True)] == ["电梯 坏了"]
    assert await services.tickets.get(made[1].number.lower()) == await services.tickets.get(made[1].id)


async def test_wrong_ids_of_tickets_are_named(services: Services) -> None:
    with pytest.raises(TicketNotFound):
        await services.tickets.get("T-20260105-9999")
    with pytest.raises(TicketNotFound):
        await services.tickets.history(TicketId("none"))
    with pytest.raises(CustomerNotFound):
        await services.tickets.create(subject="x", customer=CustomerId("none"))
    with pytest.raises(CallNotFound):
        await services.tickets.create(subject="x", call=CallId("none"))
    with pytest.raises(UserNotFound):
        await services.tickets.create(subject="x", assignee=UserId("none"))
    with pytest.raises(ContactNotFound):
        await services.tickets.create(subject="x", contact=ContactId("none"))
    with pytest.raises(FieldInvalid):
        await services.tickets.create(subject="  ")
    with pytest.raises(FieldInvalid):
        await services.tickets.create(subject="x" * 201)


async def test_a_promise_kept(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟")
    await services.customers.add_number(zhang.id, "02164881234")
    await services.customers.add_number(zhang.id, MOBILE, confirmed=True)
    ticket = await services.tickets.create(subject="x", customer=zhang.id)
    due = clock.now() + timedelta(hours=2)
    made = await services.callbacks.schedule(
        customer=zhang.id, ticket=ticket.id, due_at=due, why="报价", assignee=alice.id, by=alice.id
    )
    assert (made.number.key, made.state, made.due_at) == (f"+86{MOBILE}", CallbackState.SCHEDULED, due)
    assert (made.overdue(due), made.overdue(due + timedelta(seconds=1))) == (False, True)
    done = await services.callbacks.complete(made.id, note="谈好了", by=alice.id)
    assert (done.state, done.done_by, done.done_at, done.note) == (CallbackState.DONE, alice.id, clock.now(), "谈好了")
    assert not done.overdue(due + timedelta(days=1))
    with pytest.raises(CallbackOver):
        await services.callbacks.cancel(made.id)
    with pytest.raises(CallbackOver):
        await services.callbacks.reschedule(made.id, due)
    told = [(entry.kind, entry.text) for entry in await services.tickets.history(ticket.id)]
    assert told[1:] == [(EntryKind.CALLBACK, "报价"), (EntryKind.CALLBACK, "谈好了")]


@pytest.mark.parametrize(("words", "many"), [("23456789", 3), ("2345-6789", 3), ("136 2345", 1), ("021-23456789", 1)])
async def test_a_promise_is_found_by_any_part_of_its_number(
    services: Services, clock: ManualClock, words: str, many: int
) -> None:
    for number in ("13923456789", "13623456789", "02123456789", MOBILE):
        await services.callbacks.schedule(number=number, due_at=clock.now(), why="x")
    assert len(await services.callbacks.search(CallbackFilter(text=words))) == many


@pytest.mark.parametrize(
    "edge", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"]
)
async def test_the_ends_of_the_calendar_do_no_harm(services: Services, edge: str) -> None:
    due = datetime.fromisoformat(edge)
    made = await services.callbacks.schedule(number=MOBILE, due_at=due, why="x")
    for hours in (-14, 14):
        made.due_at.astimezone(timezone(timedelta(hours=hours)))
    await services.callbacks.reschedule(made.id, due)
    assert len(await services.callbacks.search(CallbackFilter(since=due))) in (0, 1)
    assert len(await services.callbacks.search(CallbackFilter(until=due))) in (0, 1)
    assert (await services.calls.search(CallFilter(since=due, until=due))).items == ()
    assert (await services.tickets.search(TicketFilter(since=due, until=due))).items == ()


async def test_what_is_due(services: Services, clock: ManualClock, alice: User) -> None:
    async def promise(minutes: int, assignee: UserId | None = None) -> CallbackId:
        due = clock.now() + timedelta(minutes=minutes)
        return (await services.callbacks.schedule(number=MOBILE, due_at=due, why="x", assignee=assignee)).id

    bob = await services.users.create(login="bob", password="correct horse", name="Bob")
    hers, nobodys = await promise(5, alice.id), await promise(3)
    later, his = await promise(60), await promise(1, bob.id)
    now = clock.advance(600)

    await services.callbacks.reschedule(nobodys, now + timedelta(hours=3), why="rang engaged")
    missed = await services.callbacks.mark_missed(now + timedelta(minutes=55))
    assert [callback.id for callback in missed] == [his, hers, later]
    left = await services.callbacks.search(CallbackFilter(states=(CallbackState.SCHEDULED,)))
    assert [callback.id for callback in left] == [nobodys]
    assert [line.body["action"] for line in await services.event_log.of_subject(his)] == [
        "callback.scheduled", "callback.missed"
    ]  # fmt: skip
    again = await services.callbacks.reschedule(hers, now + timedelta(hours=1))
    assert again.state is CallbackState.SCHEDULED
    assert (await services.callbacks.assign(hers, bob.id)).assignee == bob.id


async def test_a_promise_is_moved_to_another_number(services: Services, clock: ManualClock) -> None:
    due = clock.now() + timedelta(hours=1)
    made = await services.callbacks.schedule(number=MOBILE, due_at=due, why="x")
    moved = await services.callbacks.reschedule(made.id, due, number="021-64881234-802")
    assert (moved.number.key, moved.number.extension) == ("+862164881234", "802")
    assert (await services.callbacks.reschedule(made.id, due)).number == moved.number
    with pytest.raises(NumberUnusable):
        await services.callbacks.reschedule(made.id, due, number="nobody")


async def test_callback_search(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟", number=MOBILE)
    now = clock.now()
    first = await services.callbacks.schedule(customer=zhang.id, due_at=now + timedelta(hours=1), why="报价")
    second = await services.callbacks.schedule(
        number="021-64881234-802", due_at=now + timedelta(hours=2), why="Offer 5%", assignee=alice.id
    )
    assert second.number.extension == "802"

    async def found(**filters: object) -> list[str]:
        wanted = CallbackFilter(**filters)  # type: ignore[arg-type]
        return [callback.id for callback in await services.callbacks.search(wanted)]

    assert await found() == [first.id, second.id]
    assert await found(text="报价") == await found(text="张伟") == await found(text=MOBILE) == [first.id]
    assert await found(text="OFFER 5%") == await found(text="02164881234") == [second.id]
    assert await found(assignee=alice.id) == [second.id]
    assert await found(assignee=alice.id, or_unassigned=True) == [first.id, second.id]
    assert await found(since=now + timedelta(minutes=90)) == await found(until=now) + [second.id]
    assert await found(unassigned=True) == [first.id]
    assert await found(unassigned=True, assignee=alice.id) == []
    await services.callbacks.cancel(second.id, note="gone")
    assert await found(states=(CallbackState.CANCELLED,)) == [second.id]
    assert [c.id for c in await services.callbacks.of_customer(zhang.id, scheduled_only=True)] == [first.id]


async def test_what_became_of_a_promise_stands_in_the_log(services: Services, clock: ManualClock, alice: User) -> None:
    due, later = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    await services.calls.expect(CallId("c1"), clock.now())
    made = await services.callbacks.schedule(number=MOBILE, due_at=due, why="x", by=alice.id)
    for _ in range(2):  # the second time nothing is new
        await services.callbacks.assign(made.id, alice.id, by=alice.id)
        await services.callbacks.reschedule(made.id, due, by=alice.id)
    await services.callbacks.reschedule(made.id, later, why="rang engaged", by=alice.id)
    await services.callbacks.complete(made.id, note="谈好了", call=CallId("c1"), by=alice.id)
    told = await services.event_log.of_subject(made.id)
    assert [(line.topic, line.body["action"], line.body["by"]) for line in told] == [
        ("audit", f"callback.{what}", alice.id) for what in ("scheduled", "assigned", "rescheduled", "done")
    ]
    assert [line.body["details"] for line in told] == [
        {"due_at": due.isoformat(), "assignee": None},
        {"assignee": alice.id, "before": {"assignee": None}},
        {
            "due_at": later.isoformat(), "why": "rang engaged",
            "before": {"due_at": due.isoformat(), "why": "x"},
        },
        {"note": "谈好了", "done_call": "c1", "before": {"note": "", "done_call": None}},
    ]  # fmt: skip
    assert await services.event_log.of_subject(made.id, limit=1) == told[-1:]
    assert await services.event_log.of_subject("cbk_other") == ()


async def test_promises_of_a_call_are_those_made_in_it_and_kept_by_it(
    services: Services, clock: ManualClock, alice: User
) -> None:
    for call in ("c1", "c2"):
        await services.calls.expect(CallId(call), clock.now())
    ticket = await services.tickets.create(subject="x")
    promised = await services.callbacks.schedule(
        number=MOBILE, due_at=clock.now(), why="x", call=CallId("c1"), ticket=ticket.id
    )
    await services.callbacks.complete(promised.id, call=CallId("c2"))
    other = await services.callbacks.schedule(number=MOBILE, due_at=clock.now(), why="y")
    for call in ("c1", "c2"):
        assert [one.id for one in await services.callbacks.search(CallbackFilter(call=CallId(call)))] == [promised.id]
    entries = await services.tickets.history(ticket.id)
    assert [(entry.changes or {}).get("callback") for entry in entries] == [
        None,
        (None, promised.id),
        (None, promised.id),
    ]
    assert other.call is None


async def test_a_promise_needs_a_number_and_a_time(services: Services, clock: ManualClock) -> None:
    nobody = await services.customers.create(name="张伟")
    for number, customer in (("", None), ("", nobody.id), ("anonymous", None), ("<script>", None)):
        with pytest.raises(NumberUnusable):
            await services.callbacks.schedule(number=number, customer=customer, due_at=clock.now(), why="x")
    with pytest.raises(FieldInvalid):
        await services.callbacks.schedule(number=MOBILE, due_at=datetime(2026, 1, 5), why="x")  # noqa: DTZ001
    with pytest.raises(CallbackNotFound):
        await services.callbacks.complete(CallbackId("none"))
    with pytest.raises(TicketNotFound):
        await services.callbacks.schedule(number=MOBILE, due_at=clock.now(), why="x", ticket=TicketId("none"))


async def test_who_works_on_a_ticket_and_who_marks_its_promise_missed_do_not_block_each_other(
    services: Services, clock: ManualClock, alice: User
) -> None:
    """On PostgreSQL: each would wait for the other for ever if the log were not written last."""
    tickets = [await services.tickets.create(subject=f"no. {number}", by=alice.id) for number in (1, 2)]
    for number, ticket in enumerate(tickets):
        due = clock.now() + timedelta(seconds=number)
        await services.callbacks.schedule(due_at=due, why="promised", number="13800138000", ticket=ticket.id)
    clock.advance(3600)
    async with services.database.session() as connection:
        mine = select(t.ticket.c.id).where(t.ticket.c.id == tickets[1].id).with_for_update()
        await connection.execute(mine)
        marking = asyncio.create_task(services.callbacks.mark_missed(clock.now()))
        await asyncio.sleep(0.3)  # long enough for it to have got as far as it can
        await audit(connection, "ticket.updated", tickets[1].id, at=clock.now())
    assert len(await marking) == 2


async def test_a_ticket_waits_in_the_line_until_one_has_it(services: Services, clock: ManualClock, alice: User) -> None:
    service, since = QueueKey("service"), clock.now()
    ticket = await services.tickets.create(subject="x", queue=service, priority=TicketPriority.URGENT)
    await services.tickets.create(subject="in no line")
    [work] = await services.tickets.in_line()
    assert (work.ticket, work.queue, work.since, work.priority, work.assignee) == (ticket.id, service, since, 2, None)
    clock.advance(60)
    bob = await services.users.create(login="bob", password="correct horse", name="陈博")
    takes = [services.tickets.take(ticket.id, by=one.id) for one in (alice, bob)]
    [refused] = [one for one in await asyncio.gather(*takes, return_exceptions=True) if isinstance(one, Exception)]
    assert isinstance(refused, TicketTaken)
    [work] = await services.tickets.in_line()
    assert (work.in_line, work.since) == (True, since), "it is work of that line as long as it is open"
    await services.tickets.update(ticket.id, status=TicketStatus.SOLVED)
    assert await services.tickets.in_line() == ()
    assert [one.in_line for one in await services.tickets.work_of([ticket.id])] == [False]


async def test_who_handed_it_back_is_named_until_it_is_put_into_another_line(
    services: Services, clock: ManualClock, alice: User
) -> None:
    ticket = await services.tickets.create(subject="x", queue=QueueKey("service"))
    await services.tickets.take(ticket.id, by=alice.id)
    since = clock.now()
    clock.advance(60)
    await services.tickets.hand_back(ticket.id, "Not my field", by=alice.id)
    [work] = await services.tickets.in_line()
    assert (work.assignee, work.without, work.since) == (None, (alice.id,), since), "its place is kept"
    last = (await services.tickets.history(ticket.id))[-1]
    assert (last.kind, last.text, last.by) == (EntryKind.HANDED_BACK, "Not my field", alice.id)
    await services.floor_plans.put_queue(Queue(key=QueueKey("repair"), names={"en": "Repair"}))
    clock.advance(60)
    await services.tickets.to_line(ticket.id, QueueKey("repair"), by=alice.id)
    [work] = await services.tickets.in_line()
    assert (work.queue, work.without, work.since) == (QueueKey("repair"), (), clock.now())


async def test_who_puts_his_own_ticket_into_the_line_is_not_given_it_again(services: Services, alice: User) -> None:
    ticket = await services.tickets.create(subject="x", assignee=alice.id)
    await services.tickets.update(ticket.id, status=TicketStatus.PENDING)
    stands = await services.tickets.to_line(ticket.id, QueueKey("service"), reason="On leave", by=alice.id)
    assert (stands.assignee, stands.status) == (None, TicketStatus.OPEN)
    [work] = await services.tickets.in_line()
    assert work.without == (alice.id,)


async def test_also_when_time_passes_while_it_is_written_down(
    services: Services, clock: ManualClock, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await services.tickets.create(subject="x", assignee=alice.id)
    monkeypatch.setattr(clock, "now", lambda: clock.advance(0.001))
    await services.tickets.to_line(ticket.id, QueueKey("service"), reason="On leave", by=alice.id)
    [work] = await services.tickets.in_line()
    assert work.without == (alice.id,)


async def test_what_is_in_no_line_or_done_is_not_taken_out_of_one(services: Services, alice: User) -> None:
    ticket = await services.tickets.create(subject="x")
    with pytest.raises(TicketNotInLine):
        await services.tickets.hand_back(ticket.id, "why", by=alice.id)
    with pytest.raises(QueueNotFound):
        await services.tickets.to_line(ticket.id, QueueKey("nowhere"), by=alice.id)
    await services.tickets.update(ticket.id, status=TicketStatus.SOLVED)
    with pytest.raises(TicketOver):
        await services.tickets.take(ticket.id, by=alice.id)
