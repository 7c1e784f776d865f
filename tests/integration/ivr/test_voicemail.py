"""The hotline's voice messages and ratings on a real Asterisk: what a caller says becomes a ticket with its sound, also
if he hangs up in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.recordings import Recording
from crm_core.domain.tickets import Ticket
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CallId
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from cti.dialling import DialRules
from ivr.prompts.catalogue import load_catalogue
from ivr.service import IvrServer
from recordings.storage import RecordingFolder
from tests.integration.asterisk.parts import Ami
from tests.integration.ivr.menu import HOTLINE, MOBILE, Marked
from tests.integration.ivr.peers import menu_server
from tests.support.asterisk import private_asterisk
from tests.support.keypad import SILENCE, TONE, Keypad, put_marks
from tests.support.tones import read_wav, seconds_of_sound
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
ENOUGH_BYTES = 60_000
"""Of sound: more than three seconds."""
LANGUAGES = pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Marked]:
    home = tmp_path_factory.mktemp("voice mail")
    prompts = home / "sounds"
    marks = put_marks(prompts, load_catalogue().prompts)
    async with (
        private_asterisk(home, dids=(Did(number=HOTLINE, flow="main"),)) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
    ):
        yield Marked(asterisk=asterisk, ami=ami, prompts=prompts, marks=marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    services: Services
    menus: IvrServer
    folder: Path
    customer: str

    async def tickets(self) -> tuple[Ticket, ...]:
        return (await self.services.tickets.search()).items

    async def message(self) -> tuple[Ticket, Recording]:
        """The only one there is."""
        found = await eventually("a ticket", self.tickets)
        (ticket,) = found
        (kept,) = await eventually("its sound", lambda: self.services.recordings.of_ticket(ticket.id))
        return ticket, kept

    async def spoken(self) -> None:
        """Asterisk has written down some seconds of what he says."""
        await eventually("him to speak", lambda: any(f.stat().st_size > ENOUGH_BYTES for f in self.files()))

    def files(self) -> list[Path]:
        return [*(self.folder / "messages").glob("*.wav")]


@pytest_asyncio.fixture(loop_scope="module")
async def house(world: Marked, sqlite_url: str) -> AsyncIterator[House]:
    database = Database(sqlite_url)
    services = make_services(database, SystemClock())
    folder = world.asterisk.plan.directories.recordings
    for old in (folder / "messages").glob("*.wav"):
        old.unlink()
    desk = MenuDesk(services, SystemClock(), UTC, Elsewhere(()), DialRules(), recordings=RecordingFolder(folder))
    customer = await services.customers.create(name="张伟")
    await services.customers.add_number(customer.id, MOBILE, confirmed=True)
    async with menu_server(port=world.fastagi, prompts=world.prompts, desk=desk, recordings=folder) as server:
        yield House(services=services, menus=server, folder=folder, customer=customer.id)
        await eventually("every caller to have left the menu", lambda: server.stats().sessions_now == 0)
        assert server.stats().errors == {}
    await database.close()


async def begins(world: Marked, house: House, caller: Keypad, key: str = "2") -> None:
    """He is in the middle of what he has to say."""
    caller.speaks(TONE)
    await caller.press(f"{key}6")
    await world.step("main", "6", "voicemail")
    await house.spoken()


@LANGUAGES
async def test_a_message_becomes_a_ticket_with_its_sound(world: Marked, house: House, key: str, language: str) -> None:
    async with world.caller() as caller:
        await begins(world, house, caller, key)
        await caller.press("#")
        await caller.hears(f"{language}/review_message")
        await caller.press("3")
        told = await world.step("message", "", "message_kept")
        await caller.ended()
    ticket, kept = await house.message()
    assert (ticket.call, kept.call) == (told["Call"], told["Call"])
    assert ticket.customer == house.customer
    assert kept.duration_s is not None
    assert kept.duration_s > 3
    assert seconds_of_sound(read_wav(house.folder / kept.file)) > 2


async def test_he_listens_and_speaks_once_more(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await begins(world, house, caller)
        await caller.press("#")
        await caller.hears("en/review_message")
        caller.heard.clear()
        await caller.press("1")
        await caller.hears("en/review_message")
        (file,) = house.files()
        before = file.stat().st_ino, file.stat().st_mtime
        await caller.press("2")
        await eventually("it to be recorded anew", lambda: (file.stat().st_ino, file.stat().st_mtime) != before)
        await house.spoken()
        caller.heard.clear()
        await caller.press("#")
        await caller.hears("en/review_message")
        await caller.press("3")
        await world.step("message", "", "message_kept")
    assert len(house.files()) == 1
    await house.message()


async def test_hanging_up_in_the_middle_keeps_what_was_said(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await begins(world, house, caller)
    ticket, kept = await house.message()
    assert ticket.customer == house.customer
    assert kept.duration_s is not None
    assert kept.duration_s > 3


async def test_hanging_up_before_a_word_leaves_nothing(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await caller.press("26")
        await world.step("main", "6", "voicemail")
    await eventually("him to have left the menu", lambda: house.menus.stats().sessions_now == 0)
    assert await house.tickets() == ()
    assert house.files() == []


async def test_who_says_nothing_has_left_nothing_and_is_in_the_menu_again(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        caller.speaks(SILENCE)
        await caller.press("16")
        await world.step("main", "6", "voicemail")
        await eventually("his silence to be over", lambda: message_steps(world) == ["message_empty"])
        await caller.press("0")
        await world.ami.user_event("CwQueued", Queue="service", Lang="zh")
    assert await house.tickets() == ()
    assert house.files() == []


def message_steps(world: Marked) -> list[str]:
    return [event["Label"] for event in world.ami.events if event.get("Node") == "message"]


# How satisfied is he --------------------------------------------------------------------------------------------------


async def rating(house: House, call: str) -> int | None:
    return (await house.services.calls.get(CallId(call))).rating


@LANGUAGES
async def test_a_rating_is_kept_with_the_call(world: Marked, house: House, key: str, language: str) -> None:
    async with world.caller() as caller:
        await caller.press(f"{key}*")
        await world.step("main", "*", "survey")
        await caller.hears(f"{language}/ask_rating")
        await caller.press("4")
        told = await world.step("survey", "", "survey_rated")
        await caller.ended()
    assert await rating(house, told["Call"]) == 4


async def test_wrong_keys_are_no_rating_and_lead_back_to_the_menu(world: Marked, house: House) -> None:
    async with world.caller() as caller:
        await caller.press("2*")
        await world.step("main", "*", "survey")
        for count in range(2):
            await caller.press("7")
            await eventually("the step", lambda wanted=count + 3: len(world.steps()) >= wanted)
        await world.step("survey", "", "survey_declined")
        await caller.press("0")
        await world.ami.user_event("CwQueued", Queue="service", Lang="en")


async def test_a_server_shot_dead_while_he_speaks_leaves_him_to_a_person(world: Marked) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from tests.integration.ivr.peers import menu_server\n"
        "async def main():\n"
        "    places = {'prompts': Path(sys.argv[2]), 'recordings': Path(sys.argv[3])}\n"
        "    async with menu_server(port=int(sys.argv[1]), **places):\n"
        "        print('ready', flush=True); await asyncio.Event().wait()\n"
        "asyncio.run(main())"
    )
    folder = world.asterisk.plan.directories.recordings
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(world.fastagi), str(world.prompts), str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        await child.stdout.readline()
        async with world.caller() as caller:
            caller.speaks(TONE)
            await caller.press("26")
            told = await world.step("main", "6", "voicemail")
            file = folder / "messages" / f"{told['Call']}-1.wav"
            await eventually("him to speak", lambda: file.exists() and file.stat().st_size > ENOUGH_BYTES)
            os.kill(child.pid, signal.SIGKILL)
            await caller.press("#")
            await world.ami.user_event("CwQueued", Queue="service", Lang="en")
            assert not caller.dialog.ended.is_set()
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
