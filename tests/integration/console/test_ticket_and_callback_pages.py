"""Tickets and callbacks in the browser."""

from __future__ import annotations

from datetime import timedelta

from crm_core.domain.callbacks import CallbackState
from crm_core.domain.tickets import TicketPriority, TicketStatus
from crm_core.kernel.clock import ManualClock
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser, People


async def test_a_ticket_is_written_for_a_customer(alice: Browser, services: Services, people: People) -> None:
    customer = await services.customers.create(name="张伟")
    await alice.get(f"/tickets/new?customer={customer.id}")
    assert "张伟" in alice.text
    form = {"customer": customer.id, "subject": "空调不制冷", "type": "repair", "priority": "high"}
    await alice.post("/tickets/new", {**form, "assignee": people.alice.id, "description": "昨晚开始"})
    found = (await services.tickets.search()).items[0]
    assert f"Ticket {found.number} is written." in alice.text
    assert (found.customer, found.priority, found.assignee) == (customer.id, TicketPriority.HIGH, people.alice.id)


async def test_a_ticket_without_a_subject_keeps_what_was_typed(alice: Browser, services: Services) -> None:
    await alice.get("/tickets/new")
    response = await alice.post("/tickets/new", {"subject": " ", "description": "a long story", "type": "complaint"})
    assert response.status == 422
    assert "Please fill this in." in alice.text
    assert "a long story" in alice.text
    assert '<option value="complaint" selected>' in alice.text


async def test_the_views_of_the_list(alice: Browser, services: Services, people: People) -> None:
    await services.tickets.create(subject="of alice", assignee=people.alice.id)
    await services.tickets.create(subject="of nobody")
    done = await services.tickets.create(subject="long done", assignee=people.alice.id)
    await services.tickets.update(done.id, status=TicketStatus.CLOSED)
    shown = {}
    for view in ("open", "mine", "unassigned", "all"):
        await alice.get(f"/tickets?view={view}")
        shown[view] = {subject for subject in ("of alice", "of nobody", "long done") if subject in alice.text}
    assert shown == {
        "open": {"of alice", "of nobody"},
        "mine": {"of alice"},
        "unassigned": {"of nobody"},
        "all": {"of alice", "of nobody", "long done"},
    }


async def test_a_comment_and_a_solution(alice: Browser, services: Services, people: People) -> None:
    ticket = await services.tickets.create(subject="noise", assignee=people.alice.id)
    await alice.get(f"/tickets/{ticket.number}")
    await alice.post(f"/tickets/{ticket.number}/comments", {"text": "技师已上门", "then": "solve"})
    assert "技师已上门" in alice.text
    assert (await services.tickets.get(ticket.id)).status is TicketStatus.SOLVED
    assert "Alice Wang made a change:" in alice.text


async def test_whoever_was_slower_sees_both_states(alice: Browser, services: Services, people: People) -> None:
    ticket = await services.tickets.create(subject="noise")
    await alice.get(f"/tickets/{ticket.number}")
    await services.tickets.update(ticket.id, status=TicketStatus.PENDING, by=people.bob.id)
    form = {"version": str(ticket.version), "status": "solved", "assignee": people.alice.id, "priority": "normal"}
    response = await alice.post(f"/tickets/{ticket.number}", {**form, "type": "other", "topic": ""})
    assert response.status == 409
    assert "A colleague changed this ticket" in alice.text
    assert '<option value="solved" selected>' in alice.text
    assert (await services.tickets.get(ticket.id)).status is TicketStatus.PENDING
    again = await alice.post(f"/tickets/{ticket.number}", {**form, "version": str(ticket.version + 1)})
    assert again.status == 200
    assert (await services.tickets.get(ticket.id)).status is TicketStatus.SOLVED


async def test_whoever_was_slower_sees_what_he_has_typed(alice: Browser, services: Services, people: People) -> None:
    ticket = await services.tickets.create(subject="noise", description="short")
    await alice.get(f"/tickets/{ticket.number}")
    assert '<details class="edit-text">' in alice.page
    await services.tickets.update(ticket.id, status=TicketStatus.PENDING, by=people.bob.id)
    form = {"version": str(ticket.version), "subject": "noise", "description": "a long story"}
    response = await alice.post(f"/tickets/{ticket.number}", form)
    assert response.status == 409
    assert '<details class="edit-text" open>' in alice.page
    assert alice.form["description"] == "a long story"


async def test_an_extension_that_was_chosen_is_called(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="恒远机电", number="02164881234")
    for extension in ("801", "802"):
        await services.customers.add_number(customer.id, f"021-64881234-{extension}")
    await alice.get(f"/callbacks/new?customer={customer.id}")
    assert '<option value="+862164881234-801">+86 21 6488 1234 ext. 801</option>' in alice.page
    form = {"customer": customer.id, "due_at": "2026-01-05T20:00", "why": "确认", "number": "+862164881234-801"}
    await alice.post("/callbacks/new", form)
    (made,) = await services.callbacks.search()
    assert (made.number.key, made.number.extension) == ("+862164881234", "801")


async def test_a_callback_is_promised_and_kept(
    alice: Browser, services: Services, people: People, clock: ManualClock
) -> None:
    customer = await services.customers.create(name="张伟", number="13800138000")
    await alice.get(f"/callbacks/new?customer={customer.id}")
    form = {"customer": customer.id, "due_at": "2026-01-05T20:00", "why": "确认时间", "assignee": people.alice.id}
    await alice.post("/callbacks/new", form)
    assert "We call back on 5 Jan 2026, 20:00." in alice.text
    promised = (await services.callbacks.search()).items[0]
    assert promised.number.key == "+8613800138000"

    clock.advance(4 * 3600)
    await alice.get("/callbacks")
    assert "确认时间" in alice.text
    assert "Overdue" in alice.text
    await alice.post(f"/callbacks/{promised.id}/complete", {"note": "约好了", "next": "/callbacks?view=all"})
    assert (await services.callbacks.get(promised.id)).state is CallbackState.DONE
    assert "约好了" in alice.text


async def test_a_callback_needs_somebody_to_call_and_a_time_to_come(alice: Browser, services: Services) -> None:
    await alice.get("/callbacks/new")
    response = await alice.post("/callbacks/new", {"due_at": "2020-01-01T08:00", "why": "later"})
    assert response.status == 422
    assert "This time is over already." in alice.text
    assert "Whom shall we call?" in alice.text
    assert 'value="later"' in alice.text
    assert (await services.callbacks.search()).items == ()


async def test_a_number_that_is_none_is_said_so(alice: Browser) -> None:
    await alice.get("/callbacks/new")
    form = {"number": "call me", "due_at": "2026-01-06T08:00", "why": "x"}
    assert (await alice.post("/callbacks/new", form)).status == 422
    assert 'value="2026-01-06 08:00"' in alice.text


async def test_what_is_no_time_comes_back_as_it_was_typed(alice: Browser) -> None:
    await alice.get("/callbacks/new")
    assert (await alice.post("/callbacks/new", {"due_at": "Tuesday", "why": "x"})).status == 422
    assert 'value="Tuesday"' in alice.text


async def test_a_callback_is_moved_taken_and_cancelled(
    alice: Browser, services: Services, people: People, clock: ManualClock
) -> None:
    made = await services.callbacks.schedule(due_at=clock.now() + timedelta(hours=1), why="x", number="13800138000")
    await alice.get("/callbacks?view=coming")
    await alice.post(f"/callbacks/{made.id}/reschedule", {"due_at": "2026-01-06T10:00"})
    assert "Moved to 6 Jan 2026, 10:00." in alice.text
    await alice.post(f"/callbacks/{made.id}/take")
    assert (await services.callbacks.get(made.id)).assignee == people.alice.id
    await alice.post(f"/callbacks/{made.id}/cancel")
    assert (await services.callbacks.get(made.id)).state is CallbackState.CANCELLED


async def test_a_callback_that_is_over_cannot_be_kept_again(
    alice: Browser, services: Services, clock: ManualClock
) -> None:
    made = await services.callbacks.schedule(due_at=clock.now(), why="x", number="13800138000")
    await services.callbacks.cancel(made.id)
    await alice.get("/callbacks?view=all")
    assert (await alice.post(f"/callbacks/{made.id}/complete")).status == 409


async def test_subject_description_and_customer_are_added_later(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="张伟")
    ticket = await services.tickets.create(subject="noise")
    await alice.get(f"/tickets/{ticket.number}")
    assert 'name="customer_text"' in alice.text
    words = {"version": "1", "subject": "Rattling noise", "description": "since last night"}
    await alice.post(f"/tickets/{ticket.number}", words)
    await alice.post(f"/tickets/{ticket.number}", {"version": "2", "customer": customer.id, "customer_text": "张"})
    found = await services.tickets.get(ticket.id)
    assert (found.subject, found.description, found.customer) == ("Rattling noise", "since last night", customer.id)
    assert "张伟" in alice.text
