"""The desk over its live connection: pop before the phone rings, nothing lost on a reload, every wish once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from agent_console.live.hub import Hub
from agent_console.live.protocol import CaseSaid, encode
from crm_core.domain.callbacks import CallbackFilter
from crm_core.domain.floor import Paperwork
from crm_core.domain.tickets import TicketFilter
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from cti.commands import ForceAgentState
from cti.events import CallOffered, PhoneMoved
from routing.states import AgentState
from tests.support.live_screens import Screen, Somebody
from tests.support.live_stage import LiveStage
from tests.support.waiting import eventually

REGULAR, COMPANY, SHARED, STRANGER = "13800138000", "02164881234", "13912340000", "13777770000"


async def talking(stage: LiveStage, desk: Screen, ani: str = REGULAR) -> str:
    """Alice is in a call with this caller."""
    alice = stage.people["alice"]
    call = stage.telephony.arrive(ani)
    stage.telephony.offer(call, alice)
    stage.telephony.connect(call)
    await desk.case("talking")
    return call


async def test_hello_says_who_one_is_and_how_the_phone_registers(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        hello = await desk.hello()
    assert hello["me"]["names"] == {"zh": "李爱丽", "en": "Alice Li"}
    assert hello["phone"]["url"] == "ws://127.0.0.1:9/ws"
    assert hello["phone"]["user"] == "1001"
    assert hello["phone"]["password"] == stage.people["alice"].sip_secret
    assert [choice["code"] for choice in hello["dispositions"]] == [
        "repair.booked", "repair.solved", "consultation.answered",
    ]  # fmt: skip


async def test_the_pop_comes_with_the_offer(stage: LiveStage, person: Somebody) -> None:
    """The customer was looked up while the caller was still in the menu."""
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = stage.telephony.arrive(REGULAR)
        async with (await person("sam")).screen("board") as board:
            await board.until(lambda one: one["t"] == "floor" and any(row["customer"] for row in one["waiting"]))
        stage.telephony.offer(call, stage.people["alice"])
        case = await desk.case("offered")
    assert case["pop"]["certainty"] == "known"
    assert case["pop"]["customer"]["names"] == {"zh": "张伟", "en": "Zhang Wei"}
    assert [ticket["subject"] for ticket in case["pop"]["tickets"]] == ["空调不制冷,需要上门检查"]
    assert [step["label"] for step in case["path"]] == ["zh", "repair"]
    assert case["because"]["rule"] == "best_skill"


@pytest.mark.parametrize(
    ("ani", "certainty"),
    [(REGULAR, "known"), (SHARED, "several"), (STRANGER, "new"), ("", "anonymous"), ("+442079460123", "maybe")],
)
async def test_every_degree_of_certainty(stage: LiveStage, person: Somebody, ani: str, certainty: str) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        stage.telephony.offer(stage.telephony.arrive(ani), stage.people["alice"])
        assert (await desk.known_case())["pop"]["certainty"] == certainty


async def test_a_reload_stands_where_it_stood(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        await desk.ask(do="keep_draft", call=call, draft={"note": "calls back"})
    async with alice.screen() as desk:
        hello = await desk.hello()
    (case,) = hello["cases"]
    assert (case["call"], case["phase"], case["draft"]) == (call, "talking", {"note": "calls back"})
    assert case["pop"]["customer"]["names"]["zh"] == "张伟"
    assert hello["agent"]["state"] == "talking"


async def test_other_tabs_hear_what_is_typed(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as one, alice.screen() as other:
        await one.hello()
        await other.hello()
        call = await talking(stage, one)
        await one.ask(do="keep_draft", call=call, draft={"note": "x"})
        said = await other.until(lambda message: message["t"] == "draft")
    assert (said["call"], said["draft"]) == (call, {"note": "x"})


async def test_who_it_is_may_be_said_on_the_page_of_the_call(stage: LiveStage, person: Somebody) -> None:
    """There, at another console, or by a program: every desk that has the call shows it."""
    alice = await person("alice")
    async with alice.screen() as desk:
        await desk.hello()
        call = await talking(stage, desk, STRANGER)
        await desk.looked_up()
        other = await stage.services.customers.create(name="Somebody Else")
        assert await stage.bus.caught_up("call-log")
        await alice.send(f"/calls/{call}/customer", customer=other.id)
        named = await desk.until(lambda one: one["t"] == "case" and (one["case"]["pop"] or {}).get("customer"))
    assert named["case"]["pop"]["customer"]["id"] == other.id


async def test_who_it_is_may_be_said_by_writing_him_into_the_book(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as desk:
        await desk.hello()
        call = await talking(stage, desk, STRANGER)
        await desk.looked_up()
        assert await stage.bus.caught_up("call-log")
        await alice.send("/customers/new", name="Somebody New", call=call)
        named = await desk.until(lambda one: one["t"] == "case" and (one["case"]["pop"] or {}).get("customer"))
    assert named["case"]["pop"]["customer"]["names"]["zh"] == "Somebody New"


async def test_nobody_hears_of_calls_that_are_not_his(stage: LiveStage, person: Somebody) -> None:
    async with (await person("bob")).screen() as bobs, (await person("alice")).screen() as desk:
        await bobs.hello()
        await desk.hello()
        await talking(stage, desk)
        stage.telephony.cut_line()
        await bobs.until(lambda one: one["t"] == "links")
    assert not [one for one in bobs.heard if one["t"] in ("case", "agent")]


async def test_finishing_saves_everything_and_sets_free(stage: LiveStage, person: Somebody) -> None:
    due = datetime.now(UTC) + timedelta(hours=2)
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        stage.telephony.end(stage.telephony.calls[call].live.call)  # type: ignore[index]
        await desk.case("wrap_up")
        answer = await desk.ask(
            do="finish", call=call, disposition="repair.booked", note="visit tomorrow",
            ticket={"key": "t1", "subject": "cold air missing", "type": "repair"},
            callback={"key": "b1", "due_at": due.isoformat(), "why": "confirm the visit", "number": REGULAR},
        )  # fmt: skip
        assert answer["ok"], answer
    assert [one["case"]["phase"] for one in desk.heard if one["t"] == "case"][-1] == "done"
    record = await stage.services.calls.get(call)  # type: ignore[arg-type]
    assert (record.disposition, record.note) == ("repair.booked", "visit tomorrow")
    (ticket,) = await stage.services.tickets.of_call(record.id)
    assert (ticket.subject, ticket.customer, ticket.assignee) == (
        "cold air missing", record.customer, stage.people["alice"].id,
    )  # fmt: skip
    (callback,) = await stage.services.callbacks.search(CallbackFilter(assignee=stage.people["alice"].id))
    assert (callback.why, callback.customer, callback.call) == ("confirm the visit", ticket.customer, record.id)


async def test_a_note_is_kept_without_a_result(stage: LiveStage, person: Somebody) -> None:
    """As in a house that has made no list of results."""
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        stage.telephony.end(CallId(call))
        await desk.case("wrap_up")
        assert (await desk.ask(do="finish", call=call, disposition="", note="calls back on Monday"))["ok"]
    record = await stage.services.calls.get(CallId(call))
    assert (record.disposition, record.note, record.disposed_by) == (
        None, "calls back on Monday", stage.people["alice"].id,
    )  # fmt: skip


async def test_where_it_has_to_be_said_nobody_is_done_before(stage: LiveStage, person: Somebody) -> None:
    repair = (await stage.services.floor_plans.queue(QueueKey("repair"))).queue
    await stage.services.floor_plans.put_queue(replace(repair, wrap_up=Paperwork.MANDATORY))
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = CallId(await talking(stage, desk))
        stage.telephony.end(call)
        await desk.case("wrap_up")
        ticket = {"key": "t1", "subject": "leaks"}
        refused = await desk.ask(do="finish", call=call, note="calls again", ticket=ticket)
        assert (refused["ok"], refused["code"]) == (False, "call.disposition_missing")
        assert refused["sentence"]
        assert stage.telephony.agents[AgentId(stage.people["alice"].id)].state is AgentState.WRAP_UP
        assert not await stage.services.tickets.of_call(call)
        assert (await desk.ask(do="finish", call=call, disposition="repair.solved", note="calls again"))["ok"]
    assert (await stage.services.calls.get(call)).disposition == "repair.solved"


async def test_what_was_saved_before_something_failed_is_not_saved_twice(stage: LiveStage, person: Somebody) -> None:
    ticket = {"key": "t1", "subject": "leaks"}
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        early = await desk.ask(do="finish", call=call, disposition="no.such", ticket=ticket)
        assert (early["ok"], early["code"]) == (False, "disposition.not_found")
        first = await desk.ask(do="create_ticket", call=call, ticket=ticket)
        again = await desk.ask(do="finish", call=call, disposition="repair.booked", ticket=ticket)
    assert again["value"]["ticket"] == first["value"]
    page = await stage.services.tickets.search(TicketFilter(text="leaks"))
    assert len(page) == 1


async def test_a_wish_sent_twice_is_carried_out_once(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as one, alice.screen() as other:
        await one.hello()
        await other.hello()
        call = await talking(stage, one)
        wish = {"id": "same", "do": "create_ticket", "call": call, "ticket": {"key": "k", "subject": "once"}}
        answers = [await one.ask(**wish), await other.ask(**wish)]
    assert answers[0]["value"] == answers[1]["value"]
    assert len(await stage.services.tickets.search(TicketFilter(text="once"))) == 1


async def test_what_is_added_after_an_answer_that_got_lost_is_saved_too(stage: LiveStage, person: Somebody) -> None:
    """The screen does not know whether it was made and asks again, with what was written since."""
    due = datetime.now(UTC) + timedelta(hours=2)
    ticket = {"key": "t1", "subject": "leaks", "description": ""}
    callback = {"key": "b1", "due_at": due.isoformat(), "why": "confirm", "number": REGULAR}
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        made = await desk.ask(do="create_ticket", call=call, ticket=ticket)
        promised = await desk.ask(do="schedule_callback", call=call, callback=callback)
        later = (due + timedelta(hours=1)).isoformat()
        again = await desk.ask(
            do="finish", call=call, disposition="repair.booked",
            ticket=ticket | {"subject": "leaks badly", "description": "since Monday", "priority": "high"},
            callback=callback | {"due_at": later, "why": "confirm the visit", "number": COMPANY, "mine": False},
        )  # fmt: skip
    assert again["value"]["ticket"] == made["value"] | {"subject": "leaks badly"}
    assert again["value"]["callback"]["id"] == promised["value"]["id"]
    (kept,) = await stage.services.tickets.of_call(CallId(call))
    assert (kept.subject, kept.description, kept.priority.value) == ("leaks badly", "since Monday", "high")
    (promise,) = await stage.services.callbacks.search(CallbackFilter(customer=kept.customer))
    assert (promise.why, promise.due_at.isoformat(), promise.assignee) == ("confirm the visit", later, None)
    assert promise.number.dialable.endswith(COMPANY[1:])


async def test_a_customer_corrected_after_a_lost_answer_is_one_customer(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk, STRANGER)
        wish = {"do": "create_customer", "key": "c1", "call": call, "kind": "company"}
        first = await desk.ask(**wish, name="Mayer")
        again = await desk.ask(**wish, name="Meyer", city="Köln")
        assert again["value"] == first["value"]
        wish = {"do": "add_contact", "key": "p1", "call": call, "customer": first["value"]["id"]}
        first = await desk.ask(**wish, name="Ana")
        again = await desk.ask(**wish, name="Anna", title="buyer")
        assert again["value"] == first["value"]
    customer = (await stage.services.calls.get(CallId(call))).customer
    assert customer is not None
    assert (await stage.services.customers.who_is(STRANGER)).customer == customer
    found = await stage.services.customers.details(customer)
    assert (found.customer.name, found.customer.city) == ("Meyer", "Köln")
    assert [(one.name, one.title) for one in found.contacts] == [("Anna", "buyer")]


async def set_free(stage: LiveStage, desk: Screen, login: str = "alice") -> None:
    """By a supervisor, in the middle of the paperwork."""
    await stage.bus.request(ForceAgentState(agent=AgentId(stage.people[login].id), state="ready"))
    await desk.case("done")


async def test_paperwork_that_comes_late_still_knows_the_customer(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = CallId(await talking(stage, desk, SHARED))
        chosen = (await desk.looked_up())["pop"]["candidates"][1]["customer"]
        assert (await desk.ask(do="attach", call=call, customer=chosen))["ok"]
        stage.telephony.end(call)
        await desk.case("wrap_up")
        await set_free(stage, desk)
        due = datetime.now(UTC) + timedelta(hours=2)
        answer = await desk.ask(
            do="finish", call=call, disposition="repair.booked", ticket={"key": "t1", "subject": "late"},
            callback={"key": "b1", "due_at": due.isoformat(), "why": "late as well", "number": SHARED},
        )  # fmt: skip
        assert answer["ok"], answer
    (ticket,) = await stage.services.tickets.of_call(call)
    assert ticket.customer == chosen
    (callback,) = await stage.services.callbacks.search(CallbackFilter(customer=chosen))
    assert callback.why == "late as well"


@pytest.mark.parametrize("over", [False, True], ids=["while talking", "in the paperwork"])
async def test_a_log_that_is_behind_keeps_nobody_from_writing(stage: LiveStage, person: Somebody, over: bool) -> None:
    """The call is on the floor, and none of its events has reached the log."""
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = stage.telephony.talks_untold(STRANGER, stage.people["alice"])
        stage.telephony.mend_line()
        await desk.case("talking")
        if over:
            wish = {"do": "finish", "note": "calls again", "ticket": {"key": "t1", "subject": "early"}}
        else:
            wish = {"do": "create_customer", "name": "Early Bird"}
        answer = await desk.ask(call=call, **wish)
        assert answer["code"] in ("", "agent.not_in_wrap_up"), answer
    kept = await stage.services.calls.get(call)
    if over:
        assert kept.note == "calls again"
        assert [ticket.subject for ticket in await stage.services.tickets.of_call(call)] == ["early"]
    else:
        assert kept.customer is not None


async def test_who_is_found_late_owns_the_number(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = CallId(await talking(stage, desk, STRANGER))
        stage.telephony.end(call)
        await desk.case("wrap_up")
        await set_free(stage, desk)
        assert (await desk.ask(do="create_customer", call=call, name="Late Comer"))["ok"]
    match = await stage.services.customers.who_is(STRANGER)
    assert [one.name for one in match.candidates] == ["Late Comer"]


@pytest.mark.parametrize("over", [False, True], ids=["while talking", "when the paperwork comes late"])
async def test_somebody_else_stays_somebody_else(stage: LiveStage, person: Somebody, over: bool) -> None:
    """Also after a start of ours: the customer who was turned down gets no tickets of this call."""
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = CallId(await talking(stage, desk))
        assert (await desk.ask(do="detach", call=call))["ok"]
        pop = (await desk.looked_up())["pop"]
        again = Hub(stage.services, stage.bus, SystemClock())
        async with again.running():
            await eventually("the caller", lambda: again.lookup.pop(call))
            (case,) = again.cases_of(AgentId(stage.people["alice"].id))
            assert json.loads(encode(CaseSaid(case=case)))["case"]["pop"] == pop
            assert await again.lookup.whose(call) is None
        if over:
            stage.telephony.end(call)
            await desk.case("wrap_up")
            await set_free(stage, desk)
        assert (await desk.ask(do="create_ticket", call=call, ticket={"key": "t", "subject": "not his"}))["ok"]
    (ticket,) = await stage.services.tickets.of_call(call)
    assert ticket.customer is None


async def test_a_stranger_becomes_a_customer_and_is_known_next_time(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk, STRANGER)
        assert (await desk.ask(do="create_customer", call=call, name="新客户", kind="person"))["ok"]
        case = [one["case"] for one in desk.heard if one["t"] == "case"][-1]
    assert case["pop"]["certainty"] == "known"
    match = await stage.services.customers.who_is(STRANGER)
    assert (match.certainty.value, match.candidates[0].name) == ("known", "新客户")
    assert (await stage.services.calls.get(call)).customer == match.customer  # type: ignore[arg-type]


@pytest.mark.parametrize("ani", ["alice.smith", "anonymous", ""])
async def test_who_calls_from_no_number_becomes_one_customer(stage: LiveStage, person: Somebody, ani: str) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = CallId(await talking(stage, desk, ani))
        wish = {"do": "create_customer", "call": call, "name": "Acme", "kind": "company"}
        answer = await desk.ask(**wish)
        assert answer["ok"], answer
        person_at = await desk.ask(do="add_contact", call=call, customer=answer["value"]["id"], name="Alice Smith")
        assert person_at["ok"], person_at
        assert (await desk.ask(do="attach", call=call, customer=answer["value"]["id"]))["ok"]
    (acme,) = await stage.services.customers.search("Acme")
    details = await stage.services.customers.details(acme.id)
    assert (details.numbers, [one.name for one in details.contacts]) == ((), ["Alice Smith"])
    assert (await stage.services.calls.get(call)).customer == acme.id


async def test_choosing_among_several_confirms_the_number(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk, SHARED)
        candidates = (await desk.looked_up())["pop"]["candidates"]
        assert len(candidates) == 2
        assert (await desk.ask(do="attach", call=call, customer=candidates[1]["customer"]))["ok"]
        case = [one["case"] for one in desk.heard if one["t"] == "case"][-1]
    assert (case["pop"]["certainty"], case["pop"]["confirmed"]) == ("known", True)
    assert case["pop"]["customer"]["id"] == candidates[1]["customer"]


async def test_a_refusal_is_a_sentence_in_the_askers_language(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        await talking(stage, desk)
        answer = await desk.ask(do="sign_off")
        unreadable = await desk.ask(do="set_paused", reason="")
    assert (answer["ok"], answer["code"]) == (False, "agent.has_call")
    assert answer["sentence"] == "You still have a call. Finish it first."
    assert (unreadable["code"], unreadable["ok"]) == ("request.invalid", False)


async def test_an_agent_cannot_direct_others_and_a_supervisor_can(stage: LiveStage, person: Somebody) -> None:
    bob = stage.people["bob"]
    wish = {"do": "force_state", "agent": bob.id, "state": "ready"}
    async with (await person("alice")).screen() as desk, (await person("sam")).screen("board") as board:
        await desk.hello()
        await board.hello()
        assert (await desk.ask(**wish))["code"] == "auth.forbidden"
        assert (await board.ask(**wish))["ok"]
    assert stage.telephony.agents[bob.id].state.value == "ready"  # type: ignore[index]


async def test_nobody_slips_past_his_own_call_by_setting_himself(stage: LiveStage, person: Somebody) -> None:
    alice = stage.people["alice"]
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = await talking(stage, desk)
        for state in ("offline", "ready"):
            answer = await desk.ask(do="force_state", agent=alice.id, state=state)
            assert (answer["ok"], answer["code"]) == (False, "agent.has_call")
        stage.telephony.end(CallId(call))
        await desk.case("wrap_up")
        assert (await desk.ask(do="force_state", agent=alice.id, state="ready"))["code"] == "agent.has_call"
    assert stage.telephony.forced == []


async def test_one_browser_holds_the_phone_until_another_takes_it(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as office:
        await office.hello()
        async with alice.screen() as home:
            await home.hello()
            assert (await home.ask(do="claim_phone", holder="home"))["ok"]
            refused = await office.ask(do="claim_phone", holder="office")
            assert (refused["ok"], refused["code"]) == (False, "phone.elsewhere")
            assert (await office.ask(do="claim_phone", holder="office", force=True))["ok"]
            assert (await home.until(lambda one: one["t"] == "phone_holder" and one["holder"] == "office"))["holder"]


async def test_a_phone_that_another_pushed_out_is_named_at_its_own_desk(stage: LiveStage, person: Somebody) -> None:
    alice, bob = await person("alice"), await person("bob")
    async with alice.screen() as desk, bob.screen() as other:
        await desk.hello()
        await other.hello()
        for login, contact in (("alice", "k3x9"), ("bob", "p7qq")):
            agent = AgentId(stage.people[login].id)
            stage.bus.publish(PhoneMoved(at=SystemClock().now(), agent=agent, server=ServerId("one"), contact=contact))
        assert (await desk.until(lambda one: one["t"] == "phone_pushed_out"))["contact"] == "k3x9"
        assert (await other.until(lambda one: one["t"] == "phone_pushed_out"))["contact"] == "p7qq"


async def test_the_phone_is_free_when_its_browser_goes(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as office:
        await office.hello()
        async with alice.screen() as home:
            await home.hello()
            await home.ask(do="claim_phone", holder="home")
        await office.until(lambda one: one["t"] == "phone_holder" and one["holder"] == "")
        assert (await office.ask(do="claim_phone", holder="office"))["ok"]


async def test_another_sites_page_gets_no_connection(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with alice.screen(Origin="https://evil.example"):
            pass
    assert refused.value.status == 403


async def test_who_is_not_logged_in_or_not_allowed_gets_no_connection(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with alice.screen("board"):
            pass
    assert refused.value.status == 403
    alice.http.cookie_jar.clear()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with alice.screen():
            pass


async def test_a_test_call_is_followed_from_its_first_step(stage: LiveStage, person: Somebody) -> None:
    async with (await person("alice")).screen("demo") as panel:
        await panel.hello()
        answer = await panel.ask(do="place_test_call", caller=REGULAR, choice="repair")
        call = answer["value"]["call"]
        stage.telephony.offer(call, stage.people["alice"])
        await panel.until(lambda one: one["t"] == "call" and one["topic"] == "call.ringing")
    topics = [one["topic"] for one in panel.heard if one["t"] == "call"]
    assert topics == [
        "call.arrived", "call.stepped", "call.stepped", "call.queued", "call.offered", "call.ringing",
    ]  # fmt: skip


async def test_names_with_markup_stay_text(stage: LiveStage, person: Somebody) -> None:
    evil = "<img src=x onerror=alert(1)>'; DROP TABLE customer;--"
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = stage.telephony.arrive("9" * 300, name=evil)
        stage.telephony.offer(call, stage.people["alice"])
        case = await desk.known_case()
    assert case["ani_name"] == evil
    assert case["pop"]["certainty"] in ("new", "anonymous")


async def told_of_offer(stage: LiveStage, call: CallId) -> bool:
    return any(line.topic == CallOffered.topic for line in await stage.services.calls.events(call))


@pytest.mark.parametrize("over", [False, True], ids=["while talking", "in the wrap-up"])
async def test_after_a_restart_of_ours_the_case_still_says_why(stage: LiveStage, person: Somebody, over: bool) -> None:
    async with (await person("alice")).screen() as desk:
        await desk.hello()
        call = CallId(await talking(stage, desk))
        if over:
            stage.telephony.end(call)
            await desk.case("wrap_up")
    alice = AgentId(stage.people["alice"].id)
    await eventually("the offer's line in the log", lambda: told_of_offer(stage, call))
    again = Hub(stage.services, stage.bus, SystemClock())
    async with again.running():
        reason = await eventually("the reason", lambda: [one.because for one in again.cases_of(alice) if one.because])
    assert (reason[0].rule, reason[0].waited_s) == ("best_skill", 12.0)
