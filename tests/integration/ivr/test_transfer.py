"""A menu leads its caller on, on a real Asterisk: to an agent's phone, a queue by its number, a number outside; and has
him back when nobody takes the call."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import Answer, AsDialled, PhoneProcess, PhoneState, Reject, Ring, SipPhone, WhenCalled
from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.floor import Did as LeadsTo
from crm_core.domain.floor import DidTarget, Queue
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services
from cti.dialling import DialRules
from ivr.service import IvrServer
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.menu import HOTLINE, Marked
from tests.integration.ivr.peers import menu_server
from tests.integration.ivr.sip_info import caller_with_info_keys
from tests.support.asterisk import SECRET, private_asterisk
from tests.support.keypad import put_marks
from tests.support.ports import free_udp_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
FLOW = {
    "start": "language",
    "apology": "trouble",
    "error": "person",
    "languages": ["zh", "en"],
    "nodes": {
        "language": {
            "kind": "menu",
            "prompts": ["zh:choose_language", "en:choose_language"],
            "choices": {"1": "ask", "2": "english"},
            "exhausted": "ask",
        },
        "english": {"kind": "language", "language": "en", "next": "ask"},
        "ask": {
            "kind": "collect",
            "into": "who",
            "prompts": ["ask_number"],
            "longest": 12,
            "wrong": ["wrong_number"],
            "silent": ["no_key"],
            "timeout_s": 4,
            "tries": 2,
            "next": "to",
            "exhausted": {"to": "person", "label": "operator"},
        },
        "to": {"kind": "transfer", "number": "who", "unusable": "unusable", "error": "nobody"},
        "unusable": {"kind": "play", "prompts": ["number_unusable"], "next": "person"},
        "nobody": {
            "kind": "menu",
            "prompts": ["nobody_there"],
            "choices": {"1": "ask", "0": {"to": "person", "label": "operator"}},
            "timeout_s": 30,
            "exhausted": "person",
        },
        "person": {"kind": "queue", "queue": "service"},
    },
}
HEARD = (
    "welcome",
    "choose_language",
    "ask_number",
    "wrong_number",
    "no_key",
    "number_unusable",
    "nobody_there",
    "trouble",
)
LANGUAGES = pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    world: Marked
    flows: Path
    alice: SipPhone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    home, flows, port = tmp_path_factory.mktemp("transfers"), tmp_path_factory.mktemp("flows"), free_udp_port()
    (flows / "main.json").write_text(json.dumps(FLOW), encoding="utf-8")
    marks = put_marks(home / "sounds", HEARD)
    async with (
        private_asterisk(
            home, dids=(Did(number=HOTLINE, flow="main"),), outside=f"127.0.0.1:{port}", outside_ring_s=20
        ) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
        PhoneProcess(life_s=600) as phones,
        PhoneProcess(life_s=600, port=port) as far,
    ):
        answers = AsDialled(by_last_digit={"7": Reject(code=486)}, otherwise=Answer(talk_s=2.0))
        await far.add("outside", server=asterisk.sip, number="outside", when_called=answers)
        phone = await phones.add("1001", server=asterisk.sip, number="1001", secret=SECRET)
        await phone.wait_registered()
        world = Marked(asterisk=asterisk, ami=ami, prompts=home / "sounds", marks=marks)
        yield Place(world=world, flows=flows, alice=phone)


@pytest_asyncio.fixture(loop_scope="module")
async def world(place: Place, sqlite_url: str) -> AsyncIterator[Marked]:
    database = Database(sqlite_url)
    async with menus_at(place, database) as server:
        yield place.world
        await eventually("every caller to have left the menu", lambda: server.stats().sessions_now == 0)
        assert server.stats().errors == {}
    await database.close()


@asynccontextmanager
async def menus_at(place: Place, database: Database) -> AsyncIterator[IvrServer]:
    services = make_services(database, SystemClock())
    await services.floor_plans.put_queue(Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}))
    await services.floor_plans.put_did(LeadsTo(number="4008001", target=DidTarget.QUEUE, to="vip"))
    for login, extension in (("alice", "1001"), ("bob", "1002")):
        await services.users.create(login=login, password="a long enough password", name=login, extension=extension)
    desk = MenuDesk(services, SystemClock(), UTC, Elsewhere(()), DialRules(area_code="21"), transfers_to=("0216488",))
    world = place.world
    async with menu_server(port=world.fastagi, prompts=world.prompts, flows_in=place.flows, desk=desk) as server:
        yield server


async def alice(place: Place, reaction: WhenCalled) -> SipPhone:
    await place.alice.when_called(reaction)
    await eventually("Asterisk to know that her phone is free", lambda: is_free(place.world))
    return place.alice


async def is_free(world: Marked) -> bool:
    answer = await world.ami.ask("Getvar", Variable="DEVICE_STATE(PJSIP/1001)")
    return answer["Value"] == "NOT_INUSE"


@LANGUAGES
async def test_an_agents_extension_rings_and_when_he_hangs_up_the_call_is_over(
    place: Place, world: Marked, key: str, language: str
) -> None:
    phone = await alice(place, Answer())
    async with world.caller() as caller:
        await caller.press(f"{key}1001#")
        await world.step("ask", "1001", "entered")
        await world.step("to", "", "transfer_agent")
        await phone.wait_for(PhoneState.TALKING)
        await phone.hang_up()
        await caller.ended()


@LANGUAGES
async def test_whom_nobody_takes_goes_on_in_his_menu(place: Place, world: Marked, key: str, language: str) -> None:
    await alice(place, Reject(code=486))
    async with world.caller() as caller:
        await caller.press(f"{key}1001#")
        await world.step("to", "", "transfer_failed")
        await caller.hears(f"{language}/nobody_there")
        await caller.press("0")
        await world.step("nobody", "0", "operator")
        await world.ami.user_event("CwQueued", Queue="service", Lang=language)
        assert not caller.dialog.ended.is_set()


async def test_who_is_back_because_no_phone_is_there_may_try_another_number(world: Marked) -> None:
    async with world.caller() as caller:
        await caller.press("11002#")
        await world.step("to", "", "transfer_failed")
        await caller.press("14008001#")
        await world.step("to", "", "transfer_queue")
        await world.ami.user_event("CwQueued", Queue="vip", Lang="zh")


async def test_a_number_outside_that_the_house_allows(world: Marked) -> None:
    async with world.caller() as caller:
        await caller.press("202164881234#")
        await world.step("to", "", "transfer_number")
        await caller.ended(60)
        assert not [event for event in world.ami.events if event.get("UserEvent") == "CwQueued"]


async def test_a_number_outside_that_is_busy(world: Marked) -> None:
    async with world.caller() as caller:
        await caller.press("202164881237#")
        await world.step("to", "", "transfer_number")
        await world.step("to", "", "transfer_failed")
        assert not caller.dialog.ended.is_set()


@pytest.mark.parametrize("number", ["13800138000", "1009", "4008000"])
async def test_what_menus_lead_nobody_to(world: Marked, number: str) -> None:
    async with world.caller() as caller:
        await caller.press(f"2{number}#")
        await world.step("to", "", "transfer_unusable")
        await world.ami.user_event("CwQueued", Queue="service", Lang="en")


async def test_wrong_input_and_silence_are_asked_again_and_end_with_a_person(world: Marked) -> None:
    async with world.caller() as caller:
        await caller.press("2123456789012345#")
        await eventually("the wrong number to be told", lambda: len(world.steps()) >= 2)
        await world.step("ask", "", "operator")
        await world.ami.user_event("CwQueued", Queue="service", Lang="en")


async def test_keys_by_sip_info(place: Place, world: Marked) -> None:
    phone = await alice(place, Answer())
    world.ami.events.clear()
    async with caller_with_info_keys(world.asterisk.sip, HOTLINE, "11001#"):
        await world.step("to", "", "transfer_agent")
        await phone.wait_for(PhoneState.TALKING)
    await phone.wait_for(PhoneState.ENDED)
    await world.ami.all_gone()


async def test_hanging_up_while_it_rings_ends_the_ringing(place: Place, world: Marked) -> None:
    phone = await alice(place, Ring())
    async with world.caller() as caller:
        await caller.press("21001#")
        await phone.wait_for(PhoneState.RINGING)
    await phone.wait_for(PhoneState.ENDED)


async def test_menus_that_are_gone_when_he_comes_back_leave_him_to_a_person(place: Place, sqlite_url: str) -> None:
    """He was handed over by a server that has ended meanwhile, as it does when it is killed: the new one knows nothing
    of him."""
    world, database, phone = place.world, Database(sqlite_url), await alice(place, Ring())
    async with AsyncExitStack() as before:
        server = await before.enter_async_context(menus_at(place, database))
        async with world.caller() as caller:
            await caller.press("21001#")
            await phone.wait_for(PhoneState.RINGING)
            await eventually("him to have left the menu", lambda: server.stats().sessions_now == 0)
            await before.aclose()
            async with menu_server(port=world.fastagi, prompts=world.prompts, flows_in=place.flows) as anew:
                await phone.reject()
                await world.ami.user_event("CwQueued", Queue="service", Lang="en")
                assert anew.stats().errors == {"ivr.place_forgotten": 1}
                assert not caller.dialog.ended.is_set()
    await database.close()
