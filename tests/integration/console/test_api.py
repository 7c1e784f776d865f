"""The REST interface: tokens and sessions, writes done once, pages by cursor, problems with codes."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import ClientResponse

from crm_core.domain.floor import Queue
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.domain.tickets import TicketStatus
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import (
    ExplainIdle,
    ExplainWait,
    Floor,
    ForceAgentState,
    GetFloor,
    IdleExplained,
    QueueOnFloor,
    SetPaused,
    WaitExplained,
)
from routing.explaining import Ahead, ComesFirst, IdleReason, NoCalls, WaitReason
from routing.reasons import Exclusion, WhyWaiting
from routing.strategies import StrategyName
from tests.integration.console.stage import Api, Browser, People


async def _code(response: ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    return response.status, (await response.json())["code"]


async def test_a_customer_through_his_whole_life(api: Api) -> None:
    made = await api.call("POST", "/customers", json={"name": "张伟", "level": "gold"})
    assert made.status == 201
    customer = await made.json()
    assert made.headers["Location"] == f"/api/v1/customers/{customer['id']}"

    number = await api.call(
        "POST", f"/customers/{customer['id']}/numbers", json={"number": "138 0013 8000", "confirmed": True}
    )
    assert (await number.json())["number"]["key"] == "+8613800138000"
    match = await (await api.call("GET", "/lookup?number=013800138000")).json()
    assert (match["certainty"], match["customer"]) == ("known", customer["id"])

    changed = await api.call("PATCH", f"/customers/{customer['id']}", json={"name_en": "Zhang Wei"})
    assert (await changed.json())["level"] == "gold"
    gone = await api.call("DELETE", f"/customers/{customer['id']}/numbers/+8613800138000")
    assert gone.status == 204
    assert (await (await api.call("GET", "/lookup?number=13800138000")).json())["certainty"] == "new"


async def test_a_list_goes_on_by_cursor(api: Api, services: Services) -> None:
    for count in range(5):
        await services.tickets.create(subject=f"ticket {count}")
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await (await api.call("GET", f"/tickets?limit=2{cursor}")).json()
        seen += [item["subject"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [f"ticket {count}" for count in (4, 3, 2, 1, 0)]
    assert page["next_cursor"] is None


async def test_a_write_that_is_sent_twice_is_done_once(api: Api, services: Services) -> None:
    key = {"Idempotency-Key": "order-17"}
    first = await api.call("POST", "/tickets", json={"subject": "once"}, headers=key)
    second = await api.call("POST", "/tickets", json={"subject": "once"}, headers=key)
    assert (first.status, second.status) == (201, 201)
    assert await first.json() == await second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert len((await services.tickets.search()).items) == 1
    other = await api.call("POST", "/tickets", json={"subject": "another"}, headers=key)
    assert await _code(other) == (409, "idempotency.key_reused")


async def test_a_write_that_failed_may_be_sent_again(api: Api, services: Services) -> None:
    ticket = await services.tickets.create(subject="x")
    key = {"Idempotency-Key": "again"}
    stale = await api.call("PATCH", f"/tickets/{ticket.id}", json={"status": "open", "version": 99}, headers=key)
    assert await _code(stale) == (409, "ticket.changed_meanwhile")
    await services.tickets.update(ticket.id, topic="y")
    body = {"status": "open", "version": 2}
    assert (await api.call("PATCH", f"/tickets/{ticket.id}", json=body, headers=key)).status == 200


async def test_a_key_that_is_none(api: Api) -> None:
    wrong = await api.call("POST", "/tickets", json={"subject": "x"}, headers={"Idempotency-Key": "with blank"})
    assert await _code(wrong) == (422, "request.invalid")


async def test_what_is_wrong_is_said_field_by_field(api: Api) -> None:
    wrong = await api.call("POST", "/customers", json={"name": " ", "level": "platinum", "shoe_size": 43})
    assert wrong.status == 422
    problem = await wrong.json()
    assert {(fault["field"], fault["code"]) for fault in problem["errors"]} == {
        ("name", "string_pattern_mismatch"),
        ("level", "enum"),
        ("shoe_size", "extra_forbidden"),
    }
    assert all(fault["detail"] for fault in problem["errors"])


async def test_what_cannot_be_read(api: Api) -> None:
    json = {"Content-Type": "application/json"}
    assert await _code(await api.call("POST", "/tickets", data=b"{", headers=json)) == (400, "http.body_unreadable")
    text = {"Content-Type": "text/plain"}
    assert await _code(await api.call("POST", "/tickets", data=b"x", headers=text)) == (
        415,
        "http.unsupported_media_type",
    )
    large = b'{"subject": "' + b"x" * 2_000_000 + b'"}'
    assert await _code(await api.call("POST", "/tickets", data=large, headers=json)) == (413, "http.too_large")


async def test_numbers_and_texts_are_not_mixed_up(api: Api) -> None:
    wrong = await api.call("POST", "/tickets", json={"subject": 17})
    assert await _code(wrong) == (422, "request.invalid")


async def test_queries_are_checked(api: Api) -> None:
    wrong = ("limit=0", "limit=many", "status=lost", "colour=red", "limit=1&limit=2", "open=1", "open=", "since=soon",
             "since=2026-01-05", "since=2026-01-05T08:00:00", "since=1767600000")  # fmt: skip
    for query in wrong:
        assert await _code(await api.call("GET", f"/tickets?{query}")) == (422, "request.invalid")
    assert await _code(await api.call("GET", "/tickets?cursor=nonsense")) == (404, "cursor.invalid")


async def test_without_a_token_nothing_opens(api: Api) -> None:
    bare = await api.session.get(api.server.make_url("/api/v1/customers"))
    assert await _code(bare) == (401, "auth.login_needed")
    assert bare.headers["WWW-Authenticate"] == "Bearer"
    api.token = "guessed"
    assert await _code(await api.call("GET", "/customers")) == (401, "auth.login_needed")


async def test_a_token_opens_the_interface_but_no_screen(api: Api) -> None:
    response = await api.session.get(
        api.server.make_url("/customers"), headers={"Authorization": f"Bearer {api.token}"}, allow_redirects=False
    )
    assert response.status == 303


async def test_a_session_needs_the_form_token_as_well(alice: Browser, services: Services) -> None:
    url = alice.server.make_url("/api/v1/tickets")
    refused = await alice.session.post(url, json={"subject": "forged"})
    assert await _code(refused) == (403, "auth.csrf")
    taken = await alice.session.post(url, json={"subject": "mine"}, headers={"X-CSRF-Token": alice.csrf})
    assert taken.status == 201
    assert [ticket.subject for ticket in await services.tickets.search()] == ["mine"]


async def test_unknown_addresses_and_methods_are_problems(api: Api) -> None:
    assert await _code(await api.call("GET", "/nothing")) == (404, "http.not_found")
    wrong = await api.call("DELETE", "/tickets")
    assert await _code(wrong) == (405, "http.method_not_allowed")
    assert set(wrong.headers["Allow"].split(",")) >= {"GET", "POST"}
    assert await _code(await api.call("GET", "/tickets/T-1")) == (404, "ticket.not_found")


async def test_problems_speak_the_readers_language(api: Api) -> None:
    missing = await api.call("GET", "/tickets/T-1", headers={"Cookie": "cw_lang=en"})
    assert (await missing.json())["detail"] == "There is no ticket T-1."


async def test_tickets_comments_and_history(api: Api, services: Services) -> None:
    ticket = await (await api.call("POST", "/tickets", json={"subject": "noise", "type": "repair"})).json()
    comment = await api.call("POST", f"/tickets/{ticket['number']}/comments", json={"text": "技师已上门"})
    assert (await comment.json())["kind"] == "comment"
    await api.call("PATCH", f"/tickets/{ticket['id']}", json={"status": "solved"})
    history = (await (await api.call("GET", f"/tickets/{ticket['id']}/history")).json())["items"]
    assert [entry["kind"] for entry in history] == ["created", "comment", "changed"]
    assert history[2]["changes"]["status"][1] == TicketStatus.SOLVED


async def test_callbacks(api: Api, clock: ManualClock) -> None:
    due = (clock.now() + timedelta(hours=2)).isoformat()
    made = await api.call("POST", "/callbacks", json={"due_at": due, "why": "x", "number": "13800138000"})
    callback = (await made.json())["id"]
    nobody = await api.call("POST", "/callbacks", json={"due_at": due, "why": "x"})
    assert await _code(nobody) == (422, "request.invalid")
    naive = await api.call("POST", "/callbacks", json={"due_at": "2026-01-06T08:00:00", "why": "x", "number": "1"})
    assert await _code(naive) == (422, "request.invalid")
    done = await api.call("POST", f"/callbacks/{callback}/complete", json={"note": "ok"})
    assert (await done.json())["state"] == "done"
    again = await api.call("POST", f"/callbacks/{callback}/cancel", json={})
    assert await _code(again) == (409, "callback.over")


async def test_callbacks_are_given_to_colleagues_and_their_history_told(
    api: Api, clock: ManualClock, people: People, services: Services
) -> None:
    made = await services.callbacks.schedule(due_at=clock.now(), why="x", number="13800138000", by=people.alice.id)
    given = await api.call("POST", f"/callbacks/{made.id}/assign", json={"assignee": people.bob.id})
    assert (await given.json())["assignee"] == people.bob.id
    nobody = await api.call("POST", f"/callbacks/{made.id}/assign", json={"assignee": None})
    assert (await nobody.json())["assignee"] is None
    assert await _code(await api.call("POST", f"/callbacks/{made.id}/assign", json={})) == (422, "request.invalid")
    stranger = await api.call("POST", f"/callbacks/{made.id}/assign", json={"assignee": "usr_nobody"})
    assert await _code(stranger) == (404, "user.not_found")
    events = (await (await api.call("GET", f"/callbacks/{made.id}/events")).json())["items"]
    assert [event["body"]["action"].partition(".")[2] for event in events] == ["scheduled", "assigned", "assigned"]
    assert await _code(await api.call("GET", "/callbacks/cbk_none/events")) == (404, "callback.not_found")


async def test_the_ends_of_the_calendar_are_times_like_others(api: Api, alice: Browser) -> None:
    for due in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        body = {"due_at": due, "why": "for ever", "number": "13800138000"}
        assert (await api.call("POST", "/callbacks", json=body)).status == 201
    for since in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        for path in ("/callbacks", "/tickets", "/calls"):
            assert (await api.call("GET", f"{path}?{urlencode({'since': since})}")).status == 200
    for query in ("", "&since=0001-01-01&until=9999-12-31"):
        assert (await alice.get(f"/callbacks?view=all{query}")).status == 200
        assert alice.text.count("for ever") == 2


async def _found(api: Api, path: str, field: str, **query: str) -> set[str]:
    page = await (await api.call("GET", f"{path}?{urlencode(query)}")).json()
    return {item[field] for item in page["items"]}


async def test_the_filters_of_the_screens_are_there_for_callbacks(
    api: Api, clock: ManualClock, people: People, services: Services, a_call: CallId
) -> None:
    for hours, assignee, call in ((1, people.alice.id, a_call), (2, None, None), (3, people.bob.id, None)):
        await services.callbacks.schedule(
            due_at=clock.now() + timedelta(hours=hours), why=f"in {hours}", number="13800138000",
            assignee=assignee, call=call,
        )  # fmt: skip
    later = (clock.now() + timedelta(hours=2)).isoformat()
    assert await _found(api, "/callbacks", "why", since=later) == {"in 2", "in 3"}
    assert await _found(api, "/callbacks", "why", until=later) == {"in 1"}
    assert await _found(api, "/callbacks", "why", unassigned="true") == {"in 2"}
    assert await _found(api, "/callbacks", "why", unassigned="false", assignee=people.bob.id) == {"in 3"}
    assert await _found(api, "/callbacks", "why", call=a_call, state="scheduled") == {"in 1"}
    assert await _found(api, "/callbacks", "why", state="done") == set()


async def test_the_filters_of_the_screens_are_there_for_tickets(
    api: Api, clock: ManualClock, people: People, services: Services
) -> None:
    first = await services.tickets.create(subject="hers", assignee=people.alice.id, by=people.bob.id)
    clock.advance(60)
    await services.tickets.create(subject="nobody's", department="service", by=people.alice.id)
    await services.tickets.update(first.id, status=TicketStatus.SOLVED)
    now = clock.now().isoformat()
    assert await _found(api, "/tickets", "subject", open="true") == {"nobody's"}
    assert await _found(api, "/tickets", "subject", open="false") == {"hers"}
    assert await _found(api, "/tickets", "subject", open="true", status="solved") == set()
    assert await _found(api, "/tickets", "subject", unassigned="true") == {"nobody's"}
    assert await _found(api, "/tickets", "subject", unassigned="true", assignee=people.alice.id) == set()
    assert await _found(api, "/tickets", "subject", department="service") == {"nobody's"}
    assert await _found(api, "/tickets", "subject", created_by=people.bob.id) == {"hers"}
    assert await _found(api, "/tickets", "subject", since=now) == {"nobody's"}
    assert await _found(api, "/tickets", "subject", until=now) == {"hers"}
    await services.calls.expect(CallId("c1"), clock.now())
    await services.tickets.comment(first.id, "asked again", call=CallId("c1"))
    assert await _found(api, "/tickets", "subject", call="c1") == {"hers"}


async def test_the_filters_of_the_screens_are_there_for_calls(
    api: Api, clock: ManualClock, services: Services, a_call: CallId
) -> None:
    live, later = CallId("test-2.1"), clock.now() + timedelta(minutes=5)
    await services.calls.expect(live, later)
    moment = later.isoformat()
    assert await _found(api, "/calls", "id") == {a_call, live}
    assert await _found(api, "/calls", "id", since=moment) == {live}
    assert await _found(api, "/calls", "id", until=moment) == {a_call}
    assert await _found(api, "/calls", "id", live="true") == {live}
    assert await _found(api, "/calls", "id", live="false") == {a_call}
    assert await _found(api, "/calls", "id", undisposed="true") == {a_call}
    await services.dispositions.create("repair.booked", {"zh": "已预约", "en": "Visit booked"})
    await services.calls.set_disposition(a_call, "repair.booked")
    assert await _found(api, "/calls", "id", undisposed="true") == set()


async def test_calls_their_story_and_sound(api: Api, a_call: CallId, services: Services) -> None:
    await services.dispositions.create("repair.booked", {"zh": "已预约", "en": "Visit booked"})
    call = await (await api.call("GET", f"/calls/{a_call}")).json()
    assert (call["call"]["outcome"], call["legs"][0]["party"]) == ("answered", "1001")
    events = (await (await api.call("GET", f"/calls/{a_call}/events")).json())["items"]
    assert [event["topic"] for event in events][:2] == ["call.arrived", "call.queued"]
    told = await api.call("PUT", f"/calls/{a_call}/disposition", json={"code": "repair.booked"})
    assert (await told.json())["disposition"] == "repair.booked"
    recording = (await (await api.call("GET", f"/calls/{a_call}/recordings")).json())["items"][0]
    sound = await api.call("GET", f"/recordings/{recording['id']}", headers={"Range": "bytes=0-3"})
    assert (sound.status, sound.content_type, await sound.read()) == (206, "audio/wav", b"RIFF")


async def test_states_and_the_floor_come_over_the_bus(api: Api, bus: Bus, people: People, services: Services) -> None:
    asked: list[Command] = []

    async def telephony(command: Command) -> CommandResult:
        asked.append(command)
        if isinstance(command, GetFloor):
            return Floor(ok=True, links={"test": True})
        refused = isinstance(command, SetPaused) and not command.reason
        return CommandResult(ok=not refused, code="reason.missing" if refused else "")

    away = await api.call("POST", f"/agents/{people.alice.id}/state", json={"state": "ready"})
    assert await _code(away) == (503, "bus.nobody_serves")
    async with bus.serve(telephony, GetFloor, SetPaused, ForceAgentState):
        paused = await api.call("POST", f"/agents/{people.alice.id}/state", json={"state": "paused", "reason": "lunch"})
        assert paused.status == 204
        silent = await api.call("POST", f"/agents/{people.alice.id}/state", json={"state": "paused"})
        assert await _code(silent) == (409, "reason.missing")
        other = await api.call("POST", f"/agents/{people.bob.id}/state", json={"state": "ready"})
        assert await _code(other) == (403, "auth.forbidden")
        assert await _code(await api.call("GET", "/floor")) == (403, "auth.forbidden")
        api.token = (await services.api_tokens.create("sam", people.sam.id)).token
        forced = await api.call("POST", f"/agents/{people.bob.id}/state", json={"state": "ready"})
        assert forced.status == 204
        assert (await (await api.call("GET", "/floor")).json())["links"] == {"test": True}
    assert SetPaused(agent=people.alice.id, reason="lunch") in asked  # type: ignore[arg-type]
    assert ForceAgentState(agent=people.bob.id, state="ready") in asked  # type: ignore[arg-type]


async def test_what_is_agreed_for_a_queue_stands_beside_who_waits_in_it(
    api: Api, bus: Bus, people: People, services: Services
) -> None:
    chain = (Overflow(kind=OverflowKind.MESSAGE, to="closed", when=(OverflowWhy.CLOSED,)),)
    hours = OpeningHours(week={"mon": ("09:00-18:00",)})
    drawn = Queue(key=QueueKey("night"), names={"en": "Night"}, weight=3, open_hours=hours, overflow=chain)
    await services.floor_plans.put_queue(drawn)

    async def telephony(_: Command) -> CommandResult:
        empty = {"waiting": 0, "longest_wait_s": 0.0, "agents_ready": 0, "agents_signed_in": 0}
        rows = [QueueOnFloor(queue=QueueKey(key), names={}, **empty) for key in ("night", "undrawn")]  # type: ignore[arg-type]
        return Floor(ok=True, queues=tuple(rows))

    api.token = (await services.api_tokens.create("sam", people.sam.id)).token
    async with bus.serve(telephony, GetFloor):
        night, undrawn = (await (await api.call("GET", "/queues")).json())["items"]
    assert (night["terms"]["weight"], night["terms"]["ageing_s"]) == (3, 60)
    assert night["terms"]["overflow"] == [{"kind": "message", "to": "closed", "when": ["closed"]}]
    assert night["terms"]["open_hours"] == {"week": {"mon": ["09:00-18:00"]}, "holidays": {}, "working_days": {}}
    assert undrawn["terms"] is None
    nobody = {"answered": 0, "not_answered": 0, "typical_error_s": None, "bias_s": None}
    assert night["told_waits"] == undrawn["told_waits"] == nobody


async def test_why_is_answered_in_both_languages(api: Api, bus: Bus, people: People, services: Services) -> None:
    alice = people.alice.id

    async def telephony(command: Command) -> CommandResult:
        if isinstance(command, ExplainIdle):
            first = ComesFirst(queue=QueueKey("vip"), strategy=StrategyName.FIXED_ORDER, colleagues=2)
            reason = IdleReason(code=NoCalls.PAUSED, pause="lunch", waiting=2, come_first=(first,))
            return IdleExplained(ok=True, reason=reason)
        assert isinstance(command, ExplainWait)
        if command.call == "gone":
            return CommandResult(ok=False, code="call.not_waiting")
        busy = Exclusion(agent=AgentId(alice), why="busy")
        vip = Ahead(queue=QueueKey("vip"), waiting=2, urgent=1)
        why = WaitReason(code=WhyWaiting.ALL_BUSY, ahead=1, ahead_elsewhere=(vip,), able=1, not_free=(busy,))
        return WaitExplained(ok=True, reason=why)

    async with bus.serve(telephony, ExplainIdle, ExplainWait):
        idle = await (await api.call("GET", f"/agents/{alice}/why-no-calls")).json()
        assert (idle["code"], idle["pause"], idle["waiting"]) == ("paused", "lunch", 2)
        assert idle["come_first"] == [{"queue": "vip", "strategy": "fixed_order", "colleagues": 2}]
        [said, _] = idle["sentences"]
        assert said["en"].startswith("On pause: Lunch.")
        assert said["zh"].startswith("暂停中：用餐。")
        assert await _code(await api.call("GET", f"/agents/{people.bob.id}/why-no-calls")) == (403, "auth.forbidden")
        assert await _code(await api.call("GET", "/calls/one/why-waiting")) == (403, "auth.forbidden")
        api.token = (await services.api_tokens.create("sam", people.sam.id)).token
        assert (await api.call("GET", f"/agents/{people.bob.id}/why-no-calls")).status == 200
        waits = await (await api.call("GET", "/calls/one/why-waiting")).json()
        assert (waits["code"], waits["ahead"], waits["not_free"][0]["why"]) == ("all_busy", 1, "busy")
        assert waits["ahead_elsewhere"] == [{"queue": "vip", "waiting": 2, "urgent": 1, "tickets": False}]
        assert [one["en"] for one in waits["sentences"]][-1].startswith("Not ")
        assert await _code(await api.call("GET", "/calls/gone/why-waiting")) == (409, "call.not_waiting")


async def test_me(api: Api) -> None:
    me = await (await api.call("GET", "/me")).json()
    assert me["user"]["login"] == "alice"
    assert "administer" not in me["permissions"]
    assert "sip_secret" not in me["user"]


async def test_the_docs_are_a_page_of_our_own(alice: Browser) -> None:
    assert (await alice.get("/api/docs")).status == 200
    assert "/api/v1/lookup" in alice.text
    assert "https://" not in alice.text
