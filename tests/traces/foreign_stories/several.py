"""A caller is looked after by several: queues, groups, hunting."""

from __future__ import annotations

from callwright.demo.phones import PhoneState
from tests.support.raw_sip import RawPhone, Reaction
from tests.traces.foreign_office import (
    GROUP,
    HUNT,
    HUNT_NO_OPTIMISATION,
    SALES,
    SUPPORT,
    Office,
    Story,
    Told,
    answers,
    hangs_up,
    is_over,
    own_number,
    pause,
    rang,
    rang_in_vain,
    rings,
    seconds,
    talked,
)

# --- queues


async def queue_answered(office: Office) -> list[Told]:
    """A caller in the queue is answered by 201 and hangs up."""
    desk = await office.phone("201")
    caller = await office.calls(SUPPORT)
    await answers(desk)
    waited = seconds((caller, "talking"), (desk, "talking"))
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [
        Told(dialed=SUPPORT, talked_to=("201",), ring_s=rang(desk), wait_s=waited, talk_s=talked(desk)),
    ]


async def queue_gives_up_waiting(office: Office) -> list[Told]:
    """Nobody's phone is on; the caller waits in the queue for a while and hangs up."""
    caller = await office.calls(SUPPORT)
    await caller.wait_for(PhoneState.TALKING)
    await pause(1.5)
    await hangs_up(caller)
    waited = seconds((caller, "talking"), (caller, "ended"))
    return [Told(dialed=SUPPORT, outcome="abandoned", ring_s=0.0, wait_s=waited, talk_s=0.0)]


async def queue_gives_up_while_ringing(office: Office) -> list[Told]:
    """The caller hangs up while 201's phone rings for the queue."""
    desk = await office.phone("201")
    caller = await office.calls(SUPPORT)
    await rings(desk)
    await pause()
    await hangs_up(caller)
    await is_over(desk)
    waited = seconds((caller, "talking"), (caller, "ended"))
    return [Told(dialed=SUPPORT, outcome="abandoned", ring_s=rang_in_vain(desk), wait_s=waited, talk_s=0.0)]


async def queue_missed_then_another(office: Office) -> list[Told]:
    """201 does not answer the queue's caller within 2 s, 202 does and hangs up."""
    missing = await office.phone("201")
    answering = await office.phone("202")
    caller = await office.calls(SUPPORT)
    await answers(answering)
    await pause(0.6)
    await hangs_up(answering)
    await is_over(caller)
    waited = seconds((caller, "talking"), (answering, "talking"))
    return [
        Told(
            dialed=SUPPORT,
            talked_to=("202",),
            ring_s=rang_in_vain(missing) + rang(answering),
            wait_s=waited,
            talk_s=talked(answering),
        )
    ]


async def queue_of_local_members(office: Office) -> list[Told]:
    """Both members of the other queue are rung through Local channels; 204 answers and hangs up."""
    await office.phone("203")
    desk = await office.phone("204")
    caller = await office.calls(SALES)
    await answers(desk)
    waited = seconds((caller, "talking"), (desk, "talking"))
    await pause(0.6)
    await hangs_up(desk)
    await is_over(caller)
    return [Told(dialed=SALES, talked_to=("204",), ring_s=rang(desk), wait_s=waited, talk_s=talked(desk))]


# --- several phones


async def group_answered_by_the_second(office: Office) -> list[Told]:
    """201, 202 and 203 ring together, 202 answers; the caller hangs up."""
    first, second = await office.phone("201"), await office.phone("202")
    caller = await office.calls(GROUP)
    await rings(first)
    await answers(second)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(first, second)
    return [Told(dialed=GROUP, talked_to=("202",), ring_s=rang(second), talk_s=talked(second))]


async def group_nobody(office: Office) -> list[Told]:
    """201 and 202 ring together for 3 s, nobody answers."""
    first, second = await office.phone("201"), await office.phone("202")
    caller = await office.calls(GROUP)
    await is_over(caller, first, second)
    return [Told(dialed=GROUP, outcome="no_answer", ring_s=rang_in_vain(first), talk_s=0.0)]


async def hunting_by_local(office: Office) -> list[Told]:
    """201 rings in vain behind a Local channel, then 202 behind another, optimised away; 202 hangs up."""
    return await _hunting(office, HUNT)


async def hunting_by_local_n(office: Office) -> list[Told]:
    """201 rings in vain behind a Local channel, then 202 behind another that stays (/n); 202 hangs up."""
    return await _hunting(office, HUNT_NO_OPTIMISATION)


async def _hunting(office: Office, number: str) -> list[Told]:
    first, second = await office.phone("201"), await office.phone("202")
    caller = await office.calls(number)
    await answers(second)
    await pause(0.6)
    await hangs_up(second)
    await is_over(caller)
    both_rang = rang_in_vain(first) + rang(second)
    return [Told(dialed=number, talked_to=("202",), ring_s=both_rang, talk_s=talked(second))]


# --- somebody else takes it


async def forwarded_by_the_phone(office: Office) -> list[Told]:
    """The phone 203 sends its calls to 202 (302), who answers and hangs up."""
    async with RawPhone.at(office.pbx.ports.sip, "203", office.pbx.secret) as forwarding:
        forwarding.when_called = Reaction(redirect=f"sip:202@{office.pbx.sip}".encode())
        await forwarding.register()
        return await _answered_by(office, "202", own_number("203"))


async def forwarded_by_local(office: Office) -> list[Told]:
    """206 is forwarded to 203 by a Local channel; 203 answers and hangs up."""
    return await _answered_by(office, "203", own_number("206"))


async def _answered_by(office: Office, extension: str, number: str) -> list[Told]:
    desk = await office.phone(extension)
    caller = await office.calls(number)
    await answers(desk)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(caller)
    return [Told(dialed=number, talked_to=(extension,), ring_s=rang(desk), talk_s=talked(desk))]


async def two_phones_of_one_agent(office: Office) -> list[Told]:
    """Both phones of 205 ring, the second answers; the caller hangs up."""
    first, second = await office.phone("205"), await office.phone_at_home("205")
    caller = await office.calls(own_number("205"))
    await rings(first)
    await answers(second)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(first, second)
    return [Told(dialed=own_number("205"), talked_to=("205",), ring_s=rang(second), talk_s=talked(second))]


async def picked_up_by_extension(office: Office) -> list[Told]:
    """201 rings for a caller; 202 takes the call with **201 and hangs up."""
    return await _picked_up(office, "**201")


async def picked_up_by_group(office: Office) -> list[Told]:
    """201 rings for a caller; 202, of the same group, takes the call with *8 and hangs up."""
    return await _picked_up(office, "*8")


async def _picked_up(office: Office, code: str) -> list[Told]:
    ringing, taking = await office.phone("201"), await office.phone("202")
    caller = await office.calls(own_number("201"))
    await rings(ringing)
    await taking.dial(code, number="202")
    await taking.wait_for(PhoneState.TALKING)
    await caller.wait_for(PhoneState.TALKING)
    await pause(0.6)
    await hangs_up(taking)
    await is_over(caller, ringing)
    return [Told(dialed=own_number("201"), talked_to=("202",), ring_s=rang_in_vain(ringing), talk_s=talked(taking))]


async def two_calls_at_once(office: Office) -> list[Told]:
    """Two callers talk with 201 and 202 at the same time; the one who came first stays longer."""
    first, second = await office.phone("201"), await office.phone("202")
    early = await office.calls(own_number("201"))
    await rings(first)
    late = await office.calls(own_number("202"), number="0260010002")
    await rings(second)
    await answers(first)
    await answers(second)
    await pause(0.5)
    await hangs_up(late)
    await is_over(second)
    await pause(0.3)
    await hangs_up(early)
    await is_over(first)
    return [
        Told(
            caller="0260010002",
            dialed=own_number("202"),
            talked_to=("202",),
            ring_s=rang(second),
            talk_s=talked(second),
        ),
        Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(first), talk_s=talked(first)),
    ]


STORIES: tuple[Story, ...] = (
    queue_answered,
    queue_gives_up_waiting,
    queue_gives_up_while_ringing,
    queue_missed_then_another,
    queue_of_local_members,
    group_answered_by_the_second,
    group_nobody,
    hunting_by_local,
    hunting_by_local_n,
    forwarded_by_the_phone,
    forwarded_by_local,
    two_phones_of_one_agent,
    picked_up_by_extension,
    picked_up_by_group,
    two_calls_at_once,
)
