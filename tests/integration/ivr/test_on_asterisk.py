"""The demo's menu on a real Asterisk, called by real phones: heard, answered by key, hung up on, and shot dead."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import PhoneProcess, PhoneState, SipPhone
from ivr.prompts import prompts_folder
from ivr.service import IvrServer
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.menu import HOTLINE, Menu
from tests.integration.ivr.peers import menu_server
from tests.integration.ivr.sip_info import caller_with_info_keys
from tests.support.asterisk import private_asterisk
from tests.support.phones import listen
from tests.support.product import lend_prompts
from tests.support.tones import Sound, read_wav, seconds_of_sound
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True, kw_only=True)
class World(Menu):
    """With real phones, and prompts that are spoken."""

    phones: PhoneProcess

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[SipPhone]:
        self.ami.events.clear()
        phone = await self.phones.add("caller", server=self.asterisk.sip)
        # a phone that has nothing to say lets its clock rest after a second, and a key pressed then is never let go
        await phone.play(self.prompts / "en" / "welcome.wav")
        try:
            await phone.dial(HOTLINE, number="13800138000", name="张伟")
            await phone.wait_for(PhoneState.TALKING)
            yield phone
        finally:
            await phone.remove()
            await self.ami.all_gone()

    async def hears(self, phone: SipPhone, *prompts: str) -> None:
        """Until what arrives in the phone is some part of these prompts, said one after the other."""
        whole = Sound(samples=[n for one in prompts for n in read_wav(self.prompts / f"{one}.wav").samples], rate=8000)

        async def it_is() -> bool:
            return likeness(await listen(phone, 1.5), whole) > 0.8

        await eventually(f"{prompts} in the phone", it_is)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("menu home")  # with a blank, as homes have
    report = await lend_prompts(home)
    assert not report.tones
    async with (
        private_asterisk(home, dids=(Did(number=HOTLINE, flow="main"),)) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
        PhoneProcess() as phones,
    ):
        yield World(asterisk=asterisk, ami=ami, phones=phones, prompts=prompts_folder(home))


@pytest_asyncio.fixture(loop_scope="module")
async def menus(world: World) -> AsyncIterator[IvrServer]:
    async with menu_server(port=world.fastagi, prompts=world.prompts) as server:
        yield server
        await eventually("every caller to have left the menu", lambda: server.stats().sessions_now == 0)
        assert server.stats().errors == {}


async def test_typed_ahead_he_is_through_at_once(world: World, menus: IvrServer) -> None:
    async with world.caller() as phone:
        await phone.send_digits("22")
        await world.step("language", "2", "en")
        await world.step("main", "2", "repair")
        queued = await world.ami.user_event("CwQueued")
        told = {name: queued[name] for name in ("Queue", "Skills", "Priority", "Lang", "Intent")}
        assert told == {
            "Queue": "repair",
            "Skills": "en:1/repair:1",
            "Priority": "0",
            "Lang": "en",
            "Intent": "repair",
        }
        assert await world.ami.variable(queued["Channel"], "CHANNEL(language)") == "en"


async def test_he_hears_what_was_recorded_and_a_key_ends_it(world: World, menus: IvrServer) -> None:
    async with world.caller() as phone:
        await world.hears(phone, "zh/welcome", "en/welcome", "zh/choose_language", "en/choose_language")
        await phone.send_digits("2")
        await world.step("language", "2", "en")
        await world.hears(phone, "en/recording_notice", "en/main_menu")
        await phone.send_digits("9")
        await world.step("main", "9", "repeat")
        await world.hears(phone, "en/main_menu")
        await phone.send_digits("0")
        await world.step("main", "0", "operator")
        await world.ami.user_event("CwQueued", Queue="service", Skills="en:1", Intent="other")


async def test_keys_by_sip_info(world: World, menus: IvrServer) -> None:
    world.ami.events.clear()
    async with caller_with_info_keys(world.asterisk.sip, HOTLINE, "13"):
        await world.step("language", "1", "zh")
        await world.step("main", "3", "complaint")
        await world.ami.user_event("CwQueued", Queue="service", Skills="zh:1", Intent="complaint")
    await world.ami.all_gone()


async def test_a_number_with_line_breaks_presses_no_keys(world: World, menus: IvrServer) -> None:
    world.ami.events.clear()
    user = "%0a%0a200%20result=50%0a200%20result=50"
    async with caller_with_info_keys(world.asterisk.sip, HOTLINE, "12", user=user, pause_ms=1000):
        await world.step("language", "1", "zh")
        await world.ami.user_event("CwQueued", Queue="repair", Skills="zh:1/repair:1")
    await world.ami.all_gone()
    assert world.steps() == ["1", "2"]


@pytest.mark.parametrize("keys", ["", "2", "29", "295", "22"])
async def test_hanging_up_at_any_step_is_no_error(world: World, menus: IvrServer, keys: str) -> None:
    async with world.caller() as phone:
        await eventually("the menu to have him", lambda: menus.stats().sessions_now == 1)
        for count, key in enumerate(keys):
            await phone.send_digits(key)
            await eventually(f"the step for {key}", lambda wanted=count + 1: len(world.steps()) == wanted)


FLOWS = {
    "main": {
        "start": "who",
        "apology": "trouble",
        "error": "person",
        "nodes": {
            "who": {
                "kind": "condition",
                "cases": [
                    {
                        "when": [
                            {"value": "ani", "is": "equals", "this": ["13800138000"]},
                            {"value": "dnis", "is": "equals", "this": [HOTLINE]},
                        ],
                        "to": "pin",
                    }
                ],
                "otherwise": "person",
            },
            "pin": {
                "kind": "collect",
                "into": "pin",
                "prompts": ["welcome"],
                "shortest": 4,
                "longest": 4,
                "secret": True,
                "next": {"to": "number", "label": "pin"},
                "exhausted": "person",
            },
            "number": {"kind": "sub_flow", "flow": "number", "next": "person"},
            "person": {"kind": "queue", "intent": "known"},
        },
    },
    "number": {
        "start": "ask",
        "apology": "trouble",
        "error": "back",
        "nodes": {
            "ask": {
                "kind": "collect",
                "into": "number",
                "prompts": ["main_menu"],
                "shortest": 6,
                "longest": 12,
                "confirm": {"after": ["main_menu"], "key": "1"},
                "next": {"to": "back", "label": "number"},
                "exhausted": "back",
            },
            "back": {"kind": "return"},
        },
    },
}


async def test_digits_are_collected_repeated_and_confirmed_and_a_secret_is_kept(world: World, tmp_path: Path) -> None:
    for name, flow in FLOWS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(flow), encoding="utf-8")
    async with (
        menu_server(port=world.fastagi, prompts=world.prompts, flows_in=tmp_path) as server,
        world.caller() as phone,
    ):
        await phone.send_digits("8642#")
        await world.step("pin", "****", "pin")
        await world.hears(phone, "zh/main_menu")
        await phone.send_digits("205831#")
        spoken = ("n_2", "n_0", "n_5", "n_8", "n_3", "digit_1", "main_menu")
        await world.hears(phone, *(f"zh/{key}" for key in spoken))
        await phone.send_digits("1")
        told = await world.ami.user_event("CwMenu", Flow="number", Node="ask")
        assert (told["Input"], told["Label"]) == ("205831", "number")
        await world.ami.user_event("CwQueued", Intent="known")
        await eventually("the menu to have let go of him", lambda: server.stats().sessions_now == 0)
        assert server.stats().errors == {}


async def test_a_missing_prompt_is_apologised_for(world: World) -> None:
    without = world.prompts.with_name("without a menu")
    for language in ("zh", "en"):
        (without / language).mkdir(parents=True)
        for file in (world.prompts / language).glob("*.wav"):
            if file.stem != "main_menu":
                (without / language / file.name).symlink_to(file)
    async with menu_server(port=world.fastagi, prompts=without) as server, world.caller() as phone:
        await phone.send_digits("1")
        await world.hears(phone, "zh/recording_notice", "zh/trouble")
        await world.ami.user_event("CwQueued", Queue="service", Skills="zh:1", Intent="other")
        await eventually("the menu to have let go of him", lambda: server.stats().sessions_now == 0)
        assert server.stats().errors == {"ivr.command_failed": 1}


async def test_a_server_shot_dead_in_mid_menu_leaves_the_caller_to_the_queue(world: World) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from tests.integration.ivr.peers import menu_server\n"
        "async def main():\n"
        "    async with menu_server(port=int(sys.argv[1]), prompts=Path(sys.argv[2])):\n"
        "        print('ready', flush=True); await asyncio.Event().wait()\n"
        "asyncio.run(main())"
    )
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(world.fastagi), str(world.prompts)), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        await child.stdout.readline()
        async with world.caller() as phone:
            await phone.send_digits("2")
            await world.hears(phone, "en/recording_notice", "en/main_menu")
            os.kill(child.pid, signal.SIGKILL)
            await world.ami.user_event("CwQueued", Queue="service", Lang="en", Skills="en:1", Intent="other")
            assert phone.state is PhoneState.TALKING
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def test_stopping_the_server_leaves_the_caller_to_the_queue(world: World) -> None:
    async with AsyncExitStack() as server:
        await server.enter_async_context(menu_server(port=world.fastagi, prompts=world.prompts))
        async with world.caller() as phone:
            await phone.send_digits("1")
            await world.step("language", "1", "zh")
            await server.aclose()
            await world.ami.user_event("CwQueued", Queue="service", Lang="zh")
            assert phone.state is PhoneState.TALKING


async def test_whose_time_is_over_comes_to_where_he_was_going(world: World, tmp_path: Path) -> None:
    """At `T` nothing of our process is asked: what the menu has learnt of him is in his line already."""
    flow = {
        "start": "ask",
        "apology": "trouble",
        "error": "person",
        "defaults": {"queue": "vip", "priority": 3},
        "nodes": {
            "ask": {"kind": "menu", "prompts": ["welcome"], "choices": {"1": "repair"}, "exhausted": "person"},
            "repair": {"kind": "set", "queue": "repair", "skills": {"repair": 2}, "intent": "repair", "next": "wait"},
            "wait": {"kind": "menu", "prompts": ["main_menu"], "choices": {"1": "person"}, "exhausted": "person"},
            "person": {"kind": "queue"},
        },
    }
    (tmp_path / "main.json").write_text(json.dumps(flow), encoding="utf-8")
    wishes = ({"Queue": "vip", "Skills": "", "Priority": "3"}, {"Queue": "repair", "Skills": "zh:1/repair:2"})
    async with menu_server(port=world.fastagi, prompts=world.prompts, flows_in=tmp_path) as server:
        for keys, wish in zip(("", "1"), wishes, strict=True):
            async with world.caller() as phone:
                arrived = await world.ami.user_event("CwArrived")
                await world.hears(phone, "zh/welcome")
                if keys:
                    await phone.send_digits(keys)
                    await world.hears(phone, "zh/main_menu")
                over = {"Channel": arrived["Channel"], "Variable": "TIMEOUT(absolute)", "Value": "0.1"}
                assert (await world.ami.ask("Setvar", **over))["Response"] == "Success"
                await world.ami.user_event("CwQueued", **wish)
        await eventually("the menu to have let go of them", lambda: server.stats().sessions_now == 0)


def likeness(heard: Sound, prompt: Sound) -> float:
    """How much the rise and fall of what was heard is that of the prompt, wherever in it the listening began."""
    assert seconds_of_sound(heard) > 0.5, "silence"
    mine, whole = _envelope(heard)[10:], _envelope(prompt)
    places = range(len(whole) - len(mine) + 1)
    return max((_correlation(mine, whole[at : at + len(mine)]) for at in places), default=0.0)


def _envelope(sound: Sound) -> list[float]:
    step = sound.rate // 50
    return [sum(map(abs, sound.samples[at : at + step])) / step for at in range(0, len(sound.samples) - step, step)]


def _correlation(a: list[float], b: list[float]) -> float:
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    both = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    size = (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5
    return both / size if size else 0.0
