"""A prompt recorded in the browser by a supervisor: the file callers hear is what the microphone heard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from agent_console.app import make_app
from agent_console.settings import ConsoleSettings
from crm_core.domain.users import Role
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Command, CommandResult
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import make_services
from crm_core.services.options import CoreOptions
from ivr.takes.commands import EndTake, LookAtTake, RecordByPhone, Take, TakeState, TakeTold
from tests.support.browser import chromium, log_in
from tests.support.sounds import sound_file
from tests.support.tones import make_tone, read_wav, seconds_of

pytestmark = pytest.mark.browser
PASSWORD = "correct horse"
MOUTH = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    page: Page
    sounds: Path
    phone: Phone


class Phone:
    """Telephony, as far as a recording by phone goes: it is as far as it is told."""

    def __init__(self) -> None:
        self.take: Take | None = None
        self.asked: list[Command] = []
        self.refuses = ""

    async def __call__(self, command: Command) -> CommandResult:
        self.asked.append(command)
        if self.refuses:
            return CommandResult(ok=False, code=self.refuses)
        if isinstance(command, RecordByPhone):
            self.take = Take(
                id="1", prompt=command.prompt, language=command.language, by=command.by, guidance=command.guidance,
                number=command.number, state=TakeState.RINGING, since=SystemClock().now(),
            )  # fmt: skip
        if isinstance(command, EndTake):
            self.comes_to(TakeState.GIVEN_UP)
        found = self.take
        if (
            isinstance(command, LookAtTake)
            and found
            and (found.prompt, found.language) != (command.prompt, command.language)
        ):
            found = None
        return TakeTold(ok=True, take=found)

    def comes_to(self, state: TakeState) -> None:
        assert self.take is not None
        self.take = replace(self.take, state=state)


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    clock, bus = SystemClock(), InProcessBus()
    services = make_services(sqlite_database, clock, options=CoreOptions(argon2_memory_kib=1024, argon2_rounds=1))
    await services.users.create(login="sam", password=PASSWORD, name="Sam", role=Role.SUPERVISOR)
    sounds = tmp_path / "sounds"
    settings = ConsoleSettings(secret_key="only for tests", recordings=tmp_path, sounds=sounds)
    async with AsyncExitStack() as parts:
        parts.push_async_callback(bus.close)
        server = await parts.enter_async_context(TestServer(make_app(services, bus, clock, settings)))
        browser = await parts.enter_async_context(chromium(make_tone(tmp_path / "mouth.wav", MOUTH, seconds=2.0)))
        desk = await parts.enter_async_context(browser.desk(str(server.make_url("/")).rstrip("/")))
        await log_in(desk, "sam", PASSWORD)
        await desk.page.goto("/prompts/welcome")
        phone = Phone()
        await parts.enter_async_context(bus.serve(phone, RecordByPhone, LookAtTake, EndTake))
        yield House(page=desk.page, sounds=sounds, phone=phone)


async def test_what_is_said_into_the_microphone_is_heard_by_callers(house: House) -> None:
    english = house.page.get_by_role("region", name="English")
    await english.get_by_role("button", name="Record", exact=True).click()
    level = english.get_by_role("meter")
    await expect(level).not_to_have_js_property("value", 0)
    await expect(english.get_by_role("timer")).to_have_text(re.compile(r"0:(0[2-9]|[1-5]\d)"))
    await english.get_by_role("button", name="Stop").click()
    await expect(english.get_by_label("What you have just made")).to_be_visible()
    await english.get_by_role("button", name="Let callers hear this").click()
    await expect(house.page.get_by_text("The recording is what the next caller hears.")).to_be_visible()
    await expect(english.get_by_text("recorded", exact=True)).to_be_visible()
    heard = read_wav(house.sounds / "en" / "welcome.wav")
    assert heard.rate == 8000
    assert seconds_of(heard, MOUTH) > 1


async def test_a_file_that_is_no_sound_is_told_and_another_one_is_taken(house: House, tmp_path: Path) -> None:
    chinese = house.page.get_by_role("region", name="Chinese")
    letter, song = tmp_path / "letter.mp3", tmp_path / "song.m4a"
    letter.write_bytes(b"Dear sir or madam")
    song.write_bytes(sound_file("mp4", "aac", rate=44_100, seconds=2))
    await chinese.locator("input[type=file]").set_input_files(letter)
    await chinese.get_by_role("button", name="Let callers hear this").click()
    await expect(chinese.get_by_role("alert")).to_contain_text("This file cannot be read as sound.")
    assert not (house.sounds / "zh").exists()
    await chinese.get_by_role("button", name="Not this one").click()
    await chinese.locator("input[type=file]").set_input_files(song)
    await chinese.get_by_role("button", name="Let callers hear this").click()
    await expect(house.page.get_by_text("The recording is what the next caller hears.")).to_be_visible()
    assert seconds_of(read_wav(house.sounds / "zh" / "welcome.wav"), 440) > 1


async def test_a_menu_is_made_from_nothing_and_says_a_prompt_made_for_it(house: House) -> None:
    page = house.page
    await page.goto("/menus")
    await page.get_by_label("A new menu").fill("spring")
    await page.get_by_role("button", name="Make it").click()
    await page.locator(".flow-node[data-node=welcome]").focus()
    await page.get_by_role("button", name="Add a prompt").click()
    await expect(page.get_by_label("Prompts, row 3", exact=True)).to_be_focused()
    await page.get_by_role("button", name="A new prompt …").click()
    new = page.get_by_role("form", name="A new prompt")
    await expect(new.get_by_label("Its name")).to_be_focused()
    await page.keyboard.type("Spring Festival")
    await new.get_by_label("Chinese").fill("春节期间照常服务。")
    await new.get_by_label("English").fill("We are there during the Spring Festival.")
    await new.get_by_role("button", name="Make it").click()
    await expect(page.get_by_label("Prompts, row 3", exact=True)).to_have_value("spring_festival")
    await expect(page.locator("#field-prompts-3 option:checked")).to_contain_text("We are there during the Spring")
    await expect(page.get_by_role("status")).to_contain_text("Saved.")


async def test_recorded_by_phone_the_page_tells_how_far_it_is_and_then_has_the_recording(house: House) -> None:
    page, english = house.page, house.page.get_by_role("region", name="English")
    await english.get_by_role("button", name="Record by phone").click()
    now = english.get_by_role("status")
    await expect(now).to_contain_text("The phone rings. Pick up.")
    [asked] = [one for one in house.phone.asked if isinstance(one, RecordByPhone)]
    assert (asked.prompt, asked.language, asked.guidance, asked.number) == ("welcome", Language.EN, Language.EN, "")
    for state, said in (
        (TakeState.GUIDING, "On the phone: how it is done."),
        (TakeState.RECORDING, "Read the words after the tone, and press # to finish."),
        (TakeState.LISTENING, "Press 1 to keep it, 2 to record again, * to give up."),
    ):
        house.phone.comes_to(state)
        await expect(now).to_contain_text(said)
    await page.reload()
    await expect(now).to_contain_text("Press 1 to keep it")
    house.phone.comes_to(TakeState.KEPT)
    await expect(page.get_by_text("The recording is what the next caller hears.")).to_be_visible()
    assert "recorded=en" in page.url


async def test_at_another_phone_hung_up_on_the_page_and_refused(house: House) -> None:
    page, english = house.page, house.page.get_by_role("region", name="English")
    await english.get_by_text("At another phone").click()
    await english.get_by_label("Its number").fill("138 0013 8000")
    await page.keyboard.press("Enter")
    now = english.get_by_role("status")
    await expect(now).to_contain_text("138 0013 8000")
    await now.get_by_role("button", name="Hang up").click()
    await expect(page.get_by_text("Given up. Nothing was kept.").first).to_be_visible()
    house.phone.refuses = "number.forbidden"
    await english.get_by_role("button", name="Record by phone").click()
    await expect(page.get_by_text("Calls to this number are not allowed.")).to_be_visible()
