"""Prompts recorded by phone on a real Asterisk: spoken, heard, kept by a key, and nothing kept by anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, Ring, SipPhone
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import UserId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from ivr.book import Printed
from ivr.fastagi.limits import Limits
from ivr.prompts.house import PromptHouse, Standing
from ivr.service import IvrServer
from ivr.takes.commands import EndTake, LookAtTake, RecordByPhone, Take, TakeState, TakeTold
from ivr.takes.studio import FOLDER, Studio
from routing.states import AgentState
from tests.integration.ami.floor import CAROL
from tests.integration.ami.stage import Stage, stage
from tests.integration.ivr.peers import some_prompts
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard
from tests.support.ports import free_udp_port
from tests.support.tones import make_tone, read_wav, seconds_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

VOICE, HOTLINE, MOBILE = 1700.0, "4008001", "13900139000"
GUIDANCE = (
    "take_begin", "take_choice", "take_silent", "take_too_long", "take_kept", "take_not_kept", "take_given_up",
    "trouble",
)  # fmt: skip
WISH = RecordByPhone(by=UserId(CAROL), prompt="welcome", language=Language.ZH, guidance=Language.EN)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    home: Path
    prompts: Path
    phone: SipPhone
    outside: PhoneProcess
    voice: Path

    @property
    def recordings(self) -> Path:
        return self.asterisk.plan.directories.recordings

    @property
    def account(self) -> Path:
        return self.asterisk.plan.directories.cdr / "calls.csv"


@dataclass(slots=True, kw_only=True)
class Play:
    world: World
    ours: Stage
    menus: IvrServer
    kept: list[Take] = field(default_factory=list)

    async def asks(self, wish: RecordByPhone = WISH) -> CommandResult:
        return await self.ours.bus.request(wish)

    async def take(self) -> Take:
        told = await self.ours.bus.request(LookAtTake(prompt=WISH.prompt, language=WISH.language))
        assert isinstance(told, TakeTold)
        assert told.take is not None
        return told.take

    async def comes_to(self, state: TakeState, *, limit_s: float = 40.0) -> Take:
        async def there() -> Take:
            take = await self.take()
            assert take.state is state, f"{take.state}, not {state}"
            return take

        found: Take = await eventually(f"the take to be {state}", there, limit_s=limit_s)
        return found

    async def speaks(self, phone: SipPhone) -> None:
        """Past the guidance by a key, and some of the voice is on disk."""
        await phone.wait_for(PhoneState.TALKING)
        await self.comes_to(TakeState.GUIDING)
        await phone.send_digits("5")
        await self.is_heard()

    async def is_heard(self) -> None:
        """A second of this recording is on disk. (A key while the tone sounds is not heard.)"""
        take = await self.comes_to(TakeState.RECORDING)
        file, since = self.world.recordings / FOLDER / f"{take.id}.wav", take.since.timestamp()

        def spoken() -> bool:
            return file.exists() and file.stat().st_size > 20_000 and file.stat().st_mtime > since + 1

        await eventually("a second of it on disk", spoken)

    async def carol(self) -> AgentState:
        return next(row.state for row in (await self.ours.floor()).agents if row.agent == CAROL)

    async def is_back(self) -> None:
        async def free() -> bool:
            return await self.carol() is AgentState.READY and await self.world.asterisk.is_idle()

        await eventually("her to be ready again, and no call to be left", free)

    async def standing(self) -> Standing:
        return (await PromptHouse(self.world.prompts).get(WISH.prompt)).sides[WISH.language].standing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home, port = tmp_path_factory.mktemp("studio"), free_udp_port()
    prompts = await some_prompts(home, *GUIDANCE)
    voice = make_tone(home / "voice.wav", VOICE, seconds=2, level=0.2)
    async with (
        private_asterisk(
            home, dids=(Did(number=HOTLINE, queue="service"),), outside=f"127.0.0.1:{port}", outside_ring_s=8
        ) as asterisk,
        PhoneProcess() as phones,
        PhoneProcess(port=port) as outside,
    ):
        phone = await phones.add("1003", server=asterisk.sip, number="1003", secret=SECRET, when_called=Answer())
        await phone.wait_registered()
        yield World(asterisk=asterisk, home=home, prompts=prompts, phone=phone, outside=outside, voice=voice)


@asynccontextmanager
async def playing(world: World, *, longest_s: int = 100, ends: bool = True) -> AsyncIterator[Play]:
    """One life of ours. `ends`: with what was begun in it."""
    plan = world.asterisk.plan
    kept: list[Take] = []
    for earlier in (world.prompts / "zh").glob("welcome*"):
        earlier.unlink()
    await world.phone.when_called(Answer())
    await world.phone.play(world.voice)

    async def keep(take: Take, sound: bytes) -> None:
        await PromptHouse(world.prompts).record(take.prompt, take.language, sound)
        kept.append(take)

    endpoint = AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)
    async with AsyncExitStack() as parts:
        ours = await parts.enter_async_context(stage(endpoint, recordings=world.recordings))
        studio = Studio(
            ours.bus, SystemClock(), prompts_dir=world.prompts, recordings_dir=world.recordings, keep=keep,
            longest_s=longest_s,
        )  # fmt: skip
        await parts.enter_async_context(studio)
        menus = IvrServer(
            host="127.0.0.1", port=plan.ports.fastagi, book=Printed({}), prompts_dir=world.prompts,
            recordings_dir=world.recordings, clock=SystemClock(), zone=SystemClock().now().tzinfo, limits=Limits(),
            studio=studio,
        )  # fmt: skip
        await parts.enter_async_context(menus)
        await ours.ready(CAROL)
        play = Play(world=world, ours=ours, menus=menus, kept=kept)
        yield play
        if not ends:
            return
        await play.is_back()
        assert not any(isinstance(told, e.CallEvent) for told in ours.told), "it is no call of the log"
        assert not world.account.exists(), "Asterisk's account knows of none either"
        assert not list((world.recordings / FOLDER).glob("*"))


async def test_she_speaks_hears_it_and_keeps_it_and_is_busy_meanwhile(world: World) -> None:
    async with playing(world) as play:
        assert (await play.asks()).ok
        await play.speaks(world.phone)
        assert await play.carol() is AgentState.TALKING
        assert world.phone.headers["X-CW-Prompt"] == "welcome"
        await world.phone.send_digits("#")
        await play.comes_to(TakeState.LISTENING)
        await wait_until_heard(world.phone, VOICE)
        await world.phone.send_digits("1")
        await play.comes_to(TakeState.KEPT)
        await world.phone.wait_for(PhoneState.ENDED)
        assert await play.standing() is Standing.RECORDED
        assert [take.by for take in play.kept] == [WISH.by]
        sound = read_wav(world.prompts / "zh" / "welcome.wav")
        assert sound.rate == 8000
        assert seconds_of(sound, VOICE) > 0.8 * len(sound.samples) / sound.rate


async def test_once_more_and_given_up_keeps_nothing(world: World) -> None:
    async with playing(world) as play:
        await play.asks(replace(WISH, guidance=Language.ZH))
        await play.speaks(world.phone)
        await world.phone.send_digits("#")
        await play.comes_to(TakeState.LISTENING)
        await world.phone.send_digits("2")
        await play.is_heard()
        await world.phone.send_digits("#")
        await play.comes_to(TakeState.LISTENING)
        await world.phone.send_digits("*")
        await play.comes_to(TakeState.GIVEN_UP)
        await world.phone.wait_for(PhoneState.ENDED)
        assert await play.standing() is not Standing.RECORDED


async def test_hung_up_in_the_middle_keeps_nothing(world: World) -> None:
    async with playing(world) as play:
        await play.asks()
        await play.speaks(world.phone)
        await world.phone.hang_up()
        await play.comes_to(TakeState.HUNG_UP)
        assert play.kept == []


async def test_silence_is_told_and_in_the_end_nothing_is_kept(world: World) -> None:
    async with playing(world) as play:
        await world.phone.play(make_tone(world.home / "silence.wav", VOICE, seconds=2, level=0.0))
        await play.asks()
        await world.phone.wait_for(PhoneState.TALKING)
        take = await play.comes_to(TakeState.RECORDING)
        file = world.recordings / FOLDER / f"{take.id}.wav"
        for number in range(3):
            await play.is_heard()
            await world.phone.send_digits("#")
            if number < 2:
                await eventually("the next recording to begin", lambda: file.stat().st_size < 8_000)
        await play.comes_to(TakeState.NOTHING_HEARD)
        await world.phone.wait_for(PhoneState.ENDED)


async def test_what_is_too_long_ends_by_itself_and_may_be_kept(world: World) -> None:
    async with playing(world, longest_s=2) as play:
        await play.asks()
        await play.speaks(world.phone)
        await play.comes_to(TakeState.LISTENING)
        await world.phone.send_digits("1")
        await play.comes_to(TakeState.KEPT)
        assert len(read_wav(world.prompts / "zh" / "welcome.wav").samples) < 2.3 * 8000
        await world.phone.wait_for(PhoneState.ENDED)


@pytest.mark.parametrize(("code", "state"), [(486, TakeState.BUSY), (603, TakeState.DECLINED)])
async def test_a_phone_that_says_no(world: World, code: int, state: TakeState) -> None:
    async with playing(world) as play:
        await world.phone.when_called(Reject(code=code))
        await play.asks()
        await play.comes_to(state)


async def test_hung_up_on_the_page_while_it_rings_and_a_second_wish_at_once(world: World) -> None:
    async with playing(world) as play:
        await world.phone.when_called(Ring())
        assert (await play.asks()).ok
        await world.phone.wait_for(PhoneState.RINGING)
        for second in (WISH, replace(WISH, language=Language.EN), replace(WISH, by=UserId("alice"))):
            assert (await play.asks(second)).code == "take.running"
        end = EndTake(prompt=WISH.prompt, language=WISH.language)
        assert (await play.ours.bus.request(replace(end, take="another"))).code == "take.none"
        assert (await play.ours.bus.request(end)).ok
        await world.phone.wait_for(PhoneState.ENDED)
        await play.comes_to(TakeState.GIVEN_UP)


async def test_our_server_dies_in_the_middle_and_she_is_told(world: World) -> None:
    async with playing(world) as play:
        await play.asks()
        await play.speaks(world.phone)
        await play.menus.__aexit__(None, None, None)
        await play.comes_to(TakeState.BROKEN_OFF)
        await world.phone.send_digits("#")  # Asterisk looks for us again when the recording is over
        await world.phone.wait_for(PhoneState.ENDED)
        assert play.kept == []


async def test_all_of_us_dies_in_the_middle_and_our_next_life_hangs_up(world: World) -> None:
    async with playing(world, ends=False) as play:
        await play.asks()
        await play.speaks(world.phone)
    async with playing(world) as play:
        await world.phone.wait_for(PhoneState.ENDED)
        assert (await play.asks()).ok
        await world.phone.wait_for(PhoneState.TALKING)
        await play.comes_to(TakeState.GUIDING)
        await world.phone.hang_up()


async def test_nobody_listens_for_her_phone(world: World) -> None:
    async with playing(world) as play:
        await play.menus.__aexit__(None, None, None)
        await play.asks()
        await world.phone.wait_for(PhoneState.ENDED)
        await play.comes_to(TakeState.BROKEN_OFF)


async def test_another_phone_outside_is_called_as_the_house(world: World) -> None:
    async with playing(world) as play:
        mobile = await world.outside.add("mobile", server=world.asterisk.sip, when_called=Answer())
        await mobile.play(world.voice)
        assert (await play.asks(replace(WISH, number="139 0013 9000"))).ok
        await play.speaks(mobile)
        assert await play.carol() is AgentState.READY
        await mobile.send_digits("#")
        await play.comes_to(TakeState.LISTENING)
        await mobile.send_digits("1")
        await play.comes_to(TakeState.KEPT)
        await mobile.wait_for(PhoneState.ENDED)
        assert await play.standing() is Standing.RECORDED
        await mobile.remove()


async def test_a_number_nobody_may_dial_is_refused(world: World) -> None:
    async with playing(world) as play:
        assert (await play.asks(replace(WISH, number="call me"))).code == "number.invalid"
        assert c.CallForPrompt.topic == "cti.call_for_prompt"
