"""What a caller gets from the hotline's menu without a person, on a real Asterisk and a real database: how his ticket
stands, a callback; and a person, when the database is not there. (What is spoken: `test_on_asterisk.py`.)"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.callbacks import Callback
from crm_core.domain.orders import OrderKind, OrderState
from crm_core.domain.tickets import Ticket, TicketStatus
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CustomerId
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from cti.dialling import DialRules
from ivr.prompts.catalogue import load_catalogue
from ivr.service import IvrServer
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.menu import HOTLINE, MOBILE, Marked
from tests.integration.ivr.peers import menu_server
from tests.support.asterisk import private_asterisk
from tests.support.keypad import Keypad, put_marks
from tests.support.ports import free_tcp_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGUAGES = pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Marked]:
    home = tmp_path_factory.mktemp("self service")
    prompts = home / "sounds"
    marks = put_marks(prompts, load_catalogue().prompts)
    async with (
        private_asterisk(home, dids=(Did(number=HOTLINE, flow="main"),)) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
    ):
        yield Marked(asterisk=asterisk, ami=ami, prompts=prompts, marks=marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The menus with the desk and the database behind it."""

    services: Services
    menus: IvrServer
    ticket: Ticket
    """Of the customer whose number the caller has."""
    anothers: Ticket

    async def callbacks(self) -> tuple[Callback, ...]:
        return (await self.services.callbacks.search()).items


@asynccontextmanager
async def menus_at(world: Marked, database: Database) -> AsyncIterator[tuple[Services, IvrServer]]:
    services = make_services(database, SystemClock())
    desk = MenuDesk(services, SystemClock(), UTC, Elsewhere(()), DialRules())
    async with menu_server(port=world.fastagi, prompts=world.prompts, desk=desk) as server:
        yield services, server
        await eventually("every caller to have left the menu", lambda: server.stats().sessions_now == 0)


@pytest_asyncio.fixture(loop_scope="module")
async def house(world: Marked, sqlite_url: str) -> AsyncIterator[House]:
    database = Database(sqlite_url)
    async with menus_at(world, database) as (services, server):
        his = await services.customers.create(name="张伟")
        await services.customers.add_number(his.id, MOBILE, confirmed=True)
        other = await services.customers.create(name="李静")
        yield House(
            services=services,
            menus=server,
            ticket=await services.tickets.create(subject="漏水", customer=his.id),
            anothers=await services.tickets.create(subject="异响", customer=other.id),
        )
    assert server.stats().errors == {}
    await database.close()


def keys_of(ticket: Ticket) -> str:
    return ticket.number.removeprefix("T-").replace("-", "") + "#"


@LANGUAGES
async def test_he_hears_how_his_ticket_stands_and_may_go_on(
    world: Marked, house: House, key: str, language: str
) -> None:
    await house.services.tickets.update(house.ticket.id, status=TicketStatus.PENDING)
    async with world.caller() as caller:
        await caller.press(f"{key}4")
        await world.step("main", "4", "ticket_status")
        await caller.press(keys_of(house.ticket))
        await world.step("ask_ticket", keys_of(house.ticket)[:-1], "entered")
        await world.step("ticket", "", "ticket_told")
        await caller.hears(f"{language}/ticket_pending", f"{language}/main_menu")
        await caller.press("0")
        await world.ami.user_event("CwQueued", Queue="service", Lang=language)


async def test_wrong_numbers_and_silence_are_asked_again_and_anothers_ticket_is_none(
    world: Marked, house: House
) -> None:
    async with world.caller() as caller:
        await caller.press("24")
        await world.step("main", "4", "ticket_status")
        await caller.press("123#")
        await world.step("ask_ticket", "123", "")
        await eventually("his silence to be told", lambda: world.steps()[-1] == "")
        await caller.press(keys_of(house.anothers))
        await world.step("ticket", "", "ticket_unknown")
        await caller.hears("en/ticket_unknown", "en/main_menu")


@LANGUAGES
async def test_he_hears_how_far_his_repair_is_and_anothers_is_none(
    world: Marked, house: House, key: str, language: str
) -> None:
    orders = house.services.orders
    his, anothers = [
        await orders.create(kind=OrderKind.REPAIR, customer=one.customer or CustomerId(""), summary="水泵")
        for one in (house.ticket, house.anothers)
    ]
    await orders.move(his.id, OrderState.DIAGNOSED)
    async with world.caller() as caller:
        await caller.press(f"{key}5")
        await world.step("main", "5", "order_progress")
        await caller.press("12345#")
        await world.step("ask_order", "12345", "")
        await caller.press(f"{anothers.number[2:]}#")
        await world.step("order", "", "order_unknown")
        await caller.hears(f"{language}/order_unknown", f"{language}/main_menu")
        await caller.press(f"5{his.number[2:]}#")
        await world.step("order", "", "order_told")
        await caller.hears(f"{language}/order_diagnosed", f"{language}/main_menu")


async def test_who_types_no_ticket_at_all_gets_to_a_person(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await caller.press("14")
        for count in range(3):
            await eventually("the question", lambda wanted=2 + count: len(world.steps()) == wanted)
            await caller.press("*")
        await world.step("ask_ticket", "*", "operator")
        await world.ami.user_event("CwQueued", Queue="service", Lang="zh")


@LANGUAGES
async def test_a_callback_at_his_own_number(world: Marked, house: House, key: str, language: str) -> None:
    async with world.caller() as caller:
        await caller.press(f"{key}81")
        await world.step("which_number", "1", "this_number")
        told = await world.step("this_number", "", "callback_promised")
        await caller.ended()
        (promised,) = await house.callbacks()
        assert promised.number.key == "+8613800138000"
        assert promised.call == told["Call"]
        assert promised.customer == house.ticket.customer


async def test_a_callback_at_a_number_he_types_and_confirms(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await caller.press("182")
        await world.step("which_number", "2", "other_number")
        await caller.press("1234567#2")  # not what he meant
        await world.step("other_number", "1234567", "")
        await caller.press("02164881234#1")
        await world.step("other_number", "02164881234", "entered")
        await world.step("that_number", "", "callback_promised")
        await caller.ended()
        (promised,) = await house.callbacks()
        assert promised.number.key == "+862164881234"


async def test_a_number_nobody_can_call_ends_with_a_person(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await caller.press("282")
        await world.step("which_number", "2", "other_number")
        await caller.press("99999999999999#1")
        await world.step("that_number", "", "callback_unusable")
        await world.ami.user_event("CwQueued", Queue="service", Lang="en")
        assert await house.callbacks() == ()


@pytest.mark.parametrize("keys", ["24", "28", "282"])
async def test_hanging_up_in_mid_question_leaves_nothing(world: Marked, house: House, keys: str) -> None:
    async with world.caller() as caller:
        await caller.press(keys)
        await eventually("the steps", lambda: len(world.steps()) >= len(keys))
    await eventually("him to have left the menu", lambda: house.menus.stats().sessions_now == 0)
    assert await house.callbacks() == ()


async def test_who_presses_nothing_at_all_is_asked_in_chinese_and_gets_to_a_person(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await world.step("language", "", "zh")
        await world.ami.user_event("CwQueued", Queue="service", Lang="zh", Intent="other")
        asked_again = ("zh/no_key", "zh/main_menu")
        await caller.hears("zh/choose_language", "en/choose_language")
        await caller.hears("zh/main_menu", *asked_again, *asked_again, "zh/to_operator")
        assert world.steps() == ["", "", "", ""]


# The database is away ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def no_database() -> AsyncIterator[str]:
    """Nobody listens there."""
    yield f"postgresql://nobody@127.0.0.1:{free_tcp_port()}/gone"


@asynccontextmanager
async def silent_database() -> AsyncIterator[str]:
    """Somebody listens there who never says a word."""
    ends = asyncio.Event()

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ends.wait()
        writer.close()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        yield f"postgresql://nobody@127.0.0.1:{server.sockets[0].getsockname()[1]}/silent"
        ends.set()


@pytest.mark.parametrize("away", [no_database, silent_database])
@LANGUAGES
async def test_without_the_database_he_gets_to_a_person(world: Marked, away: object, key: str, language: str) -> None:
    assert callable(away)
    async with away() as url:
        database = Database(url)
        async with menus_at(world, database) as (_, server), world.caller() as caller:
            await caller.press(f"{key}81")
            await world.step("this_number", "", "not_answered")
            await world.ami.user_event("CwQueued", Queue="service", Lang=language)
            assert not caller.dialog.ended.is_set()
            assert server.stats().errors == {"ivr.not_answered": 1}
        await database.close()


async def test_hanging_up_while_the_house_does_not_answer(world: Marked) -> None:
    async with silent_database() as url:
        database = Database(url)
        async with menus_at(world, database) as (_, server):
            async with world.caller() as caller:
                await caller.press("281")
                await world.step("which_number", "1", "this_number")
            await eventually("him to have left the menu", lambda: server.stats().sessions_now == 0)
            assert set(server.stats().errors) <= {"ivr.not_answered"}
        await database.close()


# Account and PIN -----------------------------------------------------------------------------------------------------

ACCOUNT, PIN = "471100", "280519"
PROVING = {
    "start": "account",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "account": {
            "kind": "collect", "into": "account", "prompts": ["ask_ticket"], "longest": 8,
            "next": "pin", "exhausted": "person",
        },
        "pin": {
            "kind": "collect", "into": "pin", "prompts": ["ask_number"], "longest": 8, "secret": True,
            "next": "check", "exhausted": "person",
        },
        "check": {
            "kind": "check_pin", "account": "account", "pin": "pin",
            "found": "known", "wrong": "account_again", "locked": "person",
        },
        "account_again": {"kind": "menu", "prompts": ["wrong_key"], "choices": {"1": "account"}, "exhausted": "person"},
        "known": {"kind": "queue", "intent": "known"},
        "person": {"kind": "queue", "intent": "stranger"},
    },
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module")
async def proving(world: Marked, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    (tmp_path / "main.json").write_text(json.dumps(PROVING), encoding="utf-8")
    database = Database(sqlite_url)
    services = make_services(database, SystemClock())
    customer = await services.customers.create(name="张伟")
    await services.customer_pins.put(customer.id, ACCOUNT, PIN)
    desk = MenuDesk(services, SystemClock(), UTC, Elsewhere(()), DialRules())
    async with menu_server(port=world.fastagi, prompts=world.prompts, flows_in=tmp_path, desk=desk) as server:
        yield services
        await eventually("every caller to have left the menu", lambda: server.stats().sessions_now == 0)
    await database.close()


async def says_who_he_is(world: Marked, caller: Keypad, pin: str, came_of_it: str) -> None:
    await caller.press(f"{ACCOUNT}#")
    await world.step("account", ACCOUNT, "entered")
    await caller.press(f"{pin}#")
    await world.step("pin", "****", "entered")
    await world.step("check", "", came_of_it)


async def test_who_types_the_right_pin_is_known_and_nobody_is_told_it(world: Marked, proving: Services) -> None:
    async with world.caller() as caller:
        await says_who_he_is(world, caller, "280518", "pin_wrong")
        await caller.press("1")
        await world.step("account_again", "1", "")
        await says_who_he_is(world, caller, PIN, "pin_found")
        await world.ami.user_event("CwQueued", Intent="known")


async def test_after_too_many_tries_the_right_one_is_of_no_use(world: Marked, proving: Services) -> None:
    for _ in range(5):
        await proving.customer_pins.prove(ACCOUNT, "280518", caller="+8613911112222")
    async with world.caller() as caller:
        await says_who_he_is(world, caller, PIN, "pin_locked")
        await world.ami.user_event("CwQueued", Intent="stranger")
