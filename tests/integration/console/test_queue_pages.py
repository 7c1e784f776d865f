"""How a supervisor draws queues: fields, mistakes, doubts, two at once, and the way back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_console.pages.admin.commands import TellAsterisk
from crm_core.domain.floor import Announced, Department, Did, DidTarget, Paperwork, Queue, Strategy
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, QueueKey, SkillKey, TicketId
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import Floor, GetFloor, ReloadFloor
from cti.events import CallConnected, CallQueued, CallToldWait, Direction, LiveCall, WaitingCall, WaitingTicket
from tests.integration.console.stage import Browser, People

SERVICE = QueueKey("service")
ADDRESS = "/floor/queues/service"
CHOICES = {"strategy": "best_skill", "sticky": "nobody", "department": "", "wrap_up": "optional"}
"""Selects as they stand: the test's browser sends those it is told to."""


@pytest.fixture
async def sam(sam: Browser, people: People, services: Services) -> Browser:
    """A supervisor; alice serves the queue."""
    await services.users.update(people.alice.id, queues=[SERVICE], skills={SkillKey("zh"): 5})
    return sam


async def saves(browser: Browser, changes: dict[str, str], address: str = ADDRESS) -> int:
    await browser.get(address)
    return (await browser.post(address, {**browser.form, **CHOICES, **changes}, follow=False)).status


async def kept(services: Services) -> Queue:
    return (await services.floor_plans.queue(SERVICE)).queue


async def test_a_change_is_kept_and_telephony_hears_of_it(sam: Browser, services: Services, bus: Bus) -> None:
    told: list[Command] = []

    async def telephony(command: Command) -> CommandResult:
        told.append(command)
        return CommandResult(ok=True)

    before = await kept(services)
    async with bus.serve(telephony, ReloadFloor, TellAsterisk):
        assert await saves(sam, {"strategy": "round_robin", "priority": "2"}) == 303
        assert told == [ReloadFloor()]  # nothing of this stands in Asterisk's files
        assert await saves(sam, {"strategy": "round_robin", "ring_s": "15"}) == 303
        assert told == [ReloadFloor(), ReloadFloor(), TellAsterisk()]
    assert await kept(services) == replace(before, strategy=Strategy.ROUND_ROBIN, priority=2, ring_s=15)


async def test_what_callers_hear_and_how_many_calls_may_be_missed(sam: Browser, services: Services) -> None:
    before = await kept(services)
    typed = {"misses_to_pause": "3", "announce-position": "1", "comfort": "thank_you_for_waiting"}
    times = {"announce_first_s": "20", "announce_every_s": "60"}
    assert await saves(sam, {**typed, **times}) == 303
    told = (Announced.POSITION,)
    wanted = {"misses_to_pause": 3, "announce": told, "comfort": "thank_you_for_waiting"}
    assert await kept(services) == replace(before, **wanted, announce_first_s=20, announce_every_s=60)


async def test_music_and_what_is_to_be_done_after_a_call(sam: Browser, services: Services) -> None:
    before = await kept(services)
    after = {"wrap_up": "mandatory", "wrap_up_s": "45", "wrap_up_limit_s": "120"}
    music = "thank_you_for_waiting、goodbye, goodbye"
    assert await saves(sam, {"music": music, **after}) == 303
    wanted = {"wrap_up": Paperwork.MANDATORY, "wrap_up_s": 45, "wrap_up_limit_s": 120}
    assert await kept(services) == replace(before, music=("thank_you_for_waiting", "goodbye"), **wanted)
    assert await saves(sam, {"music": "goodbye, spring_song"}) == 422
    assert "There is no recording “spring_song” for the music." in sam.text
    await sam.get(f"{ADDRESS}/history")
    for text in ("thank_you_for_waiting, goodbye", "what came of it has to be said", "left to the agent"):
        assert text in sam.text


async def test_the_list_tells_what_matters(sam: Browser, services: Services) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("spare"), names={"en": "Spare"}))
    full = (OverflowWhy.FULL,)
    chain = (Overflow(kind=OverflowKind.QUEUE, to="spare", when=full),)
    await services.floor_plans.put_queue(
        replace(await kept(services), overflow=chain, service_level_percent=70, asks="zh >= 2")
    )
    await sam.get("/floor/queues")
    for text in (
        "Hotline",
        "Asked for: Chinese, level 2 or better",
        "whoever masters it best",
        "70 % in 20 s",
        "to the queue Spare, when the line was full",
    ):
        assert text in sam.text
    assert "Nobody serves this queue yet." in sam.text  # the spare one


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"asks": "zh >= 9"}, "At sign 7, at “9”: a level from 1 to 5 is expected."),
        ({"asks": "zh >= 2 and ("}, "At its end the key of a skill is missing."),
        ({"asks": "french >= 2"}, "There is no skill “french”. There are: repair, zh."),
        ({"priority": "high"}, "A number from -100 to 100, please."),
        ({"name-zh": "", "name-en": " "}, "Please give the queue a name."),
        ({"ring_order": "1001, Bob"}, "“Bob” is no extension."),
        ({"comfort": "Thank you!"}, "“Thank you!” is no name of a prompt"),
        ({"music": "piano, Our Song"}, "“Our” is no name of a prompt"),
        ({"wrap_up": "never"}, "Please choose one of the possible values."),
        ({"announce_every_s": "5"}, "A number from 15 to 3600, please."),
        ({"misses_to_pause": "0"}, "A number from 1 to 10, please."),
        ({"hours-mon": "9-18"}, "Write the hours like 09:00-12:00, 13:00-18:00."),
        ({"holidays": "National Day"}, "“National Day” cannot be read."),
        ({"max_waiting": "20"}, "Callers shall go on (the line was full), but no step here is for that."),
        ({"overflow-0-way": "number:", "overflow-0-to": "the boss"}, "Which number?"),
        ({"overflow-0-way": "queue:service"}, "Callers would go round in a circle: Hotline → Hotline."),
        ({"relaxing-0-what": "lower:zh", "relaxing-0-after_s": "30"}, "A number from 1 to 5, please."),
    ],
)
async def test_a_mistake_is_named_beside_its_field(
    sam: Browser, services: Services, wrong: dict[str, str], said: str
) -> None:
    before = await services.floor_plans.queue(SERVICE)
    assert await saves(sam, {**wrong, "crowd_s": "7"}) == 422
    assert said in sam.text
    assert 'aria-invalid="true"' in sam.page or 'class="fault"' in sam.page
    assert sam.form["crowd_s"] == "7"  # nothing typed is lost
    assert await services.floor_plans.queue(SERVICE) == before


async def test_a_circle_over_several_queues_is_told_by_their_names(sam: Browser, services: Services) -> None:
    back = (Overflow(kind=OverflowKind.QUEUE, to="service"),)
    await services.floor_plans.put_queue(Queue(key=QueueKey("spare"), names={"en": "Spare"}, overflow=back))
    assert await saves(sam, {"overflow-0-way": "queue:spare"}) == 422
    assert "Callers would go round in a circle: Hotline → Spare → Hotline." in sam.text


async def test_a_doubt_lets_one_go_on(sam: Browser, services: Services) -> None:
    assert await saves(sam, {"asks": "repair >= 3"}) == 422
    assert "Nobody who serves this queue has Repair at level 3 or better today." in sam.text
    assert (await kept(services)).asks == ""
    assert "Save all the same" in sam.text
    assert (await sam.post(ADDRESS, {**sam.form, **CHOICES}, follow=False)).status == 303
    assert (await kept(services)).asks == "repair >= 3"
    assert await saves(sam, {"asks": "repair >= 3", "priority": "1"}) == 303  # that it is so is known by now


async def test_a_prompt_that_is_not_there_in_every_language_is_asked_about(sam: Browser, services: Services) -> None:
    assert await saves(sam, {"comfort": "thank_you_for_wating"}) == 422
    assert "There is no prompt “thank_you_for_wating” in Chinese: callers who speak it hear nothing there." in sam.text
    assert await saves(sam, {"comfort": "thank_you_for_waiting"}) == 303


async def test_what_two_change_at_once_is_neither_lost_nor_overwritten(
    sam: Browser, admin: Browser, services: Services
) -> None:
    await sam.get(ADDRESS)
    form = {**sam.form, **CHOICES}
    assert await saves(admin, {"weight": "5"}) == 303
    assert (await sam.post(ADDRESS, {**form, "priority": "3"}, follow=False)).status == 409
    assert "Administrator has saved this queue while you had it open. Nothing of yours is saved yet." in sam.text
    assert "Weight between queues" in sam.text
    assert "These changes are in the form now, and so are yours." in sam.text
    assert ((await kept(services)).priority, (await kept(services)).weight) == (0, 5)
    assert (await sam.post(ADDRESS, {**sam.form, **CHOICES}, follow=False)).status == 303
    assert ((await kept(services)).priority, (await kept(services)).weight) == (3, 5)


async def test_where_both_changed_the_same_ones_own_stands_in_the_form(sam: Browser, admin: Browser) -> None:
    await sam.get(ADDRESS)
    form = {**sam.form, **CHOICES}
    assert await saves(admin, {"weight": "5"}) == 303
    assert (await sam.post(ADDRESS, {**form, "weight": "7"}, follow=False)).status == 409
    assert "Where you both changed the same, yours stands in the form." in sam.text
    assert sam.form["weight"] == "7"


async def test_what_was_agreed_before_can_be_gone_back_to(sam: Browser, services: Services) -> None:
    first = await kept(services)
    await saves(sam, {"strategy": "longest_idle"})
    await sam.get(f"{ADDRESS}/history")
    for text in ("Version 2", "Sam Sun", "whoever masters it best", "whoever has been free longest"):
        assert text in sam.text
    await sam.post(f"{ADDRESS}/history/1", {"version": "2"})
    assert "Version 1 holds again, as version 3." in sam.text
    assert await services.floor_plans.queue(SERVICE) == replace(
        await services.floor_plans.queue(SERVICE), version=3, queue=first
    )
    await sam.post(f"{ADDRESS}/history/2", {"version": "2"})
    assert "Somebody else has changed queue service since you opened it." in sam.text
    assert (await sam.post(f"{ADDRESS}/history/9", {"version": "3"})).status == 404


async def test_a_version_that_gave_the_queue_to_others_is_not_gone_back_to(sam: Browser, services: Services) -> None:
    first = await kept(services)
    await services.floor_plans.put_department(Department(key="sales", names={"en": "Sales"}))
    await services.floor_plans.put_queue(replace(first, department="sales"))
    await services.floor_plans.put_queue(first)
    await services.users.update((await services.users.by_login("sam")).id, department="service")  # type: ignore[union-attr]
    await sam.get(f"{ADDRESS}/history")
    assert (await sam.post(f"{ADDRESS}/history/2", {"version": "3"})).status == 403
    assert await kept(services) == first


async def test_rows_of_a_form_that_is_none_of_ours_are_no_rows(sam: Browser, services: Services) -> None:
    before = await kept(services)
    strange = {"overflow-0-what": "x", "relaxing-0-way": "x", "overflow-00-way": "queue:x"}
    assert await saves(sam, {**strange, "priority": "2"}) == 303
    assert await kept(services) == replace(before, priority=2)


async def test_a_new_queue(sam: Browser, services: Services) -> None:
    new = "/floor/new-queue"
    assert await saves(sam, {"key": "Front Desk", "name-en": "Front desk"}, new) == 422
    assert "A key begins with a small letter" in sam.text
    assert await saves(sam, {"key": "service", "name-en": "Twice"}, new) == 422
    assert "There is a queue service already." in sam.text
    assert await saves(sam, {"key": "front", "name-en": "Front desk"}, new) == 303
    assert (await services.floor_plans.queue(QueueKey("front"))).version == 1
    await sam.get("/floor/queues/front")
    assert "Nobody serves this queue yet." in sam.text


async def test_queues_are_drawn_by_supervisors_of_their_department(
    services: Services, people: People, alice: Browser, sam: Browser
) -> None:
    assert (await alice.get("/floor/queues")).status == 403
    await services.floor_plans.put_queue(replace(await kept(services), department="service"))
    assert (await sam.get(ADDRESS)).status == 200  # who belongs to no department looks after all
    await services.floor_plans.put_department(Department(key="sales", names={"en": "Sales"}))
    await services.users.update(people.sam.id, department="sales")
    assert (await sam.get(ADDRESS)).status == 403


def on_the_floor(*calls: LiveCall, **beside: Any) -> Callable[[Command], Awaitable[CommandResult]]:
    async def telephony(command: Command) -> CommandResult:
        return Floor(ok=True, calls=calls, **beside) if isinstance(command, GetFloor) else CommandResult(ok=True)

    return telephony


async def test_a_queue_is_deleted_when_nothing_leads_to_it(sam: Browser, services: Services, bus: Bus) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("spare"), names={"en": "Spare"}))
    async with bus.serve(on_the_floor(), GetFloor, ReloadFloor, TellAsterisk):
        await sam.get("/floor/queues/spare")
        assert "/floor/queues/spare/delete" in sam.page
        await sam.get("/floor/queues/spare/delete")
        assert "It goes for good" in sam.text
        assert (await sam.post("/floor/queues/spare/delete", sam.form)).status == 200
        assert "The queue spare is gone." in sam.text
    assert [queue.key for queue in (await services.floor_plans.load()).queues] == [SERVICE]


async def test_whatever_leads_to_a_queue_keeps_it(
    sam: Browser, services: Services, bus: Bus, clock: ManualClock
) -> None:
    spare = QueueKey("spare")
    await services.floor_plans.put_queue(Queue(key=spare, names={"en": "Spare"}))
    onward = (Overflow(kind=OverflowKind.QUEUE, to="spare"),)
    await services.floor_plans.put_queue(replace(await kept(services), overflow=onward))
    await services.floor_plans.put_did(Did(number="4008009", target=DidTarget.QUEUE, to="spare"))
    menu = {"start": "person", "error": "person", "nodes": {"person": {"kind": "queue", "queue": "spare"}}}
    await services.flows.furnish("night", json.dumps(menu))
    waits = LiveCall(
        call=CallId("c1"), direction=Direction.INBOUND, ani="", ani_name="", dnis="", since=clock.now(),
        phase="waiting", queue=spare,
    )  # fmt: skip
    callback = WaitingCall(
        call=CallId("c2"), queue=spare, since=clock.now(), ani="", priority=0, requires={}, callback=True
    )
    ticket = WaitingTicket(
        ticket=TicketId("tkt_1"), number="T-1", subject="Pump", queue=spare, since=clock.now(), priority=0
    )
    beside = {"waiting": (callback, replace(callback, callback=False)), "tickets": (ticket,)}
    async with bus.serve(on_the_floor(waits, replace(waits, phase="talking"), **beside), GetFloor):
        await sam.get("/floor/queues/spare/delete")
        for reason in (
            "Callers of Hotline go on to it.",
            "The number 4008009 leads to it.",
            "The voice menu night leads to it, at its step person.",
            "Callers are in it just now: 1.",
            "Callers who are to be called back have their place in it: 1.",
            "Tickets wait in its line: 1.",
        ):
            assert reason in sam.text
        assert (await sam.post("/floor/queues/spare/delete", {"version": "1"})).status == 409
    assert (await services.floor_plans.queue(spare)).version == 1


async def test_while_telephony_is_away_no_queue_is_deleted(sam: Browser, services: Services) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("spare"), names={"en": "Spare"}))
    await sam.get("/floor/queues/spare/delete")
    assert "nobody can tell whether callers are in it" in sam.text


async def test_the_only_queue_stays(sam: Browser, bus: Bus) -> None:
    async with bus.serve(on_the_floor(), GetFloor):
        await sam.get(f"{ADDRESS}/delete")
        assert "It is the only queue there is." in sam.text


async def test_how_true_the_waits_were_that_callers_were_told(
    sam: Browser, services: Services, clock: ManualClock
) -> None:
    await sam.get(ADDRESS)
    assert "told-waits" not in sam.text
    await services.floor_plans.put_queue(replace(await kept(services), announce=(Announced.WAIT,)))
    await sam.get(ADDRESS)
    assert "Nobody who was told how long it will take" in sam.text
    his, now = CallId("c1"), clock.now()
    for event in (
        CallQueued(at=now, call=his, queue=SERVICE, requires={}),
        CallToldWait(at=now, call=his, queue=SERVICE, wait_s=151),
        CallConnected(at=now + timedelta(seconds=160), call=his, agent=None, party="1001"),
    ):
        await services.calls.apply(event)
    clock.advance(200)
    await sam.get(ADDRESS)
    assert "The estimate was off by 0:09." in sam.text
    assert "was told about 3:00 (estimated: 2:31), and waited 2:40 more." in sam.text
