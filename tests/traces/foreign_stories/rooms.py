"""Places where callers stay for a while, a recording, and an end without good-bye."""

from __future__ import annotations

import os
import signal

from callwright.demo.phones import PhoneState, SipPhone
from tests.traces.foreign_office import (
    CALLER,
    CONFERENCE,
    Office,
    Story,
    Told,
    answers,
    hangs_up,
    is_over,
    own_number,
    pause,
    rang,
    talked,
)

# --- parking


async def parked_and_fetched(office: Office) -> list[Told]:
    """201 parks the caller (#72), 203 fetches him from place 701; the caller hangs up."""
    caller, desk = await office.talks()
    await desk.send_digits("#72")
    return await _fetched(office, caller, desk)


async def parked_by_phone_and_fetched(office: Office) -> list[Told]:
    """201 parks the caller by sending him to 700 (REFER), 203 fetches him from place 701; the caller hangs up."""
    caller, desk = await office.talks()
    await desk.transfer("700")
    return await _fetched(office, caller, desk)


async def _fetched(office: Office, caller: SipPhone, desk: SipPhone) -> list[Told]:
    fetching = await office.phone("203")
    await office.hears("ParkedCall", ParkingSpace="701")
    await is_over(desk)
    await pause()
    await fetching.dial("701", number="203")
    await office.hears("UnParkedCall")
    await pause(0.8)
    await hangs_up(caller)
    await is_over(fetching)
    return [Told(dialed=own_number("201"), talked_to=("201", "203"))]


async def parked_too_long(office: Office) -> list[Told]:
    """201 parks the caller (#72), nobody fetches him for 5 s, he rings 201 again, who answers and hangs up."""
    caller, desk = await _parks(office)
    await answers(desk)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(caller)
    return [Told(dialed=own_number("201"), talked_to=("201",))]


async def parked_and_hangs_up(office: Office) -> list[Told]:
    """201 parks the caller (#72), who has no patience."""
    caller, desk = await _parks(office)
    await pause(0.8)
    await hangs_up(caller)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk))]


async def _parks(office: Office) -> tuple[SipPhone, SipPhone]:
    caller, desk = await office.talks()
    await desk.send_digits("#72")
    await office.hears("ParkedCall", ParkingSpace="701")
    await is_over(desk)
    return caller, desk


# --- the conference room


async def conference_of_three(office: Office) -> list[Told]:
    """A caller, 201 and 202 meet in room 800; 201 leaves first, then the caller, then 202."""
    caller = await office.calls(CONFERENCE)
    await caller.wait_for(PhoneState.TALKING)
    first, second = await office.phone("201"), await office.phone("202")
    for number, phone in enumerate((first, second), start=2):
        await phone.dial("800", number=phone.name)
        await office.hears("ConfbridgeJoin", count=number)
        await pause(0.6)
    for phone in (first, caller, second):
        await hangs_up(phone)
        await pause()
    return [
        _in_room("201", (CALLER, "202")),
        Told(dialed=CONFERENCE, talked_to=("201", "202"), ring_s=0.0),
        _in_room("202", (CALLER, "201")),
    ]


async def conference_alone(office: Office) -> list[Told]:
    """A caller is in room 800, where nobody comes, and hangs up."""
    caller = await office.calls(CONFERENCE)
    await caller.wait_for(PhoneState.TALKING)
    await pause(0.8)
    await hangs_up(caller)
    return [Told(dialed=CONFERENCE, outcome="abandoned", ring_s=0.0, talk_s=0.0)]


def _in_room(extension: str, others: tuple[str, ...]) -> Told:
    return Told(direction="internal", caller=extension, dialed="800", talked_to=others, ring_s=0.0)


# --- recording


async def recorded_by_manager(office: Office) -> list[Told]:
    """A program records the call of 201 for a while (MixMonitor on the caller's channel); the caller hangs up."""
    caller, desk = await office.talks()
    channel = office.ami.channel("PJSIP/provider")
    office.ami.say("MixMonitor", Channel=channel, File="call.wav", Options="b")
    await office.hears("MixMonitorStart")
    await pause(0.6)
    office.ami.say("StopMixMonitor", Channel=channel)
    await office.hears("MixMonitorStop")
    await pause(0.3)
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk))]


async def recorded_by_code(office: Office) -> list[Told]:
    """201 records the call (*5) until its end; 201 hangs up."""
    caller, desk = await office.talks()
    await desk.send_digits("*5")
    await office.hears("MixMonitorStart")
    await pause(0.6)
    await hangs_up(desk)
    await is_over(caller)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk))]


# --- ends


async def hung_up_by_code(office: Office) -> list[Told]:
    """201 ends the call with *0."""
    caller, desk = await office.talks()
    await desk.send_digits("*0")
    await is_over(caller, desk)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk))]


async def caller_vanishes(office: Office) -> list[Told]:
    """The caller's phone dies in the middle of the call; Asterisk hears nothing for 3 s and ends it."""
    _, desk = await office.talks()
    os.kill(office.outside.pid, signal.SIGKILL)
    await is_over(desk)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk))]


STORIES: tuple[Story, ...] = (
    parked_and_fetched,
    parked_by_phone_and_fetched,
    parked_too_long,
    parked_and_hangs_up,
    conference_of_three,
    conference_alone,
    recorded_by_manager,
    recorded_by_code,
    hung_up_by_code,
    caller_vanishes,
)
