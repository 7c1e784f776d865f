"""A caller who waits is told something: an offer cuts it at once, and nobody is lost on the way."""

from __future__ import annotations

import asyncio
import time

from callwright.asterisk import AsteriskPlan
from callwright.demo.phones import Answer, PhoneProcess, PhoneState
from cti.performer import LEADING_S
from tests.integration.asterisk.parts import Ami
from tests.integration.asterisk.test_dialplan import agent, dial, offer, waiting
from tests.support.tones import make_tone
from tests.support.waiting import eventually

LONG = "callwright/zh/long"


def to_be_said(plan: AsteriskPlan, seconds: float) -> None:
    make_tone(plan.directories.sounds / "zh" / "long.wav", 1000, seconds=seconds)


async def announce(ami: Ami, channel: str, said: str = LONG) -> None:
    """As our engine does it: two actions at once, the second without waiting for the answer to the first."""
    told, led = await asyncio.gather(
        ami.ask("Setvar", Channel=channel, Variable="CW_SAY", Value=said),
        ami.ask("Redirect", Channel=channel, Context="cw-say", Exten="s", Priority="1"),
    )
    assert (told["Response"], led["Response"]) == ("Success", "Success")


async def said(ami: Ami, channel: str) -> str:
    """How the announcement went, once it is over: then he waits on where it was made."""

    async def over() -> str:
        return await ami.variable(channel, "PLAYBACKSTATUS")

    status: str = await eventually("the announcement to be over", over)
    await ami.waits(channel)
    await ami.comes_to(channel, "cw-say")
    return status


async def hears(ami: Ami, channel: str, application: str) -> None:
    async def there() -> bool:
        assert (now := await ami.variable(channel, "CHANNEL(appname)")) == application, now
        return True

    await eventually(f"{channel} to be at {application}", there)


async def test_after_the_announcement_the_music_goes_on(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    to_be_said(asterisk, 1.0)
    await ami.heartbeat()
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    await announce(ami, channel)
    assert await said(ami, channel) == "SUCCESS"
    await caller.wait_for(PhoneState.TALKING)


async def test_an_offer_cuts_the_announcement(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    to_be_said(asterisk, 60.0)
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    await announce(ami, channel)
    await hears(ami, channel, "Playback")
    await offer(ami, channel, "1001")
    await colleague.wait_for(PhoneState.TALKING)
    await caller.wait_for(PhoneState.TALKING)


async def test_with_the_engine_silent_he_falls_to_safety_from_there_as_well(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    to_be_said(asterisk, 0.2)
    await ami.heartbeat()
    await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await announce(ami, channel)
    await said(ami, channel)
    await ami.heartbeat(time.time() - 6)
    await ami.user_event("CwSafety", Call=queued["Call"], Queue="vip")


async def test_a_prompt_that_is_not_there_costs_nobody_his_place(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    await announce(ami, channel, "callwright/zh/nowhere&callwright/zh/nothing")
    assert await said(ami, channel) == "FAILED"
    await caller.wait_for(PhoneState.TALKING)


async def test_whoever_is_not_answered_yet_goes_on_hearing_his_own_exchange(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    to_be_said(asterisk, 60.0)
    await ami.heartbeat()
    caller = await dial(phones, asterisk, "4008002")
    channel, _ = await waiting(ami)
    await announce(ami, channel)

    async def past_it() -> bool:
        context, step = await asyncio.gather(ami.variable(channel, "CONTEXT"), ami.variable(channel, "PRIORITY"))
        return context == "cw-say" and int(step) > 1

    await eventually("him to be past the announcement", past_it)
    assert await ami.variable(channel, "PLAYBACKSTATUS") == ""
    await caller.wait_for(PhoneState.FAR_RINGING)


async def offered_as_soon_as_may_be(ami: Ami, channel: str, offer_id: str) -> None:
    """Our engine's announcement, and the offer that came in the same moment."""
    said, led = await asyncio.gather(
        ami.ask("Setvar", Channel=channel, Variable="CW_SAY", Value=LONG),
        ami.ask("Redirect", Channel=channel, Context="cw-say", Exten="s", Priority="1"),
    )
    await asyncio.sleep(LEADING_S)
    offered = await ami.ask("Redirect", Channel=channel, Context="cw-offer", Exten=f"1003-{offer_id}", Priority="1")
    assert {answer["Response"] for answer in (said, led, offered)} == {"Success"}


async def test_announcements_that_are_cut_by_offers_lose_nobody(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    """Each offer follows its announcement as soon as our engine lets it."""
    to_be_said(asterisk, 5.0)
    await ami.heartbeat()
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    for number in range(60):
        ami.events.clear()
        await offered_as_soon_as_may_be(ami, channel, f"o{number}")
        await ami.user_event("CwOfferEnd", Offer=f"o{number}", Status="CHANUNAVAIL")
        await ami.waits(channel)
    await ami.comes_to(channel, "cw-hold")
    await caller.wait_for(PhoneState.TALKING)
