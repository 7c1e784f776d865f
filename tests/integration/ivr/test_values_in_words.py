"""A prompt with values in its words, on a real Asterisk: heard piece by piece in both languages, his name among them.

The whole row is looked for in what arrives at the phone, so a piece that is missing or stands elsewhere is not found.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import PhoneProcess, SipPhone
from crm_core.kernel.language import Language
from ivr.flow.messages import Sound as Heard
from ivr.flow.messages import Spoken
from ivr.flow.saying import Kind, speak
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.house import PromptHouse
from ivr.prompts.speaker import Speaker
from ivr.prompts.wordings import sounds_in
from ivr.service import IvrServer
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.menu import HOTLINE
from tests.integration.ivr.peers import menu_server, some_prompts
from tests.integration.ivr.test_on_asterisk import World, _correlation, _envelope
from tests.support.asterisk import private_asterisk
from tests.support.phones import listen
from tests.support.tones import read_wav
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = {
    Language.ZH: "{name|客户}您好，您的余额是 {sum:money}，谢谢您的来电。",
    Language.EN: "Hello {name|there}, your balance is {sum:money}, thank you for calling.",
}
NAMES = {Language.ZH: "张伟", Language.EN: "Mary Smith"}
SUM = "12.50"
ROW_S = 15.0
"""The sentence takes not quite seven, and a second later it is said again: so a whole one is within this time."""
_BLINK = 25
"""Fiftieths of a second between two pieces, on a busy machine."""
FLOW = {
    "start": "language",
    "language": "zh",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "language": {
            "kind": "menu",
            "prompts": ["zh:choose_language"],
            "choices": {"1": "zh_name", "2": "en_name", "3": "nobody"},
            "exhausted": "person",
        },
        "zh_name": {"kind": "set", "values": {"name": NAMES[Language.ZH], "sum": SUM}, "next": "chinese"},
        "en_name": {"kind": "set", "values": {"name": NAMES[Language.EN], "sum": SUM}, "next": "english"},
        "nobody": {"kind": "set", "values": {"name": "", "sum": "much"}, "next": "balance"},
        "chinese": {"kind": "language", "language": "zh", "next": "balance"},
        "english": {"kind": "language", "language": "en", "next": "balance"},
        "balance": {
            "kind": "menu",
            "prompts": ["balance"],
            "choices": {"0": {"to": "person", "label": "operator"}},
            "tries": 9,
            "timeout_s": 1,
            "exhausted": "person",
            "error": "unsaid",
        },
        "unsaid": {"kind": "set", "intent": "unsaid", "next": "person"},
        "person": {"kind": "queue"},
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("values")
    said = [key for language in Language for key in speak(Kind.MONEY, SUM, language) or ()]
    prompts = await some_prompts(home, "welcome", "choose_language", "trouble", *said)
    house = PromptHouse(prompts)
    await house.make("balance", WORDS)
    for language in Language:
        await house.speak("balance", language)
    async with (
        private_asterisk(home, dids=(Did(number=HOTLINE, flow="main"),)) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
        PhoneProcess(life_s=300) as phones,
    ):
        yield World(asterisk=asterisk, ami=ami, phones=phones, prompts=prompts)


@pytest_asyncio.fixture(loop_scope="module")
async def menus(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[IvrServer]:
    flows = tmp_path_factory.mktemp("flows")
    (flows / "main.json").write_text(json.dumps(FLOW), encoding="utf-8")
    there = {
        language: {**dict.fromkeys(load_catalogue().keys()[language]), **keys}
        for language, keys in sounds_in(world.prompts).items()
    }
    async with menu_server(port=world.fastagi, prompts=world.prompts, flows_in=flows, sounds=there) as server:
        yield server
        assert server.stats().errors == {}


async def row(world: World, language: Language) -> list[str]:
    """The files of the sentence, in their order."""
    before, after = {
        Language.ZH: ("您好，您的余额是", "谢谢您的来电。"),
        Language.EN: ("your balance is", "thank you for calling."),
    }[language]
    name = Heard(language=language, key="balance", spoken=Spoken(say=NAMES[language], value=True))
    texts = ["Hello"] if language is Language.EN else []
    pieces = [
        Heard(language=language, key="balance", spoken=Spoken(say=say, value=False)) for say in (*texts, before, after)
    ]
    files = await Speaker(world.prompts).ready((name, *pieces))
    *first, between, last = (files[one] for one in pieces)
    money = [f"{language}/{key}" for key in speak(Kind.MONEY, SUM, language) or ()]
    return [*first, files[name], between, *money, last]


@pytest.mark.parametrize(("key", "language"), [("1", Language.ZH), ("2", Language.EN)])
async def test_he_hears_his_name_and_his_balance_within_the_sentence(
    world: World, menus: IvrServer, key: str, language: Language
) -> None:
    async with world.caller() as phone:
        await phone.send_digits(key)
        await world.step("language", key, "")
        whole = await row_when_spoken(world, language)
        await hears_the_row(world, phone, whole)
        await phone.send_digits("0")
        await world.step("balance", "0", "operator")
        await world.ami.user_event("CwQueued", Lang=language)


async def hears_the_row(world: World, phone: SipPhone, files: list[str]) -> None:
    """Each behind the one before, from the first to the last."""
    row = [_envelope(read_wav(world.prompts / f"{one}.wav")) for one in files]

    async def it_is() -> bool:
        return follow_each_other(row, _envelope(await listen(phone, ROW_S)))

    await eventually("the whole row in the phone", it_is, limit_s=90)


def follow_each_other(row: list[list[float]], heard: list[float]) -> bool:
    starts = [at for at in range(len(heard)) if alike(row[0], heard, at)]
    return any(_follow(row[1:], heard, at + len(row[0])) for at in starts)


def _follow(row: list[list[float]], heard: list[float], at: int) -> bool:
    """Asterisk is asked for the next one when one is over, so there is a blink between them."""
    for one in row:
        found = next((there for there in range(at - 3, at + _BLINK) if alike(one, heard, there)), None)
        if found is None:
            return False
        at = found + len(one)
    return True


def alike(one: list[float], heard: list[float], at: int) -> bool:
    there = heard[at : at + len(one)] if at >= 0 else []
    return len(there) == len(one) and _correlation(one, there) > 0.8


async def row_when_spoken(world: World, language: Language) -> list[str]:
    """His name is spoken when he is told it for the first time."""
    name = Heard(language=language, key="balance", spoken=Spoken(say=NAMES[language], value=True))
    await Speaker(world.prompts).speak((name,), 60)
    return await row(world, language)


async def test_without_a_value_that_is_needed_he_goes_on_by_error(world: World, menus: IvrServer) -> None:
    async with world.caller() as phone:
        await phone.send_digits("3")
        await world.ami.user_event("CwQueued", Intent="unsaid")
