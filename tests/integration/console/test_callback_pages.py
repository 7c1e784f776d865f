"""The page of each callback, its history, and the filters of the list."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

from crm_core.domain.callbacks import Callback, CallbackState
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallbackId, CallId, UserId
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser, NewBrowser, People

NOT_THERE = "cbk_00000000000000000000000000"


async def _promised(services: Services, clock: ManualClock, people: People, call: CallId) -> Callback:
    firm = await services.customers.create(name="上海电梯", name_en="Shanghai Lifts", number="02164881234")
    li = await services.customers.add_contact(firm.id, name="李经理", name_en="Manager Li", title="Buyer")
    ticket = await services.tickets.create(subject="Lift 4 stops", customer=firm.id)
    return await services.callbacks.schedule(
        customer=firm.id, contact=li.id, ticket=ticket.id, call=call, why="Say when the part comes",
        due_at=clock.now() + timedelta(hours=2), assignee=people.bob.id, by=people.alice.id,
    )  # fmt: skip


async def test_the_page_tells_who_when_why_and_from_where(
    alice: Browser, services: Services, clock: ManualClock, people: People, a_call: CallId
) -> None:
    made = await _promised(services, clock, people, a_call)
    assert (await alice.get(f"/callbacks/{made.id}")).status == 200
    for shown in ("Shanghai Lifts", "Manager Li · Buyer", "+86 21 6488 1234", "Say when the part comes", "Bob Chen"):
        assert shown in alice.text
    assert "Alice Wang promised a call for 5 Jan 2026, 19:00 and gave it to Bob Chen." in alice.text
    ticket = await services.tickets.get(made.ticket or "")
    for address in (f"/customers/{made.customer}", f"/tickets/{ticket.number}", f"/calls/{a_call}"):
        assert f'href="{address}"' in alice.text


async def test_it_is_moved_handed_over_and_kept_on_its_page(
    alice: Browser, services: Services, clock: ManualClock, people: People, a_call: CallId
) -> None:
    made = await _promised(services, clock, people, a_call)
    here = f"/callbacks/{made.id}"
    await alice.get(here)
    await alice.post(f"{here}/reschedule", {"due_at": "2026-01-06T10:00", "why": "Rang engaged"})
    assert "Moved to 6 Jan 2026, 10:00." in alice.text
    assert "Alice Wang moved it from 5 Jan 2026, 19:00 to 6 Jan 2026, 10:00." in alice.text
    await alice.post(f"{here}/assign", {"assignee": ""})
    assert "Alice Wang left it to whoever is free." in alice.text
    await alice.post(f"{here}/assign", {"assignee": people.alice.id})
    assert "It is yours now." in alice.text
    await alice.post(f"{here}/complete", {"note": "Comes on Friday"})
    assert "Alice Wang called back." in alice.text
    assert "Comes on Friday" in alice.text
    assert f'action="{here}/complete"' not in alice.text
    found = await services.callbacks.get(made.id)
    assert (found.state, found.why, found.assignee) == (CallbackState.DONE, "Rang engaged", people.alice.id)


async def test_a_time_that_is_over_is_said_beside_the_field(
    alice: Browser, services: Services, clock: ManualClock, people: People, a_call: CallId
) -> None:
    made = await _promised(services, clock, people, a_call)
    await alice.get(f"/callbacks/{made.id}")
    wrong = {"due_at": "2020-01-01T08:00", "why": "Typed already"}
    assert (await alice.post(f"/callbacks/{made.id}/reschedule", wrong)).status == 422
    assert "This time is over already." in alice.text
    assert 'value="Typed already"' in alice.text
    assert (await services.callbacks.get(made.id)).due_at == made.due_at
    menu = {"due_at": "", "next": "/callbacks?view=coming"}
    assert (await alice.post(f"/callbacks/{made.id}/reschedule", menu)).url.path == "/callbacks"
    assert "Please choose a day and a time." in alice.text


async def test_whoever_was_slower_sees_what_the_other_did(
    alice: Browser, services: Services, clock: ManualClock, people: People, a_call: CallId
) -> None:
    made = await _promised(services, clock, people, a_call)
    await alice.get(f"/callbacks/{made.id}")
    await services.callbacks.complete(made.id, note="Settled by Bob", by=people.bob.id)
    assert (await alice.post(f"/callbacks/{made.id}/cancel", {"note": "x"})).status == 409
    for shown in ("This callback is settled", "Bob Chen called back.", "Settled by Bob"):
        assert shown in alice.text


async def test_what_people_type_is_shown_as_they_typed_it(
    alice: Browser, services: Services, clock: ManualClock
) -> None:
    rude = "<script>alert('x')</script>"
    made = await services.callbacks.schedule(due_at=clock.now(), why=rude, number="13800138000")
    await services.callbacks.complete(made.id, note=f"{rude} ok")
    response = await alice.session.get(alice.server.make_url(f"/callbacks/{made.id}"))
    text = await response.text()
    assert rude not in text
    assert escape(rude, quote=False) in text.replace("&#39;", "'")


async def test_there_is_none_of_that_id(alice: Browser) -> None:
    assert (await alice.get(f"/callbacks/{NOT_THERE}")).status == 404
    assert (await alice.post(f"/callbacks/{NOT_THERE}/complete", {"note": "x"})).status == 404


async def test_the_page_speaks_chinese(
    new_browser: NewBrowser, services: Services, clock: ManualClock, people: People, a_call: CallId
) -> None:
    made = await _promised(services, clock, people, a_call)
    browser = new_browser()
    await browser.log_in("alice")
    await browser.get(f"/callbacks/{made.id}")
    await browser.post("/language", {"language": "zh", "next": f"/callbacks/{made.id}"})
    for shown in ("上海电梯", "李经理", "王爱丽约定在 2026年1月5日 19:00 回电，并交给陈博。", "021 6488 1234"):
        assert shown in browser.text


async def test_whatever_names_a_callback_leads_to_its_page(
    alice: Browser, services: Services, clock: ManualClock, people: People, a_call: CallId
) -> None:
    made = await _promised(services, clock, people, a_call)
    link = f'href="/callbacks/{made.id}"'
    ticket = await services.tickets.get(made.ticket or "")
    places = [f"/customers/{made.customer}", f"/tickets/{ticket.number}", f"/calls/{a_call}", "/callbacks?view=all"]
    for place in places:
        await alice.get(place)
        assert link in alice.text, place
    await services.callbacks.complete(made.id, by=people.bob.id)
    for place in places:
        await alice.get(place)
        assert link in alice.text, place
    await alice.get(f"/tickets/{ticket.number}")
    assert alice.text.count(link) == 3  # two lines of its history, and the side column


async def test_a_new_one_opens_on_its_page(alice: Browser, services: Services) -> None:
    await alice.get("/callbacks/new")
    form = {"number": "13800138000", "due_at": "2026-01-06T10:00", "why": "Offer"}
    response = await alice.post("/callbacks/new", form)
    made = (await services.callbacks.search()).items[0]
    assert response.url.path == f"/callbacks/{made.id}"
    assert "We call back on 6 Jan 2026, 10:00." in alice.text


async def test_the_list_is_narrowed_down(
    alice: Browser, services: Services, clock: ManualClock, people: People
) -> None:
    today = clock.now()
    hers = await _due(services, today, "one of hers", assignee=people.alice.id)
    await _due(services, today + timedelta(days=1), "one of nobody")
    await _due(services, today + timedelta(days=2), "one of his", assignee=people.bob.id)
    await services.callbacks.complete(hers)

    async def shown(query: str) -> set[str]:
        await alice.get(f"/callbacks?view=all&{query}")
        return {why for why in ("one of hers", "one of nobody", "one of his") if why in alice.text}

    assert await shown("") == {"one of hers", "one of nobody", "one of his"}
    assert await shown("state=done") == {"one of hers"}
    assert await shown(f"assignee={people.bob.id}") == {"one of his"}
    assert await shown("assignee=nobody") == {"one of nobody"}
    assert await shown("since=2026-01-06") == {"one of nobody", "one of his"}
    assert await shown("since=2026-01-06&until=2026-01-06") == {"one of nobody"}
    assert await shown("until=2026-01-05&state=done") == {"one of hers"}
    assert await shown("since=soon&state=lost") == {"one of hers", "one of nobody", "one of his"}
    assert await shown("state=cancelled") == set()
    assert "No callback fits these filters" in alice.text


async def _due(services: Services, due_at: datetime, why: str, assignee: UserId | None = None) -> CallbackId:
    made = await services.callbacks.schedule(due_at=due_at, why=why, number="13800138000", assignee=assignee)
    return made.id
