"""Call control on a real Asterisk: customers handed on, colleagues consulted, numbers outside called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, Ring, SipPhone, WhenCalled
from crm_core.domain.floor import FloorPlan, Queue
from crm_core.kernel.ids import AgentId, CallId, QueueKey, SkillKey
from crm_core.kernel.messages import Command
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, BOB, CAROL, EXTENSIONS, small_floor
from tests.integration.ami.stage import Stage, known, stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.cuttable import CuttableLine
from tests.support.phones import wait_until_heard, wait_until_not_heard
from tests.support.ports import free_udp_port
from tests.support.recorded import recorded_on, whole_recording
from tests.support.tones import described, make_tone, seconds_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

HOTLINE, OUTSIDE = "4008001", "13900139000"
TONES = {"1001": 700, "1002": 440, "1003": 950, "customer": 1200, OUTSIDE: 1200}
Voices = dict[str, Path]


@dataclass(slots=True, kw_only=True)
class World:
    """A floor with its phones, and a customer."""

    asterisk: PrivateAsterisk
    voices: Voices
    phones: PhoneProcess
    far: PhoneProcess
    ours: Stage

    async def phone(self, agent: AgentId, reaction: WhenCalled | None = None, *, ready: bool = False) -> SipPhone:
        extension = EXTENSIONS[agent]
        phone = await self.phones.add(
            extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=reaction or Ring()
        )
        await phone.play(self.voices[extension])
        await phone.wait_registered()
        await self.ours.ready(agent)
        if not ready:
            assert (await self.ours.order(c.SetPaused(agent=agent, reason="break"))).ok
        return phone

    async def caller(self) -> SipPhone:
        caller = await self.far.add("customer", server=self.asterisk.sip)
        await caller.play(self.voices["customer"])
        await caller.dial(HOTLINE, number="13800138000")
        return caller

    async def outside(self, reaction: WhenCalled, *, tone: str = OUTSIDE) -> SipPhone:
        """Somebody out there whom the house can call."""
        phone = await self.far.add("outside", server=self.asterisk.sip, number=OUTSIDE, when_called=reaction)
        await phone.play(self.voices[tone])
        return phone

    async def talks(self) -> tuple[SipPhone, SipPhone, CallId]:
        """The customer, alice, and their call."""
        alice = await self.phone(ALICE, Answer(), ready=True)
        customer = await self.caller()
        connected = await self.ours.hears(e.CallConnected)
        await self.ours.hears(e.RecordingStarted)
        await wait_until_heard(customer, TONES["1001"])
        return customer, alice, connected.call

    def recording(self, call: CallId) -> Path:
        return self.asterisk.plan.directories.recordings / f"{call}.wav"

    async def is_done(self, command: Command) -> None:
        result = await self.ours.order(command)
        assert result.ok, result

    async def state(self, agent: AgentId) -> AgentState:
        return next(row.state for row in (await self.ours.floor()).agents if row.agent == agent)

    async def becomes(self, agent: AgentId, state: AgentState) -> None:
        async def so() -> bool:
            assert await self.state(agent) is state, await self.state(agent)
            return True

        await eventually(f"{agent} to be {state}", so)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[PrivateAsterisk, int]]:
    port = free_udp_port()
    async with private_asterisk(
        tmp_path_factory.mktemp("pbx"),
        dids=(Did(number=HOTLINE, queue="service"),),
        outside=f"127.0.0.1:{port}",
        forbidden_numbers=("168",),
        ring_s=8,
        outside_ring_s=8,
    ) as running:
        yield running, port


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Voices:
    folder = tmp_path_factory.mktemp("tones")
    return {name: make_tone(folder / f"{name}.wav", tone, seconds=2) for name, tone in TONES.items()}


def endpoint_of(asterisk: tuple[PrivateAsterisk, int]) -> AmiEndpoint:
    plan = asterisk[0].plan
    return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)


def recordings_of(asterisk: tuple[PrivateAsterisk, int]) -> Path:
    return asterisk[0].plan.directories.recordings


@asynccontextmanager
async def a_world(
    asterisk: tuple[PrivateAsterisk, int],
    voices: Voices,
    calls: AsyncExitStack,
    *,
    port: int = 0,
    floor: FloorPlan | None = None,
) -> AsyncIterator[World]:
    """Its phones and calls outlive it, as long as `calls`. `port`: where its line to Asterisk goes, if elsewhere."""
    running, outside = asterisk
    phones = await calls.enter_async_context(PhoneProcess(life_s=600))
    far = await calls.enter_async_context(PhoneProcess(life_s=600, port=outside))
    calls.push_async_callback(eventually, "no calls", running.is_idle)
    calls.push_async_callback(running.cli, "channel request hangup all")
    endpoint = endpoint_of(asterisk)
    to = replace(endpoint, port=port or endpoint.port)
    async with stage(to, recordings=recordings_of(asterisk), floor=floor) as ours:
        yield World(asterisk=running, voices=voices, phones=phones, far=far, ours=ours)


@pytest_asyncio.fixture(loop_scope="module")
async def world(asterisk: tuple[PrivateAsterisk, int], voices: Voices) -> AsyncIterator[World]:
    async with AsyncExitStack() as calls, a_world(asterisk, voices, calls) as world:
        yield world
        await world.asterisk.cli("channel request hangup all")
        await eventually("no calls", world.asterisk.is_idle)


def to_agent(agent: AgentId) -> c.Target:
    return c.Target(kind=c.TargetKind.AGENT, value=agent)


async def talked_in(world: World, call: CallId, *tones: float) -> None:
    """One recording of the whole call, in which each of them is heard."""
    sound = await whole_recording(world.recording(call))
    for tone in tones:
        assert seconds_of(sound, tone, at_least=0.25) > 0.3, described(sound, tone)


def transfers(world: World) -> list[tuple[str, str, str, str]]:
    return [(told.kind, told.by, told.to, told.outcome) for told in world.ours.all(e.CallTransferred)]


# --- blind


async def test_a_customer_is_handed_to_a_colleague_with_his_recording(world: World) -> None:
    customer, alice, call = await world.talks()
    await recorded_on(world.recording(call))
    bob = await world.phone(BOB)
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    assert await world.state(BOB) is AgentState.TALKING
    await bob.wait_for(PhoneState.RINGING)
    assert bob.headers == {"X-CW-Call": call}
    await alice.wait_for(PhoneState.ENDED)
    await bob.answer()
    await wait_until_heard(customer, TONES["1002"])
    await wait_until_heard(bob, TONES["customer"])
    assert (await world.ours.hears(e.CallConnected, count=2)).agent == BOB
    await recorded_on(world.recording(call))
    await customer.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents, ended.outcome) == (call, (ALICE, BOB), e.Outcome.ANSWERED)
    assert transfers(world) == [("blind", "1001", "1002", "completed")]
    await world.becomes(BOB, AgentState.WRAP_UP)
    await talked_in(world, call, TONES["1001"], TONES["1002"], TONES["customer"])


@pytest.mark.parametrize("reaction", [Ring(), Reject()])
async def test_who_is_not_taken_is_back_with_the_agent_who_handed_him_on(world: World, reaction: WhenCalled) -> None:
    customer, _, call = await world.talks()
    await world.phone(BOB, reaction)
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    again = await world.ours.hears(e.CallConnected, count=2)
    assert (again.call, again.agent) == (call, ALICE)
    await wait_until_heard(customer, TONES["1001"])
    outcome = "no_answer" if isinstance(reaction, Ring) else "busy"
    assert transfers(world) == [("blind", "1001", "1002", outcome)]
    await world.becomes(BOB, AgentState.PAUSED)
    await world.becomes(ALICE, AgentState.TALKING)


async def test_whom_nobody_takes_is_in_his_line_at_his_old_place(world: World) -> None:
    customer, alice, call = await world.talks()
    await world.phone(BOB, Reject())
    await alice.when_called(Reject())
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    back = await world.ours.hears(e.CallQueued, count=2)
    first = world.ours.all(e.CallQueued)[0]
    assert (back.call, back.queue, back.since) == (call, first.queue, first.since)
    await alice.when_called(Answer())
    await world.is_done(c.FinishWrapUp(agent=ALICE, call=call))
    await wait_until_heard(customer, TONES["1001"])


async def test_a_customer_sent_to_a_queue_is_offered_to_its_next_agent(world: World) -> None:
    customer, _, call = await world.talks()
    await world.phone(BOB, Answer(), ready=True)
    to = c.Target(kind=c.TargetKind.QUEUE, value="service")
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to))
    queued = await world.ours.hears(e.CallQueued, count=2)
    assert (queued.call, queued.queue) == (call, "service")
    assert queued.since is not None
    assert queued.since > (world.ours.all(e.CallQueued)[0].since or queued.since)
    await wait_until_heard(customer, TONES["1002"])
    assert (await world.ours.hears(e.CallConnected, count=2)).agent == BOB


async def test_a_customer_is_handed_to_a_number_outside_which_sees_the_number_of_the_house(world: World) -> None:
    customer, alice, call = await world.talks()
    outside = await world.outside(Answer(), tone="1003")
    to = c.Target(kind=c.TargetKind.NUMBER, value="139 0013 9000")
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to))
    await wait_until_heard(customer, TONES["1003"])
    await alice.wait_for(PhoneState.ENDED)
    assert HOTLINE in outside.caller
    told = await world.ours.hears(e.CallTransferred)
    assert (told.to, told.outcome) == (OUTSIDE, e.TransferOutcome.COMPLETED)
    await outside.hang_up()
    assert (await world.ours.hears(e.CallEnded)).call == call


async def test_a_customer_who_hangs_up_while_he_is_handed_on_leaves_nobody_busy(world: World) -> None:
    customer, _, call = await world.talks()
    bob = await world.phone(BOB)
    await world.is_done(c.Transfer(agent=ALICE, call=call, to=to_agent(BOB)))
    await bob.wait_for(PhoneState.RINGING)
    await customer.hang_up()
    await bob.wait_for(PhoneState.ENDED)
    await world.ours.hears(e.CallEnded)
    await world.becomes(BOB, AgentState.PAUSED)
    assert transfers(world) == [("blind", "1001", "1002", "cancelled")]


# --- consultations


async def consults(world: World, reaction: WhenCalled | None = None) -> tuple[SipPhone, SipPhone, SipPhone, CallId]:
    """The customer hears music while alice talks with bob."""
    customer, alice, call = await world.talks()
    await recorded_on(world.recording(call))
    bob = await world.phone(BOB, reaction or Answer())
    await world.is_done(c.Consult(agent=ALICE, call=call, to=to_agent(BOB)))
    if reaction is None:
        await wait_until_heard(bob, TONES["1001"])
        await wait_until_heard(alice, TONES["1002"])
        await wait_until_not_heard(customer, TONES["1001"])
        assert bob.headers == {"X-CW-Call": call}
    return customer, alice, bob, call


async def test_a_consultation_is_completed(world: World) -> None:
    customer, alice, bob, call = await consults(world)
    assert (await world.ours.order(c.Consult(agent=ALICE, call=call, to=to_agent(CAROL)))).code == "consult.running"
    await world.is_done(c.CompleteTransfer(agent=ALICE, call=call))
    await alice.wait_for(PhoneState.ENDED)
    await wait_until_heard(customer, TONES["1002"])
    await wait_until_heard(bob, TONES["customer"])
    await recorded_on(world.recording(call))
    await bob.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert ended.agents == (ALICE, BOB)
    assert ended.consult_s > 0
    assert transfers(world) == [("attended", "1001", "1002", "completed")]
    await talked_in(world, call, TONES["1001"], TONES["1002"])


async def test_a_consultation_is_taken_back_and_another_one_begun(world: World) -> None:
    customer, alice, bob, call = await consults(world)
    await world.is_done(c.CancelTransfer(agent=ALICE, call=call))
    await bob.wait_for(PhoneState.ENDED)
    await wait_until_heard(customer, TONES["1001"])
    await world.becomes(BOB, AgentState.PAUSED)
    assert transfers(world) == [("attended", "1001", "1002", "cancelled")]

    async def takes_part_again() -> bool:
        return [row.phase for row in (await world.ours.floor()).calls] == ["talking"]

    await eventually("alice to be with the customer alone", takes_part_again)
    assert (await world.ours.order(c.CancelTransfer(agent=ALICE, call=call))).code == "consult.none"
    await world.is_done(c.Consult(agent=ALICE, call=call, to=to_agent(BOB)))
    await wait_until_heard(bob, TONES["1001"])
    await alice.hang_up()  # completes it as well
    await wait_until_heard(customer, TONES["1002"])


async def test_a_colleague_who_does_not_answer_is_not_waited_for(world: World) -> None:
    customer, _, bob, call = await consults(world, Ring())
    await bob.wait_for(PhoneState.RINGING)
    assert (await world.ours.order(c.CompleteTransfer(agent=ALICE, call=call))).code == "consult.not_answered"
    await bob.reject()
    await wait_until_heard(customer, TONES["1001"])
    await world.becomes(BOB, AgentState.PAUSED)
    assert transfers(world) == [("attended", "1001", "1002", "busy")]


async def test_who_is_left_alone_in_a_consultation_is_in_his_line(world: World) -> None:
    """alice hangs up while bob's phone rings, bob says no, and alice is not to be had either."""
    customer, alice, bob, call = await consults(world, Ring())
    await bob.wait_for(PhoneState.RINGING)
    await alice.when_called(Reject())
    await alice.hang_up()
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await bob.reject()
    back = await world.ours.hears(e.CallQueued, count=2)
    assert (back.call, back.since) == (call, world.ours.all(e.CallQueued)[0].since)
    assert transfers(world) == [("blond", "1001", "1002", "busy")]
    await world.becomes(BOB, AgentState.PAUSED)
    await bob.when_called(Answer())
    assert (await world.ours.order(c.SetReady(agent=BOB))).ok
    await wait_until_heard(customer, TONES["1002"])
    await bob.hang_up()
    await customer.wait_for(PhoneState.ENDED)
    assert (await world.ours.hears(e.CallEnded)).hung_up_by is e.HungUpBy.AGENT


async def test_who_leaves_while_the_colleague_rings_has_handed_the_customer_on(world: World) -> None:
    customer, alice, bob, call = await consults(world, Ring())
    await bob.wait_for(PhoneState.RINGING)
    await alice.hang_up()
    await world.becomes(ALICE, AgentState.WRAP_UP)
    assert bob.state is PhoneState.RINGING
    assert bob.headers == {"X-CW-Call": call}
    await bob.answer()
    await wait_until_heard(customer, TONES["1002"])
    await wait_until_heard(bob, TONES["customer"])
    connected = await world.ours.hears(e.CallConnected, count=2)
    assert (connected.call, connected.agent) == (call, BOB)
    await recorded_on(world.recording(call))
    await bob.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents, ended.outcome) == (call, (ALICE, BOB), e.Outcome.ANSWERED)
    assert transfers(world) == [("blond", "1001", "1002", "completed")]
    assert len(world.ours.all(e.CallArrived)) == 1
    await world.becomes(BOB, AgentState.WRAP_UP)
    await talked_in(world, call, TONES["1001"], TONES["1002"], TONES["customer"])


async def test_three_talk_and_two_go_on(world: World) -> None:
    customer, alice, bob, call = await consults(world)
    await world.is_done(c.Conference(agent=ALICE, call=call))
    await alice.play(None)
    await wait_until_heard(bob, TONES["customer"])
    refused = await world.ours.order(c.Transfer(agent=ALICE, call=call, to=to_agent(CAROL)))
    assert refused.code == "call.in_conference"
    await wait_until_heard(customer, TONES["1002"])
    await world.is_done(c.HangUp(agent=ALICE, call=call))
    await alice.wait_for(PhoneState.ENDED)
    await wait_until_heard(customer, TONES["1002"])
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await world.becomes(BOB, AgentState.TALKING)
    await bob.hang_up()
    assert (await world.ours.hears(e.CallEnded)).agents == (ALICE, BOB)
    assert transfers(world) == [("attended", "1001", "1002", "completed")]


async def test_a_number_outside_is_consulted(world: World) -> None:
    customer, alice, call = await world.talks()
    outside = await world.outside(Answer(), tone="1003")
    to = c.Target(kind=c.TargetKind.NUMBER, value=OUTSIDE)
    await world.is_done(c.Consult(agent=ALICE, call=call, to=to))
    await wait_until_heard(alice, TONES["1003"])
    assert HOTLINE in outside.caller
    await world.is_done(c.CompleteTransfer(agent=ALICE, call=call))
    await wait_until_heard(customer, TONES["1003"])
    told = await world.ours.hears(e.CallTransferred)
    assert (told.to, told.outcome) == (OUTSIDE, e.TransferOutcome.COMPLETED)


def floor_with_repairs() -> FloorPlan:
    """All three serve the repairs as well; what they ask for bob can, and carol cannot."""
    floor, repair = small_floor(), SkillKey("repair")
    agents = tuple(
        replace(
            one, queues=(*one.queues, QueueKey("repair")), skills={**one.skills, repair: 1 if one.id == CAROL else 4}
        )
        for one in floor.agents
    )
    repairs = Queue(key=QueueKey("repair"), names={"zh": "维修", "en": "Repairs"}, skills={repair: 3})
    return replace(floor, agents=agents, queues=(*floor.queues, repairs))


async def test_of_a_queue_is_asked_who_can_help_and_has_been_idle_longest(
    asterisk: tuple[PrivateAsterisk, int], voices: Voices
) -> None:
    async with (
        AsyncExitStack() as calls,
        a_world(asterisk, voices, calls, floor=floor_with_repairs()) as world,
    ):
        customer, alice, call = await world.talks()
        service, repair = (c.Target(kind=c.TargetKind.QUEUE, value=queue) for queue in ("service", "repair"))
        assert (await world.ours.order(c.Consult(agent=ALICE, call=call, to=service))).code == "target.busy"
        await world.phone(CAROL, Answer(), ready=True)
        assert (await world.ours.order(c.Consult(agent=ALICE, call=call, to=repair))).code == "target.busy"
        bob = await world.phone(BOB, Answer(), ready=True)
        await world.is_done(c.Consult(agent=ALICE, call=call, to=service))
        await wait_until_heard(alice, TONES["1003"])
        assert await world.state(BOB) is AgentState.READY
        await world.is_done(c.CancelTransfer(agent=ALICE, call=call))
        await wait_until_heard(customer, TONES["1001"])
        await world.becomes(CAROL, AgentState.READY)
        await world.is_done(c.Consult(agent=ALICE, call=call, to=repair))
        await wait_until_heard(alice, TONES["1002"])
        await world.is_done(c.CompleteTransfer(agent=ALICE, call=call))
        await wait_until_heard(customer, TONES["1002"])
        await bob.hang_up()
        assert (await world.ours.hears(e.CallEnded)).agents == (ALICE, BOB)
        assert transfers(world)[-1] == ("attended", "1001", "1002", "completed")


async def test_a_consultation_outlives_us(asterisk: tuple[PrivateAsterisk, int], voices: Voices) -> None:
    """Our process dies in the middle of it; who comes after us understands it, and the agent completes it."""
    async with AsyncExitStack() as calls:
        async with a_world(asterisk, voices, calls) as world:
            customer, alice, bob, call = await consults(world)
            told = list(world.ours.told)
        async with stage(endpoint_of(asterisk), recordings=recordings_of(asterisk), recall=known(told)) as again:
            await again.hears(e.LinkUp)
            [row] = (await again.floor()).calls
            assert (row.call, row.phase, row.agent) == (call, "held", ALICE)
            assert (await again.order(c.CompleteTransfer(agent=ALICE, call=call))).ok
            await alice.wait_for(PhoneState.ENDED)
            await wait_until_heard(customer, TONES["1002"])
            assert (await again.hears(e.CallConnected)).agent == BOB
            await bob.hang_up()
            ended = await again.hears(e.CallEnded)
            assert ended.agents == (ALICE, BOB)
            assert not again.all(e.OfferFailed)


# --- to the outside


async def test_a_number_is_called_for_an_agent(world: World) -> None:
    alice = await world.phone(ALICE, Answer(), ready=True)
    outside = await world.outside(Answer())
    placed = await world.ours.order(c.PlaceCall(agent=ALICE, number="139 0013 9000"))
    assert isinstance(placed, c.CallPlaced), placed
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).code == "agent.has_call"
    await wait_until_heard(alice, TONES[OUTSIDE])
    await wait_until_heard(outside, TONES["1001"])
    assert alice.headers == {"X-CW-Call": placed.call, "X-CW-Click": OUTSIDE}
    assert HOTLINE in outside.caller
    assert placed.call is not None
    await world.ours.hears(e.RecordingStarted)
    await recorded_on(world.recording(placed.call))
    await outside.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    arrived = await world.ours.hears(e.CallArrived)
    assert (arrived.direction, arrived.ani, arrived.dnis) == (e.Direction.OUTBOUND, "1001", OUTSIDE)
    assert (ended.call, ended.outcome, ended.agents) == (placed.call, e.Outcome.ANSWERED, (ALICE,))
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await talked_in(world, ended.call, TONES["1001"], TONES[OUTSIDE])


@pytest.mark.parametrize(
    ("reaction", "outcome"),
    [
        (Reject(code=486), e.Outcome.BUSY),
        (Reject(code=603), e.Outcome.REJECTED),
        (Reject(code=404), e.Outcome.FAILED),
        (Ring(), e.Outcome.NO_ANSWER),
    ],
)
async def test_a_number_that_is_not_answered_says_so_in_the_log(
    world: World, reaction: WhenCalled, outcome: e.Outcome
) -> None:
    alice = await world.phone(ALICE, Answer(), ready=True)
    await world.outside(reaction)
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).ok
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.outcome, ended.agents) == (outcome, ())
    assert {missed.party for missed in world.ours.all(e.CallMissed)} == {OUTSIDE}, "whom we called, by his number"
    await alice.wait_for(PhoneState.ENDED)
    await world.becomes(ALICE, AgentState.READY)


async def test_an_agent_who_does_not_pick_up_calls_nobody(world: World) -> None:
    alice = await world.phone(ALICE, Ring(), ready=True)
    outside = await world.outside(Ring())
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).ok
    await alice.wait_for(PhoneState.RINGING)
    await alice.reject()
    assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.CANCELLED
    assert outside.state is PhoneState.IDLE
    await world.becomes(ALICE, AgentState.READY)


async def test_a_called_customer_is_handed_on(world: World) -> None:
    await world.phone(ALICE, Answer(), ready=True)
    bob = await world.phone(BOB, Answer())
    outside = await world.outside(Answer())
    placed = await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))
    assert isinstance(placed, c.CallPlaced)
    assert placed.call is not None
    await world.ours.hears(e.CallConnected)
    await world.is_done(c.Consult(agent=ALICE, call=placed.call, to=to_agent(BOB)))
    await wait_until_heard(bob, TONES["1001"])
    await world.is_done(c.CompleteTransfer(agent=ALICE, call=placed.call))
    await wait_until_heard(outside, TONES["1002"])
    await bob.when_called(Reject())
    await world.is_done(c.Transfer(agent=BOB, call=placed.call, to=c.Target(kind=c.TargetKind.QUEUE, value="service")))
    assert (await world.ours.hears(e.CallQueued)).call == placed.call
    await outside.hang_up()
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents) == (placed.call, (ALICE, BOB))


async def test_a_called_customer_left_alone_in_a_consultation_is_in_the_line(world: World) -> None:
    """alice hangs up while bob's phone rings, bob says no, and alice is not to be had either."""
    alice = await world.phone(ALICE, Answer(), ready=True)
    bob = await world.phone(BOB, Ring())
    outside = await world.outside(Answer())
    placed = await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))
    assert isinstance(placed, c.CallPlaced)
    assert placed.call is not None
    await world.ours.hears(e.CallConnected)
    await world.is_done(c.Consult(agent=ALICE, call=placed.call, to=to_agent(BOB)))
    await bob.wait_for(PhoneState.RINGING)
    await alice.when_called(Reject())
    await alice.hang_up()
    await world.becomes(ALICE, AgentState.WRAP_UP)
    await bob.reject()
    assert (await world.ours.hears(e.CallQueued)).call == placed.call
    assert transfers(world) == [("blond", "1001", "1002", "busy")]
    await bob.when_called(Answer())
    await world.becomes(BOB, AgentState.PAUSED)
    assert (await world.ours.order(c.SetReady(agent=BOB))).ok
    await wait_until_heard(outside, TONES["1002"])
    await bob.hang_up()
    await outside.wait_for(PhoneState.ENDED)
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.call, ended.agents, ended.hung_up_by) == (placed.call, (ALICE, BOB), e.HungUpBy.AGENT)


async def test_a_called_customer_whom_his_agent_leaves_is_gone(world: World) -> None:
    alice = await world.phone(ALICE, Answer(), ready=True)
    outside = await world.outside(Answer())
    assert (await world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE))).ok
    await world.ours.hears(e.CallConnected)
    await alice.hang_up()
    await outside.wait_for(PhoneState.ENDED)
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.outcome, ended.hung_up_by, ended.cause) == (e.Outcome.ANSWERED, e.HungUpBy.AGENT, 16)
    assert not world.ours.all(e.CallQueued)


async def test_a_desk_phone_dials_outside_by_itself(world: World) -> None:
    alice = await world.phone(ALICE, ready=True)
    outside = await world.outside(Answer())
    await alice.dial(OUTSIDE, number="1001")
    await wait_until_heard(outside, TONES["1001"])
    assert HOTLINE in outside.caller
    arrived = await world.ours.hears(e.CallArrived)
    assert (arrived.direction, arrived.ani, arrived.dnis) == (e.Direction.OUTBOUND, "1001", OUTSIDE)
    await alice.hang_up()
    assert (await world.ours.hears(e.CallEnded)).outcome is e.Outcome.ANSWERED


async def test_what_is_forbidden_is_not_dialled(world: World) -> None:
    alice = await world.phone(ALICE, ready=True)
    await alice.dial("16812345678", number="1001")
    await alice.wait_for(PhoneState.ENDED)
    ended = await world.ours.hears(e.CallEnded)
    assert (ended.outcome, ended.agents) == (e.Outcome.CANCELLED, ())


async def test_over_a_line_that_breaks_a_call_is_placed_once_or_not_at_all(
    asterisk: tuple[PrivateAsterisk, int], voices: Voices
) -> None:
    async with (
        CuttableLine(endpoint_of(asterisk).port) as line,
        AsyncExitStack() as calls,
        a_world(asterisk, voices, calls, port=line.port) as world,
    ):
        alice = await world.phone(ALICE, Ring(), ready=True)
        await world.outside(Answer())
        placing = asyncio.create_task(world.ours.order(c.PlaceCall(agent=ALICE, number=OUTSIDE)))
        await alice.wait_for(PhoneState.RINGING)
        await line.cut()
        await world.ours.hears(e.LinkLost)
        await placing  # heard of in time or not
        await line.mend()
        await world.ours.hears(e.LinkUp, count=2)
        await alice.answer()
        connected = await world.ours.hears(e.CallConnected)
        assert connected.agent == ALICE
        [arrived] = world.ours.all(e.CallArrived)
        assert (arrived.call, arrived.direction) == (connected.call, e.Direction.OUTBOUND)
        await alice.hang_up()
        assert (await world.ours.hears(e.CallEnded)).call == connected.call
