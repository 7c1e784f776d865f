"""Callbacks in the line on a real Asterisk: a key while he waits, the menu that takes his number, his turn, and what
becomes of it; also when we die between promise and call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.callback_keeper import CallbackKeeper
from callwright.callbacks_in_line import asking_telephony
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, Ring, SipPhone, WhenCalled
from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.callbacks import Callback
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from cti import events as e
from cti.dialling import DialRules
from cti.telephony import AmiEndpoint
from ivr.prompts import prompts_folder
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, BOB, EXTENSIONS, small_floor
from tests.integration.ami.stage import Stage, known, stage
from tests.integration.ivr.peers import menu_server
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import wait_until_heard
from tests.support.ports import free_udp_port
from tests.support.product import lend_prompts
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

HOTLINE, CUSTOMER = "4008001", "13900139000"
TONES = {"1001": 700, "1002": 440, "customer": 1200}
COMFORT = 950
SPOKEN_S = 60.0
"""Longer than any of the menu's sentences."""
KEYS = {"callback_tries": 2, "callback_retry_s": 1, "callback_key": "1"}


@dataclass(slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    folder: Path
    phones: PhoneProcess
    far: PhoneProcess
    services: Services
    ours: Stage

    async def waits(self) -> SipPhone:
        """Somebody from outside has dialled, and waits."""
        caller = await self.far.add("caller", server=self.asterisk.sip)
        await caller.dial(HOTLINE, number=CUSTOMER)
        await self.ours.hears(e.CallQueued)
        return caller

    async def wants_to_be_called(self, caller: SipPhone) -> e.CallbackPromised:
        """At his own number; when it is promised he hangs up."""
        await caller.send_digits("1")
        await self.ours.hears(e.CallOverflowed)
        await caller.send_digits("1")
        promised = await self.ours.hears(e.CallbackPromised, limit_s=SPOKEN_S)
        await caller.hang_up()
        assert (await self.ours.hears(e.CallEnded)).outcome is e.Outcome.CALLBACK
        return promised

    async def phone_of(self, agent: AgentId, reaction: WhenCalled) -> SipPhone:
        extension = EXTENSIONS[agent]
        phone = await self.phones.add(
            extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=reaction
        )
        await phone.play(make_tone(self.folder / f"{extension}.wav", TONES[extension], seconds=2))
        await phone.wait_registered()
        return phone

    async def customer(self, reaction: WhenCalled) -> SipPhone:
        """His phone, to be called."""
        phone = await self.far.add("customer", server=self.asterisk.sip, number=CUSTOMER, when_called=reaction)
        await phone.play(make_tone(self.folder / "customer.wav", TONES["customer"], seconds=2))
        return phone

    async def becomes(self, agent: AgentId, state: AgentState) -> None:
        async def so() -> bool:
            found = next(one for one in (await self.ours.floor()).agents if one.agent == agent)
            assert found.state is state, found
            return True

        await eventually(f"{agent} to be {state}", so)

    async def due(self) -> Callback:
        """The callback that the CRM has of him."""

        async def found() -> Callback | None:
            return next(iter(await self.services.callbacks.search()), None)

        callback: Callback = await eventually("a callback of the CRM", found)
        return callback


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[PrivateAsterisk, int, Path]]:
    home, port = tmp_path_factory.mktemp("callbacks"), free_udp_port()
    await lend_prompts(home)
    async with private_asterisk(
        home,
        dids=(Did(number=HOTLINE, queue="service", language="en"),),
        outside=f"127.0.0.1:{port}",
        outside_ring_s=30,
    ) as running:
        yield running, port, prompts_folder(home)


def floor(**terms: object) -> FloorPlan:
    plan = small_floor(ring_s=6)
    return replace(plan, queues=(replace(plan.queues[0], **{**KEYS, **terms}),))  # type: ignore[arg-type]


@asynccontextmanager
async def serving(
    running: PrivateAsterisk,
    prompts: Path,
    services: Services,
    drawn: FloorPlan,
    told: Sequence[Event] = (),
    *,
    menus: bool = True,
) -> AsyncIterator[Stage]:
    """One life of ours. `told`: in the one before."""
    plan, clock = running.plan, SystemClock()
    endpoint = AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)
    async with AsyncExitStack() as parts:
        recordings = plan.directories.recordings
        ours = await parts.enter_async_context(
            stage(endpoint, recordings=recordings, floor=drawn, recall=known(tuple(told)))
        )
        await parts.enter_async_context(CallbackKeeper(ours.bus, services, clock, UTC))
        desk = MenuDesk(services, clock, UTC, Elsewhere(()), DialRules(), in_line=asking_telephony(ours.bus, clock))
        if menus:
            port = int(plan.ports.fastagi_address.rpartition(":")[2])
            server = await parts.enter_async_context(menu_server(port=port, prompts=prompts, desk=desk))
            parts.push_async_callback(
                eventually, "every caller to have left the menu", lambda: server.stats().sessions_now == 0
            )
        yield ours


@asynccontextmanager
async def a_world(
    given: tuple[PrivateAsterisk, int, Path], url: str, folder: Path, drawn: FloorPlan, *, menus: bool = True
) -> AsyncIterator[World]:
    running, port, prompts = given
    database = Database(url)
    services = make_services(database, SystemClock())
    async with AsyncExitStack() as calls:
        calls.push_async_callback(database.close)
        phones = await calls.enter_async_context(PhoneProcess(life_s=300))
        far = await calls.enter_async_context(PhoneProcess(life_s=300, port=port))
        ours = await calls.enter_async_context(serving(running, prompts, services, drawn, menus=menus))
        try:
            yield World(asterisk=running, folder=folder, phones=phones, far=far, services=services, ours=ours)
        finally:
            await running.cli("channel request hangup all")
            await eventually("no calls", running.is_idle)


async def test_who_pressed_the_key_is_called_in_his_turn_and_talks(
    asterisk: tuple[PrivateAsterisk, int, Path], sqlite_url: str, tmp_path: Path
) -> None:
    """While he is just being told of it. The first agent does not pick up; the next one does."""
    make_tone(asterisk[0].plan.directories.sounds / "en" / "comfort.wav", COMFORT, seconds=30)
    async with a_world(
        asterisk, sqlite_url, tmp_path, floor(comfort="comfort", announce_first_s=1, announce_every_s=60)
    ) as world:
        caller = await world.waits()
        await wait_until_heard(caller, COMFORT)
        promised = await world.wants_to_be_called(caller)
        customer = await world.customer(Answer())
        [row] = (await world.ours.floor()).waiting
        assert (row.call, row.callback, row.since) == (promised.call, True, promised.since)

        alice, bob = await world.phone_of(ALICE, Ring()), await world.phone_of(BOB, Answer())
        await world.ours.ready(ALICE)
        await alice.wait_for(PhoneState.RINGING)
        began = await world.ours.hears(e.CallbackBegan)
        assert alice.headers == {"X-CW-Call": began.call, "X-CW-Callback": CUSTOMER}
        await world.ours.ready(BOB)
        failed = await world.ours.hears(e.OfferFailed)
        assert (failed.agent, failed.why) == (ALICE, e.OfferFailure.NO_ANSWER)
        await wait_until_heard(bob, TONES["customer"])
        await wait_until_heard(customer, TONES["1002"])
        done = await world.ours.hears(e.CallbackDone)
        assert (done.call, done.agent) == (promised.call, BOB)
        await world.becomes(ALICE, AgentState.PAUSED)
        await customer.hang_up()
        await world.becomes(BOB, AgentState.WRAP_UP)
        assert (await world.ours.floor()).waiting == ()
        assert not world.ours.all(e.Anomaly)


async def test_who_is_busy_each_time_becomes_a_callback_of_the_crm(
    asterisk: tuple[PrivateAsterisk, int, Path], sqlite_url: str, tmp_path: Path
) -> None:
    async with a_world(asterisk, sqlite_url, tmp_path, floor()) as world:
        promised = await world.wants_to_be_called(await world.waits())
        await world.customer(Reject(code=486))
        await world.phone_of(ALICE, Answer())
        await world.ours.ready(ALICE)
        tried = [await world.ours.hears(e.CallbackTried, count=number) for number in (1, 2)]
        assert [(one.call, one.outcome, one.tries) for one in tried] == [
            (promised.call, e.Outcome.BUSY, 1), (promised.call, e.Outcome.BUSY, 2),
        ]  # fmt: skip
        callback = await world.due()
        assert (callback.number.key, callback.call) == ("+8613900139000", promised.call)
        assert "called 2 times in vain" in callback.why
        await world.becomes(ALICE, AgentState.READY)
        assert (await world.ours.floor()).waiting == ()


@asynccontextmanager
async def beside_us(sqlite_url: str, port: int) -> AsyncIterator[tuple[Services, PhoneProcess, PhoneProcess]]:
    """What outlives us: the database, the agents' phones, and the customers' far away."""
    database = Database(sqlite_url)
    async with AsyncExitStack() as parts:
        parts.push_async_callback(database.close)
        phones = await parts.enter_async_context(PhoneProcess(life_s=300))
        far = await parts.enter_async_context(PhoneProcess(life_s=300, port=port))
        yield make_services(database, SystemClock()), phones, far


async def test_a_promise_outlives_us(
    asterisk: tuple[PrivateAsterisk, int, Path], sqlite_url: str, tmp_path: Path
) -> None:
    running, port, prompts = asterisk
    async with beside_us(sqlite_url, port) as (services, phones, far):
        async with serving(running, prompts, services, floor()) as ours:
            world = World(asterisk=running, folder=tmp_path, phones=phones, far=far, services=services, ours=ours)
            promised = await world.wants_to_be_called(await world.waits())
        async with serving(running, prompts, services, floor(), ours.told) as world.ours:
            customer = await world.customer(Answer())
            await world.phone_of(ALICE, Answer())
            await world.ours.ready(ALICE)
            await wait_until_heard(customer, TONES["1001"])
            done = await world.ours.hears(e.CallbackDone)
            assert (done.call, done.agent) == (promised.call, ALICE)
            await customer.hang_up()
            await world.becomes(ALICE, AgentState.WRAP_UP)


async def test_we_die_twice_on_the_way_and_he_is_dialled_once(
    asterisk: tuple[PrivateAsterisk, int, Path], sqlite_url: str, tmp_path: Path
) -> None:
    """His agent picks up while nobody is there, and waits for us; he himself answers while nobody is there, and whoever
    comes then does not know of it: a person is told."""
    running, port, prompts = asterisk
    patient = floor(ring_s=30)  # her phone still rings when we are gone
    async with beside_us(sqlite_url, port) as (services, phones, far):
        async with serving(running, prompts, services, patient) as ours:
            world = World(asterisk=running, folder=tmp_path, phones=phones, far=far, services=services, ours=ours)
            promised = await world.wants_to_be_called(await world.waits())
            customer = await world.customer(Ring())
            alice = await world.phone_of(ALICE, Ring())
            await ours.ready(ALICE)
            await alice.wait_for(PhoneState.RINGING)
            began = await ours.hears(e.CallbackBegan)
        await alice.answer()
        await alice.wait_for(PhoneState.TALKING)
        assert customer.state is PhoneState.IDLE, "nobody has written down that she picked up"

        told = list(ours.told)
        async with serving(running, prompts, services, patient, told) as world.ours:
            accepted = await world.ours.hears(e.CallbackAccepted)
            assert (accepted.call, accepted.agent) == (began.call, ALICE)
            await customer.wait_for(PhoneState.RINGING)
            told += world.ours.told
        await customer.answer()
        await wait_until_heard(customer, TONES["1001"])
        await customer.hang_up()
        await eventually("no calls", running.is_idle)

        async with serving(running, prompts, services, patient, told) as world.ours:
            given_up = await world.ours.hears(e.CallbackGivenUp)
            assert (given_up.call, given_up.unsure) == (promised.call, began.call)
            await world.becomes(ALICE, AgentState.READY)
            assert (await world.ours.floor()).waiting == ()
            assert world.ours.all(e.CallbackBegan) == []


async def test_with_the_menus_away_he_is_back_at_his_place(
    asterisk: tuple[PrivateAsterisk, int, Path], sqlite_url: str, tmp_path: Path
) -> None:
    async with a_world(asterisk, sqlite_url, tmp_path, floor(), menus=False) as world:
        caller = await world.waits()
        [before] = (await world.ours.floor()).waiting
        await caller.send_digits("1")
        await world.ours.hears(e.CallQueued, count=2)
        [row] = (await world.ours.floor()).waiting
        assert (row.call, row.since, row.requires) == (before.call, before.since, before.requires)
        await world.phone_of(ALICE, Answer())
        await world.ours.ready(ALICE)
        await world.ours.hears(e.CallConnected)
        await caller.hang_up()
        await world.ours.hears(e.CallEnded)
