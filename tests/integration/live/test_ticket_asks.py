"""A desk is asked to take a ticket out of the line; what it answers is written down, and the next may come."""

from __future__ import annotations

from crm_core.domain.tickets import EntryKind, TicketStatus
from crm_core.kernel.ids import QueueKey
from tests.support.live_screens import Screen, Somebody
from tests.support.live_stage import LiveStage


async def asked(desk: Screen) -> dict[str, object] | None:
    message = await desk.until(lambda one: one["t"] == "ticket_ask")
    found: dict[str, object] | None = message["ask"]
    return found


async def test_taken_it_is_among_his_tickets_and_done_there(stage: LiveStage, person: Somebody) -> None:
    alice, tickets = stage.people["alice"], stage.services.tickets
    ticket = await tickets.create(subject="The lift is stuck", queue=QueueKey("repair"))
    async with (await person("alice")).screen() as desk:
        assert (await desk.hello())["ticket_ask"] is None
        stage.telephony.ask(ticket, alice)
        ask = await asked(desk)
        assert ask is not None
        assert (ask["number"], ask["subject"], ask["queue"]) == (ticket.number, "The lift is stuck", "repair")
        async with (await person("alice")).screen() as second:
            assert (await second.hello())["ticket_ask"] == ask, "a reload stands where it stood"
        assert (await desk.ask(do="take_ticket", ticket=ticket.id))["ok"]
        work = await desk.until(lambda one: one["t"] == "work" and one["work"]["tickets"])
        first = work["work"]["tickets"][0]
        assert (first["id"], first["queue"]) == (ticket.id, "repair")
        assert (await desk.ask(do="solve_ticket", ticket=ticket.id))["ok"]
    done = await tickets.get(ticket.id)
    assert (done.assignee, done.status) == (alice.id, TicketStatus.SOLVED)


async def test_handed_back_it_says_why_and_nothing_is_asked_any_more(stage: LiveStage, person: Somebody) -> None:
    tickets = stage.services.tickets
    ticket = await tickets.create(subject="The lift is stuck", queue=QueueKey("repair"))
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        stage.telephony.ask(ticket, stage.people["alice"])
        assert await asked(desk) is not None
        await desk.ask(do="hand_back_ticket", ticket=ticket.id, reason="I know nothing of lifts")
    last = (await tickets.history(ticket.id))[-1]
    assert (last.kind, last.text) == (EntryKind.HANDED_BACK, "I know nothing of lifts")
    assert (await tickets.get(ticket.id)).assignee is None


async def test_who_comes_too_late_is_told_in_a_sentence(stage: LiveStage, person: Somebody) -> None:
    tickets = stage.services.tickets
    ticket = await tickets.create(subject="The lift is stuck", queue=QueueKey("repair"))
    await tickets.take(ticket.id, by=stage.people["bob"].id)
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        answer = await desk.ask(do="take_ticket", ticket=ticket.id)
    assert (answer["ok"], answer["code"]) == (False, "ticket.taken")
    assert answer["sentence"]
