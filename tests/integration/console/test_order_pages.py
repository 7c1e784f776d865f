"""Orders and repairs on the screens: entered, found, moved along their path, and seen with their customer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm_core.domain.customers import Customer
from crm_core.domain.orders import Order, OrderEntryKind, OrderKind, OrderState
from crm_core.kernel.clock import ManualClock
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser, People


@pytest.fixture
async def zhang(services: Services) -> Customer:
    return await services.customers.create(name="张伟", name_en="Wei Zhang", number="13800138000")


@pytest.fixture
async def repair(services: Services, zhang: Customer) -> Order:
    return await services.orders.create(kind=OrderKind.REPAIR, customer=zhang.id, summary="Washer leaks")


async def test_one_is_entered_out_of_a_ticket(
    alice: Browser, services: Services, zhang: Customer, people: People
) -> None:
    ticket = await services.tickets.create(subject="Washer leaks", customer=zhang.id)
    await alice.get(f"/tickets/{ticket.number}")
    assert f"/orders/new?ticket={ticket.number}&customer={zhang.id}" in alice.text
    await alice.get(f"/orders/new?ticket={ticket.number}")
    assert (alice.form["customer"], alice.form["ticket"]) == (zhang.id, ticket.number)
    typed = {
        "kind": "repair",
        "summary": "Washer",
        "expected_on": "2026-01-09",
        "amount": "¥1,280.5",
        "currency": "eur",
    }
    await alice.post("/orders/new", alice.form | typed)
    made = (await services.orders.search()).items[0]
    assert (made.ticket, made.kind, made.created_by) == (ticket.id, OrderKind.REPAIR, people.alice.id)
    assert (made.expected_on, str(made.amount), made.currency) == (date(2026, 1, 9), "1280.50", "EUR")
    assert f"{made.number} is entered." in alice.text
    assert "€1,280.50" in alice.text
    await alice.get(f"/tickets/{ticket.number}")
    assert made.number in alice.text


async def test_nothing_that_was_typed_is_lost(alice: Browser, services: Services) -> None:
    await alice.get("/orders/new")
    wrong = {"summary": "Two lamps", "expected_on": "soon", "amount": "much", "currency": "yuan", "kind": "sale"}
    assert (await alice.post("/orders/new", wrong | {"customer_text": "Zha"})).status == 422
    for shown in ("Please fill this in.", "This should be a day", "an amount such as", "by its three letters"):
        assert shown in alice.text
    for kept in ("Two lamps", "soon", "much", "Zha"):
        assert kept in alice.text
    zhang = await services.customers.create(name="张伟")
    other = await services.tickets.create(subject="x", customer=(await services.customers.create(name="李娜")).id)
    good = {"kind": "sale", "summary": "Lamp", "customer": zhang.id}
    for ticket, said in ((other.number, "This ticket is another customer's."), ("T-1", "There is no ticket T-1.")):
        assert (await alice.post("/orders/new", good | {"ticket": ticket})).status == 422
        assert said in alice.text
    assert not (await services.orders.search()).items


async def test_it_goes_its_way_and_keeps_who_did_what(
    alice: Browser, services: Services, repair: Order, clock: ManualClock, people: People
) -> None:
    await alice.get(f"/orders/{repair.number}")
    assert "Now: Fault found" in alice.text
    assert "Now: Being repaired" not in alice.text
    step = {"state": "diagnosed", "note": "The belt is torn.", "version": alice.form["version"]}
    await alice.post(f"/orders/{repair.number}/steps", step)
    assert f"{repair.number} is moved on." in alice.text
    assert "The belt is torn." in alice.text
    for possible in ("Now: Being repaired", "Now: Waiting for parts"):
        assert possible in alice.text
    await alice.post(f"/orders/{repair.number}/notes", {"text": "He asks for Friday."})
    assert (await alice.post(f"/orders/{repair.number}/notes", {"text": " "})).status == 422
    changed = {"summary": "Washer leaks", "carrier": "Xunda", "version": "3", "expected_on": "", "amount": ""}
    await alice.post(f"/orders/{repair.number}", changed)
    told = [(one.kind, one.by, one.text) for one in await services.orders.history(repair.id)][1:]
    assert told == [
        (OrderEntryKind.MOVED, people.alice.id, "The belt is torn."),
        (OrderEntryKind.NOTE, people.alice.id, "He asks for Friday."),
        (OrderEntryKind.CHANGED, people.alice.id, ""),
    ]
    log = [line.body["action"] for line in await services.event_log.of_subject(repair.id)]
    assert log == ["order.created", "order.moved", "order.noted", "order.updated"]
    for state in (OrderState.REPAIRING, OrderState.READY, OrderState.RETURNED):
        await services.orders.move(repair.id, state)
    await alice.get(f"/orders/{repair.number[2:]}")
    assert 'name="state"' not in alice.page, "it is over: no step is offered"


async def test_whoever_was_slower_sees_it_and_keeps_his_words(
    alice: Browser, services: Services, repair: Order
) -> None:
    await services.orders.move(repair.id, OrderState.DIAGNOSED)
    await alice.get(f"/orders/{repair.number}")
    late = {"state": "diagnosed", "note": "The belt is torn.", "version": "1"}
    assert (await alice.post(f"/orders/{repair.number}/steps", late)).status == 409
    assert "A colleague changed this order" in alice.text
    assert "The belt is torn." in alice.text
    assert alice.form["version"] == "2", "with what he sees now he may go on"
    changed = {"summary": "Washer and dryer", "version": "1"}
    assert (await alice.post(f"/orders/{repair.number}", changed)).status == 409
    assert "Washer and dryer" in alice.text
    given_up = {"state": "cancelled", "note": "He has bought another one.", "version": "1"}
    assert (await alice.post(f"/orders/{repair.number}/steps", given_up)).status == 409
    step, cancel = alice.text.split('<details class="card-form ruled" open>')
    assert given_up["note"] not in step, "why it is given up is no note on the next step"
    assert given_up["note"] in cancel.split("</details>")[0]
    nowhere = {"state": "returned", "version": "2"}
    assert (await alice.post(f"/orders/{repair.number}/steps", nowhere)).status == 409
    assert "cannot become that" in alice.text
    assert (await services.orders.get(repair.id)).state is OrderState.DIAGNOSED


async def test_the_list_finds_and_turns_pages(
    alice: Browser, services: Services, zhang: Customer, clock: ManualClock
) -> None:
    await alice.get("/orders")
    assert "No orders or repairs here" in alice.text
    today = clock.now().date()
    for number in range(27):
        clock.advance(1)
        await services.orders.create(
            kind=OrderKind.SALE, customer=zhang.id, summary=f"Lamp {number}.", expected_on=today + timedelta(days=5)
        )
    late = await services.orders.create(
        kind=OrderKind.REPAIR, customer=zhang.id, summary="Old radio", expected_on=today - timedelta(days=3)
    )
    over = await services.orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="Given up")
    await services.orders.move(over.id, OrderState.CANCELLED)

    async def shown(query: str) -> str:
        await alice.get(f"/orders{query}", headers={"HX-Target": "list"})
        return alice.text

    first = await shown("")
    assert "28 orders and repairs" in first
    assert "Lamp 26." in first
    assert "Given up" not in first
    cursor = first.partition("cursor=")[2].partition('"')[0]
    second = await shown(f"?cursor={cursor}")
    assert "Lamp 0." in second
    assert "Lamp 26." not in second
    assert "Lamp" not in (found := await shown("?view=late"))
    assert late.number in found
    assert over.number in await shown("?view=over")
    assert "29 orders" in await shown("?view=all")
    assert "Old radio" in (found := await shown("?kind=repair&q=radio&state=received"))
    assert "Lamp" not in found
    assert "No order or repair fits this search" in await shown("?q=nothing")
    assert "28 orders" in await shown(f"?customer={zhang.id}&view=nonsense&kind=nonsense")


async def test_the_customers_page_shows_what_is_open_and_what_was(
    alice: Browser, services: Services, zhang: Customer, repair: Order
) -> None:
    over = await services.orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="Given up")
    await services.orders.move(over.id, OrderState.CANCELLED)
    await alice.get(f"/customers/{zhang.id}")
    open_now, history = alice.text.split("What happened so far")
    assert repair.number in open_now
    assert over.number not in open_now
    assert repair.number in history
    assert over.number in history


async def test_a_form_with_a_mistake_is_still_on_its_page_in_the_other_language(alice: Browser, repair: Order) -> None:
    sent_to = f"/orders/{repair.number}/notes"
    await alice.get(f"/orders/{repair.number}")
    assert (await alice.post(sent_to, {"text": " "})).status == 422
    assert f'name="next" value="{sent_to}"' in alice.page
    turned = await alice.post("/language", {"language": "zh", "next": sent_to})
    assert (turned.status, turned.url.path) == (200, f"/orders/{repair.number}")
    assert "历史" in alice.text
    assert (await alice.get("/logout")).status == 405


async def test_strangers_get_nowhere(alice: Browser, services: Services, repair: Order) -> None:
    await alice.get("/orders")
    alice.csrf = "forged"
    assert (await alice.post(f"/orders/{repair.number}/steps", {"state": "diagnosed"})).status == 403
    assert (await services.orders.get(repair.id)).state is OrderState.RECEIVED
    assert (await alice.get("/orders/S-0000000000")).status == 404
