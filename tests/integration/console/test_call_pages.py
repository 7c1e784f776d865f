"""The call log in the browser: the story, the paperwork, and who may listen."""

from __future__ import annotations

from datetime import timedelta

from agent_console.settings import ConsoleSettings
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from crm_core.services.bundle import Services
from cti.events import CallArrived, CallMonitored, CallOffered, Direction, MonitorMode
from routing.reasons import Because, Candidate
from tests.integration.console.stage import Api, Browser, NewBrowser, People


async def _recording(services: Services, call: CallId) -> str:
    return (await services.recordings.of_call(call))[0].id


async def test_the_story_of_a_call(alice: Browser, a_call: CallId) -> None:
    await alice.get(f"/calls/{a_call}")
    for told in (
        "+86 138 0013 8000 called 4008000.",
        "The caller began to wait in the queue Hotline.",
        "The call was offered to Alice Wang.",
        "Because Alice Wang was the only one free who has the skills asked for.",
        "Alice Wang answered: both could talk.",
        "The caller hung up.",
    ):
        assert told in alice.text


async def is_offered(call: CallId, services: Services, people: People, clock: ManualClock) -> tuple[Candidate, ...]:
    """To Alice, with Bob free as well."""
    there = (Candidate(agent=AgentId(people.alice.id), idle_s=200), Candidate(agent=AgentId(people.bob.id), idle_s=65))
    because = Because(rule="longest_idle", candidates=8, idle_s=200, compared=there)
    offer = CallOffered(
        at=clock.now() + timedelta(seconds=5),
        call=call,
        agent=there[0].agent,
        extension="1001",
        offer=OfferId("o2"),
        queue=QueueKey("service"),
        because=because,
    )
    await services.calls.apply(offer)
    return there


async def test_who_else_was_free_is_a_table_and_in_rest(  # noqa: PLR0917 - fixtures
    sam: Browser, program: Api, a_call: CallId, services: Services, people: People, clock: ManualClock
) -> None:
    there = await is_offered(a_call, services, people, clock)
    await sam.get(f"/calls/{a_call}")
    for told in (
        "7 other colleagues were free",
        "Free for",
        ">was asked<",
        "1:05",
        "and 6 more, who come after",
    ):
        assert told in sam.text
    logged = (await (await program.call("GET", f"/calls/{a_call}/events")).json())["items"]
    [kept] = [one["body"]["because"]["compared"] for one in logged if one["body"].get("offer") == "o2"]
    assert [(one["agent"], one["idle_s"]) for one in kept] == [(one.agent, one.idle_s) for one in there]


async def test_how_colleagues_stood_beside_each_other_is_for_supervisors(  # noqa: PLR0917 - fixtures
    alice: Browser, api: Api, a_call: CallId, services: Services, people: People, clock: ManualClock
) -> None:
    await is_offered(a_call, services, people, clock)
    await alice.get(f"/calls/{a_call}")
    for told in ("7 other colleagues were free", "Bob Chen", ">was asked<", "had been free longest"):
        assert told in alice.text
    for figure in ("Free for", "1:05"):
        assert figure not in alice.text
    logged = (await (await api.call("GET", f"/calls/{a_call}/events")).json())["items"]
    legs = (await (await api.call("GET", f"/calls/{a_call}")).json())["legs"]
    reasons = [one["body"]["because"] for one in logged if one["body"].get("offer") == "o2"]
    reasons += [leg["because"] for leg in legs if leg["offered_at"] and leg["because"]["rule"] == "longest_idle"]
    assert [one["compared"] for one in reasons] == [[], []]


async def test_that_a_supervisor_listened_is_not_told_to_who_was_heard(  # noqa: PLR0917 - fixtures
    program: Api, api: Api, a_call: CallId, services: Services, people: People, clock: ManualClock
) -> None:
    heard = {"by": AgentId(people.sam.id), "of": AgentId(people.alice.id), "mode": MonitorMode.LISTEN}
    await services.calls.apply(CallMonitored(at=clock.now(), call=a_call, since=clock.now(), **heard))
    for asks, told in ((program, True), (api, False)):
        events = (await (await asks.call("GET", f"/calls/{a_call}/events")).json())["items"]
        assert ("call.monitored" in {event["topic"] for event in events}) is told


async def test_the_list_and_its_filters(alice: Browser, a_call: CallId) -> None:
    for query, there in (
        ("", True),
        ("?q=13800138000", True),
        ("?outcome=abandoned", False),
        ("?view=mine", True),
        ("?view=lost", False),
        ("?since=2026-01-05&until=2026-01-05", True),
        ("?since=2026-01-06", False),
        ("?since=nonsense&outcome=nonsense&cursor=", True),
    ):
        await alice.get(f"/calls{query}")
        assert (f"/calls/{a_call}" in alice.text) is there, query


async def test_the_paperwork_is_done_later(alice: Browser, a_call: CallId, services: Services) -> None:
    await services.dispositions.create("repair.booked", {"zh": "已预约", "en": "Visit booked"})
    await alice.get(f"/calls/{a_call}")
    await alice.post(f"/calls/{a_call}/disposition", {"code": "repair.booked", "note": "明天九点"})
    assert "Visit booked" in alice.text
    assert "明天九点" in alice.text


async def test_a_note_needs_no_result(alice: Browser, a_call: CallId, services: Services) -> None:
    await alice.get(f"/calls/{a_call}")
    assert 'name="code"' not in alice.page  # there is nothing to choose from
    await alice.post(f"/calls/{a_call}/disposition", {"note": "明天九点"})
    assert '<p class="quote pre">明天九点</p>' in alice.page
    await services.dispositions.create("repair.booked", {"zh": "已预约", "en": "Visit booked"})
    await alice.post(f"/calls/{a_call}/disposition", {"code": "repair.booked", "note": "明天九点"})
    await alice.post(f"/calls/{a_call}/disposition", {"code": "", "note": "后天九点"})
    call = await services.calls.get(a_call)
    assert (call.disposition, call.note) == ("repair.booked", "后天九点")


async def test_a_stranger_is_attached_and_his_number_remembered(
    alice: Browser, a_call: CallId, services: Services
) -> None:
    customer = await services.customers.create(name="张伟")
    await alice.get(f"/calls/{a_call}")
    await alice.post(f"/calls/{a_call}/customer", {"customer": customer.id, "remember": "1"})
    assert (await services.calls.get(a_call)).customer == customer.id
    assert (await services.customers.who_is("13800138000")).customer == customer.id


async def test_a_caller_without_a_number_is_attached_too(
    alice: Browser, services: Services, clock: ManualClock
) -> None:
    call = CallId("test-2.1")
    await services.calls.apply(
        CallArrived(
            at=clock.now(), call=call, server=ServerId("test"), direction=Direction.INBOUND, ani="alice.smith",
            dnis="4008000",
        )
    )  # fmt: skip
    customer = await services.customers.create(name="Acme")
    await alice.get(f"/calls/{call}")
    assert "This number is theirs from now on" not in alice.text
    response = await alice.post(f"/calls/{call}/customer", {"customer": customer.id, "remember": "1"})
    assert response.status == 200
    assert (await services.calls.get(call)).customer == customer.id


async def test_a_stranger_is_entered_from_the_call(alice: Browser, a_call: CallId, services: Services) -> None:
    await alice.get(f"/customers/new?number=13800138000&call={a_call}")
    assert 'value="13800138000"' in alice.text
    await alice.post("/customers/new", {"name": "张伟", "call": a_call, "numbers-0-number": "13800138000"})
    assert (await services.calls.get(a_call)).customer is not None


async def test_the_recording_is_played_in_parts(alice: Browser, a_call: CallId, services: Services) -> None:
    address = f"/recordings/{await _recording(services, a_call)}"
    await alice.get(f"/calls/{a_call}")
    assert f'src="{address}"' in alice.text
    whole = await alice.get(address)
    assert (whole.status, whole.content_type, len(await whole.read())) == (200, "audio/x-wav", 204)
    part = await alice.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status, await part.read()) == (206, bytes(range(4)))


async def test_only_those_who_took_part_and_supervisors_listen(
    new_browser: NewBrowser, a_call: CallId, services: Services, people: People
) -> None:
    address = f"/recordings/{await _recording(services, a_call)}"
    statuses = {}
    for login in ("bob", "sam"):
        browser = new_browser()
        await browser.log_in(login)
        statuses[login] = (await browser.get(address)).status
        await browser.get(f"/calls/{a_call}")
        assert (address in browser.text) is (login == "sam")
    assert statuses == {"bob": 403, "sam": 200}


async def test_sound_that_is_gone_is_said_so(
    alice: Browser, a_call: CallId, services: Services, settings: ConsoleSettings
) -> None:
    (settings.recordings / "test-1.1.wav").unlink()
    assert (await alice.get(f"/recordings/{await _recording(services, a_call)}")).status == 404
