"""The dialplan keeps its side of the contract with cti: docs/architecture.md, "Between dialplan and code"."""

from __future__ import annotations

import asyncio
import csv
import time
from dataclasses import replace
from pathlib import Path

import pytest

from callwright.asterisk import CDR_COLUMNS, AsteriskInstall, AsteriskPlan, render, start
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, SipPhone
from crm_core.kernel.requirements import packed
from crm_core.kernel.requirements_text import read
from tests.integration.asterisk.parts import Ami, FastAgi, Message
from tests.support.asterisk import end_at_once
from tests.support.waiting import eventually

OFFER = "ofr_06f3c8a1b2c3d4e5f6g7h8j9k0"


async def dial(phones: PhoneProcess, plan: AsteriskPlan, number: str) -> SipPhone:
    caller = await phones.add("caller", server=f"127.0.0.1:{plan.ports.sip}")
    await caller.dial(number, number="13800138000", name="张伟")
    return caller


async def agent(phones: PhoneProcess, plan: AsteriskPlan, extension: str, reaction: Answer | Reject) -> SipPhone:
    secret = next(agent.sip_secret for agent in plan.agents if agent.extension == extension)
    server = f"127.0.0.1:{plan.ports.sip}"
    phone = await phones.add(extension, server=server, number=extension, secret=secret, when_called=reaction)
    await phone.wait_registered()
    return phone


async def waiting(ami: Ami) -> tuple[str, Message]:
    """The waiting caller's channel, and what the dialplan said of him."""
    queued = await ami.user_event("CwQueued")
    await ami.waits(queued["Channel"])
    return queued["Channel"], queued


async def offer(ami: Ami, channel: str, extension: str) -> None:
    done = await ami.ask("Redirect", Channel=channel, Context="cw-offer", Exten=f"{extension}-{OFFER}", Priority="1")
    assert done["Response"] == "Success", done


async def withdraw(ami: Ami, channel: str) -> None:
    done = await ami.ask("Redirect", Channel=channel, Context="cw-hold", Exten=f"back-{OFFER}", Priority="1")
    assert done["Response"] == "Success", done


async def test_a_menu_that_is_down_leads_to_the_safety_queue(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    colleague = await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008000")
    arrived = await ami.user_event("CwArrived", Dnis="4008000", Direction="inbound")
    call = arrived["Call"]
    assert call.startswith("test-")
    assert "." not in call
    assert arrived["CallerIDNum"] == "13800138000"
    await ami.user_event("CwQueued", Call=call, Queue="service", Lang="zh", Priority="0", Skills="", Intent="")
    await ami.user_event("CwSafety", Call=call, Queue="service")
    await colleague.wait_for(PhoneState.TALKING)
    await caller.wait_for(PhoneState.TALKING)


async def test_a_menu_sends_the_caller_on_with_what_it_learned(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    menu = FastAgi({"CW_QUEUE": "repair", "CW_SKILLS": "zh:1,repair:3", "CW_LANG": "en", "CW_INTENT": "repair"})
    async with menu.listening(asterisk.ports.fastagi):
        await dial(phones, asterisk, "4008000")
        channel, queued = await waiting(ami)
    call = queued["Call"]
    assert menu.asked[0]["agi_network_script"] == f"ivr?flow=main&call={call}&dnis=4008000"
    assert (queued["Queue"], queued["Skills"], queued["Lang"]) == ("repair", "zh:1/repair:3", "en")
    wait = await ami.variable(channel, "CW_WAIT")
    assert wait == f"queue=repair;skills=zh:1/repair:3;priority=0;lang=en;intent=repair;since={queued['Since']}"
    assert abs(float(queued["Since"]) - time.time()) < 10


async def test_a_wish_of_several_ways_goes_through_the_dialplan_unharmed(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    asked = packed(read("repair >= 3 and (zh >= 2 or en >= 3) prefer zh >= 4, en"))
    await ami.heartbeat()
    async with FastAgi({"CW_QUEUE": "repair", "CW_SKILLS": asked}).listening(asterisk.ports.fastagi):
        await dial(phones, asterisk, "4008000")
        channel, queued = await waiting(ami)
    assert queued["Skills"] == asked == "en:3/repair:3|repair:3/zh:2~zh:4~en:1"
    assert f";skills={asked};" in await ami.variable(channel, "CW_WAIT")


async def test_a_number_may_ask_for_one_of_several_ways(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    await dial(phones, asterisk, "4008003")
    _, queued = await waiting(ami)
    assert (queued["Queue"], queued["Skills"]) == ("vip", "en:5|repair:3/zh:4~zh:5")


async def test_a_menu_may_end_the_call(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    async with FastAgi({"CW_NEXT": "hangup"}).listening(asterisk.ports.fastagi):
        caller = await dial(phones, asterisk, "4008000")
        await caller.wait_for(PhoneState.ENDED)
    assert not [event for event in ami.events if event.get("UserEvent") == "CwQueued"]


async def test_a_frozen_engine_does_not_hold_callers_in_its_menu(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat(time.time() - 60)
    frozen = await asyncio.start_server(lambda reader, writer: asyncio.sleep(60), "127.0.0.1", asterisk.ports.fastagi)
    async with frozen:
        await dial(phones, asterisk, "4008000")
        await ami.user_event("CwSafety")


@pytest.fixture
def impatient(plan: AsteriskPlan) -> AsteriskPlan:
    """As the plan, but nobody is left in a menu for more than two seconds."""
    return replace(plan, menu_limit_s=2)


@pytest.mark.parametrize("hangs", ["from the start", "after a word"])
async def test_a_menu_that_hangs_lets_the_caller_go_to_a_person(
    installed: AsteriskInstall, impatient: AsteriskPlan, phones: PhoneProcess, hangs: str
) -> None:
    async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if hangs == "after a word":
            await reader.readuntil(b"\n\n")
            writer.write(b"WAIT FOR DIGIT 60000\n")
        await reader.read()  # until Asterisk gives up
        writer.close()

    render(impatient)
    await start(installed, impatient)
    try:
        async with (
            Ami.logged_in(impatient) as ami,
            await asyncio.start_server(never_answers, "127.0.0.1", impatient.ports.fastagi),
        ):
            await ami.heartbeat()
            caller = await dial(phones, impatient, "4008000")
            channel, _ = await waiting(ami)
            await ami.comes_to(channel, "cw-hold")
            await asyncio.sleep(2.5)  # longer than the limit: it holds in the menu only
            assert caller.state is PhoneState.TALKING
            await ami.comes_to(channel, "cw-hold")
    finally:
        await end_at_once(impatient.directories)


async def test_he_waits_with_music_and_falls_to_safety_when_the_engine_goes_silent(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    caller = await dial(phones, asterisk, "4008001")
    await caller.wait_for(PhoneState.TALKING)
    channel, queued = await waiting(ami)
    assert (queued["Queue"], queued["Priority"]) == ("vip", "5")
    await caller.wait_until(lambda: caller.has_sound, "music")
    await asyncio.sleep(2.5)
    assert not [event for event in ami.events if event.get("UserEvent") == "CwSafety"]
    await ami.heartbeat(time.time() - 6)
    await ami.user_event("CwSafety", Call=queued["Call"], Queue="vip")
    assert (await ami.ask("Status", Channel=channel))["Response"] == "Success"


async def test_an_offer_rings_the_agent_with_the_calls_names_and_connects(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008002")
    channel, queued = await waiting(ami)
    await caller.wait_for(PhoneState.FAR_RINGING)  # this number is not answered before an agent does
    assert await ami.variable(channel, "CW_RING") == "3"  # as this queue wants it
    await offer(ami, channel, "1001")
    await colleague.wait_for(PhoneState.TALKING)
    await caller.wait_for(PhoneState.TALKING)
    assert colleague.headers == {"X-CW-Call": queued["Call"]}
    await caller.hang_up()
    await colleague.wait_for(PhoneState.ENDED)
    assert not [event for event in ami.events if event.get("UserEvent") == "CwOfferEnd"]


async def test_an_offer_that_is_not_taken_brings_him_back_to_his_place(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    await agent(phones, asterisk, "1001", Reject(code=486))
    await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await offer(ami, channel, "1001")
    ended = await ami.user_event("CwOfferEnd", Call=queued["Call"], Offer=OFFER)
    assert (ended["Status"], ended["Cause"]) == ("BUSY", "17")
    assert await ami.variable(channel, "CW_WAIT") == (
        f"queue=vip;skills=;priority=5;lang=zh;intent=;since={queued['Since']}"
    )
    ami.events.clear()
    await ami.waits(channel)
    await offer(ami, channel, "1003")  # a browser that is not there
    assert (await ami.user_event("CwOfferEnd"))["Status"] == "CHANUNAVAIL"
    await ami.comes_to(channel, "cw-hold")


async def test_offers_that_follow_each_other_at_once_lose_nobody(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    """Each meets the dialplan on its way back from the one before."""
    await ami.heartbeat()
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    for number in range(500):
        ami.events.clear()
        done = await ami.ask("Redirect", Channel=channel, Context="cw-offer", Exten=f"1003-o{number}", Priority="1")
        assert done["Response"] == "Success", done
        await ami.user_event("CwOfferEnd", Offer=f"o{number}", Status="CHANUNAVAIL")
    await ami.comes_to(channel, "cw-hold")
    assert caller.state is PhoneState.TALKING


async def test_phones_that_were_meant_by_another_name_do_not_ring_and_he_is_not_lost(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    """A Redirect to all phones that comes after the next one was made; whatever an earlier Dial has left behind."""
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1002", Answer(after_s=30))
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    for name, value in (("CW_ALL", "another:PJSIP/1002&PJSIP/1003"), ("DIALSTATUS", "ANSWER")):
        await ami.ask("Setvar", Channel=channel, Variable=name, Value=value)
    await offer(ami, channel, "all")
    assert (await ami.user_event("CwOfferEnd", Offer=OFFER))["Status"] == "CHANUNAVAIL"
    await ami.comes_to(channel, "cw-hold")
    assert (caller.state, colleague.state) == (PhoneState.TALKING, PhoneState.IDLE)


async def test_an_offer_can_be_withdrawn(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1002", Answer(after_s=30))
    await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await offer(ami, channel, "1002")
    await colleague.wait_for(PhoneState.RINGING)
    await withdraw(ami, channel)
    await colleague.wait_for(PhoneState.ENDED)
    await ami.user_event("CwOfferEnd", Call=queued["Call"], Offer=OFFER, Status="CANCEL")
    await ami.comes_to(channel, "cw-hold")


async def test_an_offer_withdrawn_too_late_tells_that_he_waits_again(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await offer(ami, channel, "1001")
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and event["Channel"] == channel)
    await withdraw(ami, channel)
    await colleague.wait_for(PhoneState.ENDED)
    await ami.user_event("CwOfferEnd", Call=queued["Call"], Offer=OFFER, Status="CANCEL")
    told = [event.get("Event") for event in ami.events if event.get("Channel") == channel]
    assert told.index("BridgeLeave") < told.index("UserEvent", told.index("BridgeEnter"))
    await ami.comes_to(channel, "cw-hold")
    assert caller.state is PhoneState.TALKING


async def test_every_channel_event_tells_its_call_and_noise_stays_inside(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await offer(ami, channel, "1001")
    await colleague.wait_for(PhoneState.TALKING)
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and event["Channel"] == channel)
    await ami.ask("CoreShowChannels")
    await ami.wait_for(lambda event: event.get("Event") == "CoreShowChannelsComplete")
    rows = [event for event in ami.events if event.get("Event") == "CoreShowChannel"]
    mark = f"CW_CALL={queued['Call']}"
    assert [row["ChanVariable"] for row in rows] == [mark, mark]
    began = next(event for event in ami.events if event.get("Event") == "DialBegin")
    assert (began["ChanVariable"], began["DestChanVariable"]) == (mark, mark)
    await caller.hang_up()
    await ami.wait_for(lambda event: event.get("Event") == "Hangup" and event["Channel"] == channel)
    seen = {event.get("Event") for event in ami.events}
    assert not seen & {"VarSet", "Newexten", "RTCPSent", "RTCPReceived", "MusicOnHoldStart", "MusicOnHoldStop"}
    assert {"Newchannel", "DialBegin", "DialEnd", "BridgeEnter", "BridgeLeave", "DeviceStateChange", "Hangup"} <= seen
    assert all("Timestamp" in event for event in ami.events if event.get("Event") == "Newchannel")


async def test_the_agent_may_end_the_call(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    await offer(ami, channel, "1001")
    await colleague.wait_for(PhoneState.TALKING)
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and event["Channel"] == channel)
    await colleague.hang_up()
    await caller.wait_for(PhoneState.ENDED)
    assert not [event for event in ami.events if event.get("UserEvent") == "CwOfferEnd"]


async def test_a_caller_who_hangs_up_while_it_rings_takes_the_ringing_with_him(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    colleague = await agent(phones, asterisk, "1002", Answer(after_s=30))
    caller = await dial(phones, asterisk, "4008001")
    channel, _ = await waiting(ami)
    await offer(ami, channel, "1002")
    await colleague.wait_for(PhoneState.RINGING)
    await caller.hang_up()
    await colleague.wait_for(PhoneState.ENDED)
    ended = await ami.wait_for(lambda event: event.get("Event") == "DialEnd")
    assert ended["DialStatus"] == "CANCEL"


async def test_the_safety_queue_tries_the_next_phone(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await agent(phones, asterisk, "1001", Reject(code=480))
    caller = await dial(phones, asterisk, "4008000")
    await ami.user_event("CwSafety", Queue="service")
    await ami.wait_for(lambda event: event.get("Event") == "DialEnd" and event["DialStatus"] != "ANSWER")
    await phones.ask("when_called", phone="1001", reaction=Answer().as_json())
    await caller.wait_until(lambda: caller.has_sound, "music")
    connected = await ami.wait_for(lambda event: event.get("Event") == "AgentConnect")
    assert connected["Queue"] == "cw-service"
    assert connected["DestChannel"].startswith("PJSIP/1001-")
    assert connected["ChanVariable"].startswith("CW_CALL=test-")


async def test_asterisks_own_account_names_our_calls(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    refusing = await agent(phones, asterisk, "1002", Reject(code=486))
    await agent(phones, asterisk, "1001", Answer())
    caller = await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await offer(ami, channel, "1002")
    await refusing.wait_for(PhoneState.ENDED)
    await ami.user_event("CwOfferEnd")
    await ami.waits(channel)
    await offer(ami, channel, "1001")
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and event["Channel"] == channel)
    await caller.hang_up()
    await ami.wait_for(lambda event: event.get("Event") == "Hangup" and event["Channel"] == channel)
    rows = await account(asterisk.directories.cdr / "calls.csv", rows=2)
    assert {row["userfield"] for row in rows} == {queued["Call"]}
    assert {row["uniqueid"] for row in rows} == {queued["Uniqueid"]}
    talked = rows[-1]
    assert (talked["disposition"], talked["dstchannel"].partition("-")[0]) == ("ANSWERED", "PJSIP/1001")
    assert talked["src"] == "13800138000"
    assert abs(float(talked["end"]) - time.time()) < 30


async def account(file: Path, *, rows: int) -> list[dict[str, str]]:
    await eventually(f"{rows} rows", lambda: file.exists() and file.read_text().count("\n") >= rows)
    with file.open(encoding="utf-8", newline="") as lines:
        return [dict(zip(CDR_COLUMNS, row, strict=True)) for row in csv.reader(lines)]


@pytest.mark.parametrize("away", ["not registered", "refuses"])
async def test_a_customer_handed_to_a_colleague_who_does_not_take_him_is_back_in_his_line(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess, away: str
) -> None:
    await ami.heartbeat()
    alice = await agent(phones, asterisk, "1001", Answer())
    if away == "refuses":
        await agent(phones, asterisk, "1002", Reject(code=486))
    caller = await dial(phones, asterisk, "4008001")
    channel, queued = await waiting(ami)
    await offer(ami, channel, "1001")
    await alice.wait_for(PhoneState.TALKING)
    together = await ami.wait_for(
        lambda event: event.get("Event") == "BridgeEnter" and event["Channel"].startswith("PJSIP/1001-")
    )
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and event["Channel"] == channel)
    ami.events.clear()
    done = await ami.ask("BlindTransfer", Channel=together["Channel"], Context="cw-agents", Exten="1002")
    assert done["Response"] == "Success", done
    back = await ami.user_event("CwQueued", Call=queued["Call"])
    assert (back["Queue"], back["Since"]) == ("vip", queued["Since"])
    await caller.wait_until(lambda: caller.has_sound, "music")
    await ami.comes_to(channel, "cw-hold")
    await ami.waits(channel)
    await offer(ami, channel, "1001")
    await alice.wait_for(PhoneState.TALKING)


async def test_a_colleague_who_does_not_answer_a_colleague_ends_the_call(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    alice = await agent(phones, asterisk, "1001", Answer())
    await alice.dial("1002", number="1001")
    await alice.wait_for(PhoneState.ENDED)
    assert not [event for event in ami.events if event.get("UserEvent") == "CwQueued"]


async def test_colleagues_call_each_other(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    bob = await agent(phones, asterisk, "1002", Answer())
    alice = await agent(phones, asterisk, "1001", Answer())
    await alice.dial("1002", number="1001")
    await bob.wait_for(PhoneState.TALKING)
    arrived = await ami.user_event("CwArrived", Direction="internal", Dnis="1002")
    assert arrived["CallerIDNum"] == "1001"


async def test_a_strange_caller_gets_through(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    await caller.dial("4008001", number="1" * 300, name="Robert'); DROP TABLE calls;-- <b>,Call: x|\\")
    _, queued = await waiting(ami)
    assert queued["Call"].startswith("test-")
    assert queued["CallerIDNum"] == "1" * 64
    await caller.wait_for(PhoneState.TALKING)
