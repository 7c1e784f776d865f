"""A caller hears what the house knows, on a real Asterisk with the real voice: in his language or the other, once more
by a key; one that was withdrawn lets him go on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import PhoneProcess
from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.articles import ArticleState, Side
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.language import Language
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from cti.dialling import DialRules
from ivr.prompts.narrator import Narrator
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.menu import HOTLINE
from tests.integration.ivr.peers import menu_server, some_prompts
from tests.integration.ivr.test_on_asterisk import World
from tests.support.asterisk import private_asterisk

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROUTER = {
    Language.ZH: Side(
        title="重启路由器",
        body="请先拔掉路由器的电源，等三十秒，再插上电源，等两分钟。指示灯变绿以后，请打开任意网页试一试。"
        "如果仍然不能上网，请检查网线两端是否插紧，并把路由器放在通风的地方，再试一次。",
    ),
    Language.EN: Side(
        title="Reset",
        body="Pull the plug of the router, wait for half a minute, and plug it in again. As soon as the lamp is green, "
        "open any page. If it does not come, look whether both ends of the cable sit well, and try it once more.",
    ),
}
"""Long enough to be listened into, however busy the machine is."""
FLOW = {
    "start": "language",
    "language": "zh",
    "languages": ["zh", "en"],
    "apology": "trouble",
    "error": "person",
    "defaults": {"queue": "service"},
    "nodes": {
        "language": {
            "kind": "menu",
            "prompts": ["zh:choose_language", "en:choose_language"],
            "choices": {"1": "chinese", "2": "english"},
            "exhausted": "chinese",
        },
        "chinese": {"kind": "language", "language": "zh", "next": "router"},
        "english": {"kind": "language", "language": "en", "next": "router"},
        "router": {
            "kind": "article",
            "article": "K-0001",
            "again": "*",
            "told": "person",
            "error": "sorry",
            "within_s": 10,
        },
        "sorry": {"kind": "play", "prompts": ["trouble"], "next": "person"},
        "person": {"kind": "queue"},
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("articles")
    prompts = await some_prompts(home, "welcome", "choose_language", "trouble")
    async with (
        private_asterisk(home, dids=(Did(number=HOTLINE, flow="main"),)) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
        PhoneProcess(life_s=300) as phones,
    ):
        yield World(asterisk=asterisk, ami=ami, phones=phones, prompts=prompts)


@pytest_asyncio.fixture(loop_scope="module")
async def house(
    world: World, sqlite_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Services, Narrator]]:
    flows, database = tmp_path_factory.mktemp("flows"), Database(sqlite_url)
    (flows / "main.json").write_text(json.dumps(FLOW), encoding="utf-8")
    services, narrator = make_services(database, SystemClock()), Narrator(world.prompts)
    desk = MenuDesk(services, SystemClock(), UTC, Elsewhere(()), DialRules(), narrator=narrator)
    await services.articles.write(sides=ROUTER)
    await services.articles.put("K-0001", ArticleState.PUBLISHED)
    for language in Language:
        await told(narrator, language)  # as the console does at publishing: this machine may be busy
    async with menu_server(port=world.fastagi, prompts=world.prompts, flows_in=flows, desk=desk) as server:
        yield services, narrator
        assert server.stats().errors == {}
    await database.close()


async def told(narrator: Narrator, language: Language) -> str:
    """The file that callers hear."""
    return f"{language}/{await narrator.sound('K-0001', language, ROUTER[language].body)}"


@pytest.mark.parametrize(("key", "language"), [("1", Language.ZH), ("2", Language.EN)])
async def test_he_hears_it_in_his_language_and_once_more(
    world: World, house: tuple[Services, Narrator], key: str, language: Language
) -> None:
    _, narrator = house
    async with world.caller() as phone:
        await phone.send_digits(key)
        await world.step("router", "", "article_told")
        await world.hears(phone, await told(narrator, language))
        await phone.send_digits("*")
        await world.step("router", "*", "article_again")
        await world.hears(phone, await told(narrator, language))
        await phone.send_digits("0")
        await world.ami.user_event("CwQueued", Queue="service", Lang=language)


async def test_what_was_changed_is_spoken_anew_and_what_is_withdrawn_lets_him_go_on(
    world: World, house: tuple[Services, Narrator]
) -> None:
    services, narrator = house
    side = Side(title="Reset", body=f"Press the small button. {ROUTER[Language.EN].body}")
    await services.articles.rewrite("K-0001", sides={Language.EN: side}, seen=1)
    new = f"en/{await narrator.sound('K-0001', Language.EN, side.body)}"
    async with world.caller() as phone:
        await phone.send_digits("1")  # in Chinese there is nothing any more
        await world.step("router", "", "article_told")
        await world.hears(phone, new)
    await services.articles.put("K-0001", ArticleState.WITHDRAWN)
    async with world.caller() as phone:
        await phone.send_digits("2")
        await world.step("router", "", "not_answered")
        await world.ami.user_event("CwQueued", Queue="service", Lang="en")
