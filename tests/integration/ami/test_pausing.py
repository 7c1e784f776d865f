"""Recordings that are paused at a real Asterisk: silence of the right length, and an end that comes by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import pytest_asyncio

from callwright.demo.phones import Answer, PhoneState
from crm_core.domain.floor import HouseRules
from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import events as e
from tests.integration.ami.conversation import (
    ANNE,
    CAROLS,
    CUSTOMER,
    Office,
    hears_only,
    office,
    seconds_heard,
    talks,
)
from tests.integration.ami.floor import ALICE, BOB, CAROL, small_floor
from tests.integration.ami.stage import Stage, known, stage
from tests.support.tones import Sound, seconds_of_sound

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]
BRIEF = replace(small_floor(), rules=HouseRules(recording_pause_s=5))
"""A pause lasts five seconds: longer than we take to end."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with office(tmp_path_factory.mktemp("pbx")) as running:
        yield running


def _paused_for(told: list[e.RecordingPaused], resumed: list[e.RecordingResumed]) -> float:
    return sum((end.at - begin.at).total_seconds() for begin, end in zip(told, resumed, strict=True))


def _missed(sound: Sound, *stages: Stage) -> float:
    """For how long nothing at all was recorded of the call, not even silence: a busy machine lets sound fall."""
    began = next(told.at for ours in stages for told in ours.all(e.RecordingStarted))
    over = next(told.at for ours in stages for told in ours.all(e.CallEnded))
    return max(0.0, (over - began).total_seconds() - sound.seconds)


async def _recorded(pbx: Office, call: CallId, ours: Stage) -> Sound:
    await ours.hears(e.CallEnded)
    return await pbx.recorded(call)


@pytest.mark.parametrize("how", ["by command", "by itself"])
async def test_a_pause_is_silence_of_its_own_length(pbx: Office, how: str) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings, floor=BRIEF if how == "by itself" else None) as ours,
        pbx.phones("1001") as (alice,),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        await hears_only(customer, "1001")
        assert (await ours.order(c.PauseRecording(agent=BOB, call=call))).code == "call.not_yours"
        assert (await ours.order(c.PauseRecording(agent=ALICE, call=call))).ok
        [live] = (await ours.floor()).calls
        assert live.recording_paused_until == (await ours.hears(e.RecordingPaused)).until
        await hears_only(customer, "1001")
        if how == "by command":
            assert (await ours.order(c.ResumeRecording(agent=ALICE, call=call))).ok
        resumed = await ours.hears(e.RecordingResumed)
        await hears_only(customer, "1001")
        await customer.hang_up()
        sound = await _recorded(pbx, call, ours)
    assert resumed.by is (e.ResumedBy.AGENT if how == "by command" else e.ResumedBy.TIME)
    gap = _paused_for(ours.all(e.RecordingPaused), ours.all(e.RecordingResumed))
    assert sound.seconds - seconds_of_sound(sound) == pytest.approx(gap, abs=0.4 + _missed(sound, ours))
    assert seconds_heard(sound, CUSTOMER) == pytest.approx(seconds_of_sound(sound), abs=0.4)


async def test_a_pause_outlasts_a_third_who_joins_and_ends_when_she_leaves(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001", "1003") as (alice, carol),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        assert (await ours.order(c.PauseRecording(agent=ALICE, call=call))).ok
        await carol.when_called(Answer())
        assert (await ours.order(c.Monitor(agent=CAROL, of=ALICE, mode=e.MonitorMode.BARGE))).ok
        await hears_only(customer, "1001", "1003")
        assert ours.all(e.RecordingResumed) == []
        assert (await ours.order(c.TakeOver(agent=CAROL, of=ALICE))).ok
        assert (await ours.hears(e.RecordingResumed)).by is e.ResumedBy.CONVERSATION
        await alice.wait_for(PhoneState.ENDED)
        await hears_only(customer, "1003")
        await pbx.is_recorded(call)
        await customer.hang_up()
        sound = await _recorded(pbx, call, ours)
    gap = _paused_for(ours.all(e.RecordingPaused), ours.all(e.RecordingResumed))
    assert seconds_of_sound(sound) < sound.seconds - gap + 0.6
    assert seconds_heard(sound, ANNE) < 1.0
    assert seconds_heard(sound, CAROLS) > 0.5


async def test_we_die_while_it_is_paused_and_it_goes_on_when_we_are_back(pbx: Office) -> None:
    async with pbx.phones("1001") as (alice,), AsyncExitStack() as later:
        async with stage(pbx.endpoint, recordings=pbx.recordings, floor=BRIEF) as ours:
            customer = await later.enter_async_context(pbx.customer())
            call = await talks(ours, alice, customer)
            await hears_only(customer, "1001")
            assert (await ours.order(c.PauseRecording(agent=ALICE, call=call))).ok
            paused = await ours.hears(e.RecordingPaused)
        await hears_only(customer, "1001")
        async with stage(pbx.endpoint, recordings=pbx.recordings, floor=BRIEF, recall=known(ours.told)) as again:
            resumed = await again.hears(e.RecordingResumed)
            await hears_only(customer, "1001")
            await customer.hang_up()
            sound = await _recorded(pbx, call, again)
    assert resumed.by is e.ResumedBy.TIME
    assert resumed.at >= paused.until
    gap = (resumed.at - paused.at).total_seconds()
    assert sound.seconds - seconds_of_sound(sound) == pytest.approx(gap, abs=0.6 + _missed(sound, ours, again))


async def test_muted_she_is_not_heard_and_keys_reach_the_other_side(pbx: Office) -> None:
    async with (
        stage(pbx.endpoint, recordings=pbx.recordings) as ours,
        pbx.phones("1001") as (alice,),
        pbx.customer() as customer,
    ):
        call = await talks(ours, alice, customer)
        assert (await ours.order(c.Mute(agent=ALICE, call=call, muted=True))).ok
        await hears_only(customer)
        await hears_only(alice, "customer")
        [live] = (await ours.floor()).calls
        assert live.muted == (ALICE,)
        assert (await ours.order(c.Mute(agent=ALICE, call=call, muted=False))).ok
        await hears_only(customer, "1001")

        assert (await ours.order(c.SendDigits(agent=ALICE, call=call, digits="12 34"))).code == "digits.invalid"
        assert (await ours.order(c.SendDigits(agent=ALICE, call=call, digits="5#1"))).ok
        await customer.wait_until(lambda: customer.digits == "5#1", "the digits 5#1")
        assert (await ours.order(c.PauseRecording(agent=ALICE, call=call))).ok
        assert (await ours.order(c.SendDigits(agent=ALICE, call=call, digits="4111"))).ok
        await customer.wait_until(lambda: customer.digits == "5#14111", "the digits 5#14111")
        await ours.hears(e.DigitsSent, count=2)
        assert [told.digits for told in ours.all(e.DigitsSent)] == ["5#1", "••••"]
        assert (await ours.order(c.HoldCall(agent=ALICE, call=call, held=True))).code == "phone.by_hand"
