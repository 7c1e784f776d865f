"""Every kind of node of the voice menus on a real Asterisk: both languages, keys by RFC 4733 and by SIP INFO, wrong
input, silence, and hanging up at every step; and a flood of 4,000 keys.

The callers are light ones (`tests/support/keypad.py`), many at a time, whose prompts are marks: what a caller heard is
known prompt by prompt. How long a menu waits for a key is chosen for each way (`Way.waits`): one whose caller presses
all of them waits so long that none comes too late on a machine that stands still for seconds.

What needs more than a keypad is shown where real phones are (`ELSEWHERE`), with our server killed in the middle:
`integration/ivr/test_on_asterisk.py` and `test_voicemail.py` (the caller reaches the queue).

| node | ways shown here | also |
|---|---|---|
| answer, play, language, set, condition, open_hours, return | on | test_on_asterisk |
| say | number, digits, date, time, money in both grammars | |
| menu, collect | choice, wrong, silent, repeated, confirmed, given up | test_on_asterisk |
| sub_flow | there and back | test_on_asterisk |
| look_up, check_pin | found, unknown | test_self_service |
| order_progress | told, unknown | |
| open_ticket | opened, and in the database | |
| http | answered, refused, failed | |
| ticket_status, offer_callback | | test_self_service |
| transfer | | test_transfer |
| voicemail, survey | | test_voicemail |
| article | | test_article |
| queue, goodbye, hangup | the end of each call here | |
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from agent_console.pages.menus.names import KINDS
from callwright.asterisk.plan import Did
from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.orders import OrderKind
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.language import Language
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from crm_core.services.orders import Orders
from cti.dialling import DialRules
from ivr.flow.saying import Kind, speak
from ivr.prompts.catalogue import load_catalogue
from ivr.service import IvrServer
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.peers import menu_server
from tests.support.asterisk import PrivateAsterisk, private_asterisk
from tests.support.keypad import keypad, put_marks
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

ELSEWHERE = {
    "ticket_status": "test_self_service.py",
    "offer_callback": "test_self_service.py",
    "transfer": "test_transfer.py",
    "voicemail": "test_voicemail.py",
    "survey": "test_voicemail.py",
    "article": "test_article.py",
}
"""Kinds that need more than a keypad, and where in `tests/integration/ivr` they are shown."""
MOBILE, ACCOUNT, PIN = "13800138000", "471100", "280519"
ORDER, ANOTHERS = "8642864286", "8642864288"
HTTP = "HTTP"
"""Stands in the flows for where the other system listens."""
LANGUAGES = {Language.ZH: "1", Language.EN: "2"}
GONE = ""
"""The end of a call that the house hung up."""
PATIENT, BRIEF, HASTY = 20.0, 3.0, 0.5
"""Seconds that the house waits for a key: where he presses all that it waits for; where he presses some and is silent
then, which a stall must not turn round; where he presses nothing."""
WAITS = "WAITS"
"""Stands for them in the flows."""


@dataclass(frozen=True, slots=True)
class Way:
    keys: str
    """Behind the one for the language."""
    end: str
    heard: tuple[str, ...] = ()
    """Without the language; one right after the other."""
    waits: float = PATIENT


@dataclass(frozen=True, slots=True)
class Case:
    number: str
    nodes: Mapping[str, Any]
    """The one at `test` comes behind the language."""
    ways: tuple[Way, ...]
    errors: frozenset[str] = frozenset()
    """What the server may count on the way."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Of the document."""

    @property
    def kinds(self) -> set[str]:
        return {node["kind"] for node in self.nodes.values()}

    @property
    def all_waits(self) -> Iterator[tuple[float, str]]:
        """Each of its ways', and what is dialled for it."""
        others = {way.waits for way in self.ways} - {PATIENT}
        return zip((PATIENT, *sorted(others)), (self.number, f"{self.number}1", f"{self.number}2"), strict=False)

    def document(self, http: str, waits: float) -> str:
        """Each end of a way is a queue whose intent says which way it was."""
        ends = {way.end for way in self.ways} - {GONE, *self.nodes} | {"failed"}
        to_language = {"1": {"to": "zh", "label": "zh"}, "2": {"to": "en", "label": "en"}}
        nodes = {
            "start": {
                "kind": "menu", "prompts": ["zh:choose_language"], "choices": to_language, "timeout_s": PATIENT,
                "exhausted": "zh",
            },
            **{one: {"kind": "language", "language": one, "next": "test"} for one in Language},
            **self.nodes,
            **{end: {"kind": "queue", "queue": "service", "intent": end} for end in ends},
        }  # fmt: skip
        whole = {"start": "start", "languages": ["zh", "en"], "apology": "trouble", "error": "failed", **self.more}
        return _filled({**whole, "nodes": nodes}, http, waits)


VALUES = {"n": "205", "d": "2026-11-28", "t": "2026-11-28T14:05", "m": "128.50", "c": "400800"}
SPOKEN = (("n", Kind.NUMBER), ("c", Kind.DIGITS), ("d", Kind.DATE), ("t", Kind.TIME), ("m", Kind.MONEY))


def _filled(document: Mapping[str, Any], http: str, waits: float = PATIENT) -> str:
    return json.dumps(document).replace(f'"{WAITS}"', f"{waits}").replace(HTTP, http)


def _tomorrow() -> str:
    return f"{datetime.now(UTC) + timedelta(days=1):%a}".lower()


def _collects(into: str, to: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "collect", "into": into, "prompts": ["ask_number"], "longest": 12, "next": to,
        "exhausted": "failed", "timeout_s": PATIENT, "between_s": PATIENT, **more,
    }  # fmt: skip


CASES = {
    "answer": Case("4001001", {"test": {"kind": "answer", "next": "done"}}, (Way("", "done"),)),
    "play": Case(
        "4001002",
        {
            "test": {"kind": "play", "prompts": ["recording_notice", "connecting"], "next": "whole"},
            "whole": {"kind": "play", "prompts": ["to_operator"], "barge_in": False, "next": "done"},
        },
        (Way("", "done", ("recording_notice", "connecting", "to_operator")), Way("7", "done", ("to_operator",))),
    ),
    "say": Case(
        "4001003",
        {
            "test": {"kind": "set", "values": VALUES, "next": "say"},
            "say": {"kind": "say", "parts": [{"say": kind, "value": name} for name, kind in SPOKEN], "next": "done"},
        },
        (Way("", "done", ("SPOKEN",)),),
    ),
    "menu": Case(
        "4001004",
        {
            "test": {
                "kind": "menu", "prompts": ["main_menu"], "choices": {"1": "one", "9": "test"}, "tries": 2,
                "timeout_s": WAITS, "wrong": ["wrong_key"], "silent": ["no_key"], "exhausted": "nothing",
            }
        },
        (
            Way("1", "one"),
            Way("91", "one"),
            Way("51", "one"),
            Way("5", "nothing", ("wrong_key", "main_menu"), waits=BRIEF),
            Way("55", "nothing"),
            Way("", "nothing", ("main_menu", "no_key", "main_menu"), waits=HASTY),
        ),
    ),
    "collect": Case(
        "4001005",
        {
            "test": {
                "kind": "collect", "into": "it", "prompts": ["ask_ticket"], "shortest": 4, "longest": 6, "tries": 2,
                "confirm": {"after": ["review_message"], "key": "1"}, "timeout_s": WAITS, "between_s": WAITS,
                "wrong": ["wrong_number"], "silent": ["no_key"], "next": "done", "exhausted": "nothing",
            }
        },
        (
            Way("8642#1", "done"),
            Way("8642", "nothing", ("n_8", "n_6", "n_4", "n_2", "review_message", "no_key", "ask_ticket"), waits=BRIEF),
            Way("12#", "nothing", ("wrong_number", "ask_ticket"), waits=BRIEF),
            Way("1234567#", "nothing", ("wrong_number", "ask_ticket"), waits=BRIEF),
            Way("", "nothing", ("ask_ticket", "no_key", "ask_ticket"), waits=HASTY),
        ),
    ),
    "condition": Case(
        "4001006",
        {
            "test": {
                "kind": "condition", "otherwise": "failed",
                "cases": [{"when": [{"value": "dnis", "is": "equals", "this": ["4001006"]}], "to": "which"}],
            },
            "which": {
                "kind": "condition", "otherwise": "english",
                "cases": [{"when": [{"value": "language", "is": "equals", "this": ["xx"]}], "to": "failed"}],
            },
        },
        (Way("", "english"),),
    ),
    "open_hours": Case(
        "4001007",
        {
            "test": {"kind": "open_hours", "calendar": "always", "open": "other", "closed": "failed"},
            "other": {"kind": "open_hours", "calendar": "tomorrow", "open": "failed", "closed": "done"},
        },
        (Way("", "done"),),
        more={
            "calendars": {
                "always": {"week": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}},
                "tomorrow": {"week": {_tomorrow(): ["09:00-18:00"]}},
            }
        },
    ),
    "sub_flow": Case(
        "4001008",
        {"test": {"kind": "sub_flow", "flow": "inner", "next": "done"}},
        (Way("5", "done"), Way("", "done", ("ask_number",))),
    ),
    "look_up": Case(
        "4001009",
        {
            "test": _collects("who", "find"),
            "find": {"kind": "look_up", "by": "who", "found": "found", "several": "failed", "unknown": "unknown"},
        },
        (Way(f"{MOBILE}#", "found"), Way("02100000000#", "unknown")),
    ),
    "check_pin": Case(
        "4001010",
        {
            "test": _collects("account", "pin"),
            "pin": _collects("pin", "check", secret=True),
            "check": {
                "kind": "check_pin", "account": "account", "pin": "pin",
                "found": "found", "wrong": "failed", "locked": "failed",
            },
        },
        (Way(f"{ACCOUNT}#{PIN}#", "found"),),
    ),
    "open_ticket": Case(
        "4001011",
        {
            "test": _collects("what", "open"),
            "open": {
                "kind": "open_ticket", "type": "repair", "subject": "From the keypad", "values": ["what"],
                "opened": "opened",
            },
        },
        (Way("4711#", "opened"),),
    ),
    "order_progress": Case(
        "4001015",
        {
            "test": {"kind": "set", "values": {"who": MOBILE}, "next": "find"},
            "find": {"kind": "look_up", "by": "who", "found": "ask", "several": "failed", "unknown": "failed"},
            "ask": _collects("number", "tell"),
            "tell": {"kind": "order_progress", "number": "number", "told": "told", "unknown": "unknown"},
        },
        (
            Way(f"{ORDER}#", "told", ("order_sale", *(f"n_{digit}" for digit in ORDER), "order_received")),
            Way(f"{ANOTHERS}#", "unknown"),
        ),
    ),
    "http": Case(
        "4001012",
        {
            "test": _collects("what", "ask"),
            "ask": {
                "kind": "http", "method": "get", "url": f"http://{HTTP}/{{what}}", "take": {"state": "order.state"},
                "answered": "right", "refused": "refused",
            },
            "right": {
                "kind": "condition", "otherwise": "failed",
                "cases": [{"when": [{"value": "state", "is": "equals", "this": ["7"]}], "to": "answered"}],
            },
        },
        (Way("200#", "answered"), Way("403#", "refused"), Way("500#", "failed")),
        errors=frozenset({"ivr.not_answered"}),
    ),
    "goodbye": Case(
        "4001013", {"test": {"kind": "goodbye", "prompts": ["goodbye"]}}, (Way("", GONE, ("goodbye",)),)
    ),
    "hangup": Case("4001014", {"test": {"kind": "hangup"}}, (Way("", GONE),)),
}  # fmt: skip
INNER = {
    "start": "ask", "apology": "trouble", "error": "back", "languages": ["zh", "en"],
    "nodes": {
        "ask": {
            "kind": "menu", "prompts": ["ask_number"], "choices": {"5": "back"}, "on_silence": "back",
            "timeout_s": 0.5, "exhausted": "back",
        },
        "back": {"kind": "return"},
    },
}  # fmt: skip
ASKING = "4001098"
ASKED = {
    "start": "ask", "apology": "trouble", "error": "person", "languages": ["zh"],
    "defaults": {"queue": "service", "intent": "lost"},
    "nodes": {
        "ask": {
            "kind": "http", "method": "get", "url": f"http://{HTTP}/later", "answered": "menu", "refused": "person",
        },
        "menu": {
            "kind": "menu", "prompts": ["main_menu"], "choices": {"7": "kept"}, "tries": 1,
            "timeout_s": PATIENT, "exhausted": "person",
        },
        "kept": {"kind": "queue", "intent": "kept"},
        "person": {"kind": "queue"},
    },
}  # fmt: skip
FLOOD = "4001099"
FLOODED = {
    "start": "ask", "apology": "trouble", "error": "person", "languages": ["zh"],
    "defaults": {"queue": "service", "intent": "flooded"}, "max_steps": 20,
    "nodes": {
        "ask": {"kind": "menu", "prompts": ["main_menu"], "choices": {"9": "ask"}, "exhausted": "person"},
        "person": {"kind": "queue"},
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Later:
    """A system that answers after the caller has pressed a key."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    pressed: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, _: web.Request) -> web.Response:
        self.asked.set()
        await self.pressed.wait()
        await asyncio.sleep(0.3)  # as long as Asterisk holds a key that came by SIP INFO, and longer
        return web.json_response({})


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    asterisk: PrivateAsterisk
    ami: Ami
    menus: IvrServer
    services: Services
    marks: Mapping[tuple[int, int], str]
    later: Later
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(13900000001))

    @property
    def sip(self) -> tuple[str, int]:
        return "127.0.0.1", self.asterisk.plan.ports.sip

    async def goes(self, case: Case, way: Way, language: Language, *, info: bool) -> None:
        number = str(next(self.numbers))
        heard = [f"{language}/{key}" for key in _prompts(way, language)]
        async with keypad(self.sip, self.marks, dict(case.all_waits)[way.waits], number) as caller:
            await caller.is_spoken_to()
            await caller.press(LANGUAGES[language] + way.keys, info=info)
            if way.end == GONE:
                await caller.ended()
                assert caller.dialog.hung_up is False
            else:
                waits = await self.ami.user_event("CwQueued", CallerIDNum=number)
                assert (waits["Intent"], waits["Lang"]) == (way.end, language), caller.heard
            await caller.hears(*heard)

    async def hangs_up(self, case: Case, keys: str, *, info: bool) -> None:
        async with keypad(self.sip, self.marks, case.number, str(next(self.numbers))) as caller:
            if keys:
                await caller.is_spoken_to()
            await caller.press(keys, info=info)

    async def all_left(self) -> None:
        await eventually("every caller to have left the menu", lambda: self.menus.stats().sessions_now == 0)


def _prompts(way: Way, language: Language) -> tuple[str, ...]:
    if way.heard != ("SPOKEN",):
        return way.heard
    return tuple(key for name, kind in SPOKEN for key in speak(kind, VALUES[name], language) or ())


async def _elsewhere(request: web.Request) -> web.Response:
    status = int(request.match_info["status"])
    return web.json_response({"order": {"state": "7"}}, status=status)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home = tmp_path_factory.mktemp("every node")
    app = web.Application()
    later = Later()
    app.add_routes([web.get("/later", later.answer), web.get("/{status}", _elsewhere)])
    database = Database(f"sqlite:///{home / 'house.db'}")
    await database.upgrade()
    services = make_services(database, SystemClock())
    customer = await services.customers.create(name="张伟")
    await services.customers.add_number(customer.id, MOBILE, confirmed=True)
    await services.customer_pins.put(customer.id, ACCOUNT, PIN)
    other = await services.customers.create(name="李静")
    for owner, number in ((customer, ORDER), (other, ANOTHERS)):
        drawing = Orders(database, SystemClock(), lambda drawn=number: drawn)
        await drawing.create(kind=OrderKind.SALE, customer=owner.id, summary="水泵")
    beside = (Did(number=FLOOD, flow="flooded"), Did(number=ASKING, flow="asked"))
    dids = (*(Did(number=dialled, flow=flow) for flow, dialled, _ in _flows("")), *beside)
    marks = put_marks(home / "sounds", load_catalogue().prompts)
    async with (
        TestServer(app, host="127.0.0.1") as other,
        private_asterisk(home, dids=dids) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
    ):
        address = f"{other.host}:{other.port}"
        desk = MenuDesk(services, SystemClock(), UTC, Elsewhere((address,)), DialRules())
        flows = _written(home / "flows", address)
        port = asterisk.plan.ports.fastagi
        async with menu_server(port=port, prompts=home / "sounds", flows_in=flows, desk=desk) as menus:
            yield House(asterisk=asterisk, ami=ami, menus=menus, services=services, marks=marks, later=later)
    await database.close()


def _written(folder: Path, http: str) -> Path:
    folder.mkdir()
    for flow, _, document in _flows(http):
        (folder / f"{flow}.json").write_text(document, encoding="utf-8")
    for name, raw in (("inner", INNER), ("flooded", FLOODED), ("asked", ASKED)):
        (folder / f"{name}.json").write_text(_filled(raw, http), encoding="utf-8")
    return folder


def _flows(http: str) -> Iterator[tuple[str, str, str]]:
    """Name, what is dialled for it, document."""
    for name, case in CASES.items():
        for waits, dialled in case.all_waits:
            yield name if dialled == case.number else f"{name}_{dialled}", dialled, case.document(http, waits)


@pytest.mark.parametrize("name", CASES)
async def test_every_way_of_a_node_in_both_languages_by_both_kinds_of_keys(house: House, name: str) -> None:
    case, before = CASES[name], house.menus.stats().errors
    async with asyncio.TaskGroup() as callers:
        for way, language, info in itertools.product(case.ways, LANGUAGES, (False, True)):
            callers.create_task(house.goes(case, way, language, info=info))
    await house.all_left()
    counted = {code for code, times in house.menus.stats().errors.items() if times > before.get(code, 0)}
    assert counted <= case.errors


async def test_hanging_up_at_every_step_of_every_node_is_no_error(house: House) -> None:
    before = house.menus.stats()
    async with asyncio.TaskGroup() as callers:
        for case in CASES.values():
            keys = "1" + max((way.keys for way in case.ways), key=len)
            for count in range(len(keys) + 1):
                callers.create_task(house.hangs_up(case, keys[:count], info=count % 2 == 0))
                await asyncio.sleep(0.02)
    await house.all_left()
    await eventually("no call to be left", house.asterisk.is_idle)
    now = house.menus.stats()
    assert now.sessions_total > before.sessions_total
    assert now.errors == before.errors


async def test_a_ticket_that_was_opened_is_in_the_house(house: House) -> None:
    way = CASES["open_ticket"].ways[0]
    before = len((await house.services.tickets.search()).items)
    await house.goes(CASES["open_ticket"], way, Language.ZH, info=False)
    after = (await house.services.tickets.search()).items
    assert len(after) == before + 1
    assert "4711" in after[0].description


@pytest.mark.parametrize("info", [False, True])
async def test_a_flood_of_4000_keys_ends_with_a_person_and_the_next_caller_is_served(house: House, info: bool) -> None:
    before, number = house.menus.stats().errors, str(next(house.numbers))
    async with keypad(house.sip, house.marks, FLOOD, number) as caller:
        press = caller.press_at_once if info else caller.tap
        for count in range(4000):
            press("9")
            if count % 40 == 0:
                await asyncio.sleep(0.01)  # what a socket's buffer can take
        assert (await house.ami.user_event("CwQueued", CallerIDNum=number))["Intent"] == "flooded"
        await house.goes(CASES["menu"], CASES["menu"].ways[0], Language.EN, info=info)
        assert not caller.dialog.ended.is_set()
    await house.all_left()
    assert house.menus.stats().errors == before


@pytest.mark.parametrize("info", [False, True])
async def test_a_key_pressed_while_the_house_is_asked_is_for_what_comes_next(house: House, info: bool) -> None:
    """Asterisk throws away what is pressed while no command of ours is under way."""
    number = str(next(house.numbers))
    for event in (house.later.asked, house.later.pressed):
        event.clear()
    async with keypad(house.sip, house.marks, ASKING, number) as caller:
        async with asyncio.timeout(30):
            await house.later.asked.wait()
        await caller.press("7", info=info)
        house.later.pressed.set()
        assert (await house.ami.user_event("CwQueued", CallerIDNum=number))["Intent"] == "kept"
    await house.all_left()


async def test_no_kind_of_node_is_forgotten() -> None:
    """A new kind belongs to `CASES`, or to `ELSEWHERE` with the test that shows it."""
    here = {kind for case in CASES.values() for kind in case.kinds} | {"language", "queue", "return"}
    assert set(KINDS) == here | set(ELSEWHERE)
    for file in ELSEWHERE.values():
        assert (Path(__file__).parents[1] / "integration" / "ivr" / file).exists()
