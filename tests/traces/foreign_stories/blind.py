"""A caller is sent on without a word."""

from __future__ import annotations

from callwright.demo.phones import Answer, PhoneState, Reject
from tests.traces.foreign_office import (
    CALLER,
    CUSTOMER,
    SUPPORT,
    Office,
    Story,
    Told,
    Transfer,
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


async def blind_answered(office: Office) -> list[Told]:
    """201 sends the caller to 202 (REFER), who answers; the caller hangs up."""
    target = await office.phone("202")
    caller, desk = await office.talks()
    await desk.transfer("202")
    await answers(target)
    await is_over(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [
        Told(
            dialed=own_number("201"),
            talked_to=("201", "202"),
            transfers=(Transfer("blind"),),
            ring_s=rang(desk) + rang(target),
            talk_s=talked(desk) + talked(target),
        )
    ]


async def blind_no_answer(office: Office) -> list[Told]:
    """201 sends the caller to 202 (REFER), where nobody answers for 3 s; the caller is hung up on."""
    target = await office.phone("202")
    caller, desk = await office.talks()
    await desk.transfer("202")
    await is_over(desk, target, caller)
    return [
        Told(
            dialed=own_number("201"),
            talked_to=("201",),
            transfers=(Transfer("blind", outcome="no_answer"),),
            ring_s=rang(desk) + rang_in_vain(target),
            talk_s=talked(desk),
        )
    ]


async def blind_busy(office: Office) -> list[Told]:
    """201 sends the caller to 202 (REFER), whose phone says busy; the caller hears that for a second."""
    await office.phone("202", Reject(code=486))
    caller, desk = await office.talks()
    await desk.transfer("202")
    await is_over(desk, caller)
    transfer = Transfer("blind", outcome="busy")
    return [Told(dialed=own_number("201"), talked_to=("201",), transfers=(transfer,), talk_s=talked(desk))]


async def blind_given_up(office: Office) -> list[Told]:
    """201 sends the caller to 202 (REFER), and the caller hangs up while it rings there."""
    target = await office.phone("202")
    caller, desk = await office.talks()
    await desk.transfer("202")
    await rings(target)
    await hangs_up(caller)
    await is_over(desk, target)
    return [
        Told(
            dialed=own_number("201"),
            talked_to=("201",),
            transfers=(Transfer("blind", outcome="cancelled"),),
            ring_s=rang(desk) + rang_in_vain(target),
            talk_s=talked(desk),
        )
    ]


async def blind_to_outside(office: Office) -> list[Told]:
    """201 sends the caller to somebody outside (REFER), who answers; the caller hangs up."""
    customer = await office.customer()
    caller, desk = await office.talks()
    await desk.transfer(CUSTOMER)
    await answers(customer)
    await is_over(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(customer)
    return [
        Told(
            dialed=own_number("201"),
            talked_to=("201", CUSTOMER),
            transfers=(Transfer("blind", to=CUSTOMER),),
            talk_s=talked(desk) + talked(customer),
        )
    ]


async def blind_to_the_queue(office: Office) -> list[Told]:
    """203 sends the caller to the queue 301 (REFER), where 202 answers and hangs up."""
    member = await office.phone("202")
    caller, desk = await office.talks("203")
    await desk.transfer("301")
    await answers(member)
    await pause(0.6)
    await hangs_up(member)
    await is_over(desk, caller)
    return [
        Told(
            dialed=own_number("203"),
            talked_to=("203", "202"),
            transfers=(Transfer("blind", by="203", to="301"),),
            wait_s=seconds((desk, "ended"), (member, "talking")),
            talk_s=talked(desk) + talked(member),
        )
    ]


async def blind_to_nobody(office: Office) -> list[Told]:
    """201 tries to send the caller to 299, which does not exist (REFER): refused, and no event tells; they talk on."""
    caller, desk = await office.talks()
    await desk.transfer("299")
    await desk.wait_until(lambda: desk.transfer_code == 404, "told that nobody is there")
    await pause(0.5)
    assert caller.state is desk.state is PhoneState.TALKING
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("201"), talked_to=("201",), talk_s=talked(desk))]


async def blind_by_code_to_nobody(office: Office) -> list[Told]:
    """201 tries ##299, which does not exist, and is back with the caller after a tone, who hangs up."""
    caller, desk = await office.talks()
    await desk.send_digits("##")
    await pause(0.8)
    await desk.send_digits("299")
    await office.hears("Unhold")
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("201"), talked_to=("201",))]


async def blind_by_manager_to_nobody(office: Office) -> list[Told]:
    """A program sends the caller of 201 to 299, which does not exist (AMI BlindTransfer): he is thrown out."""
    caller, desk = await office.talks()
    office.ami.say("BlindTransfer", Channel=office.ami.channel("PJSIP/201"), Context="internal", Exten="299")
    await is_over(desk, caller)
    transfer = Transfer("blind", to="299", outcome="failed")
    return [Told(dialed=own_number("201"), talked_to=("201",), transfers=(transfer,), talk_s=talked(desk))]


async def blind_by_code(office: Office) -> list[Told]:
    """201 sends the caller to 202 by ##202, who answers and hangs up."""
    target = await office.phone("202")
    caller, desk = await office.talks()
    await desk.send_digits("##")
    await pause(0.8)
    await desk.send_digits("202")
    await answers(target)
    await is_over(desk)
    await pause(0.6)
    await hangs_up(target)
    await is_over(caller)
    return [Told(dialed=own_number("201"), talked_to=("201", "202"), transfers=(Transfer("blind"),))]


async def blind_by_manager(office: Office) -> list[Told]:
    """A program sends the caller of 201 to 202 (AMI BlindTransfer), who answers; the caller hangs up."""
    target = await office.phone("202")
    caller, desk = await office.talks()
    office.ami.say("BlindTransfer", Channel=office.ami.channel("PJSIP/201"), Context="internal", Exten="202")
    await answers(target)
    await is_over(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [
        Told(
            dialed=own_number("201"),
            talked_to=("201", "202"),
            transfers=(Transfer("blind"),),
            ring_s=rang(desk) + rang(target),
            talk_s=talked(desk) + talked(target),
        )
    ]


async def blind_twice(office: Office) -> list[Told]:
    """201 sends the caller to 202, who sends him on to 203 (both REFER); 203 hangs up."""
    second, third = await office.phone("202"), await office.phone("203")
    caller, desk = await office.talks()
    await desk.transfer("202")
    await answers(second)
    await pause(0.5)
    await second.transfer("203")
    await answers(third)
    await pause(0.5)
    await hangs_up(third)
    await is_over(desk, second, caller)
    return [
        Told(
            dialed=own_number("201"),
            talked_to=("201", "202", "203"),
            transfers=(Transfer("blind"), Transfer("blind", by="202", to="203")),
            talk_s=talked(desk) + talked(second) + talked(third),
        )
    ]


async def blind_between_colleagues(office: Office) -> list[Told]:
    """201 calls 203, who sends him to 202 (REFER); 202 answers and hangs up."""
    caller, desk, target = await office.phone("201"), await office.phone("203"), await office.phone("202")
    await caller.dial("203", number="201")
    await answers(desk)
    await pause(0.5)
    await desk.transfer("202")
    await answers(target)
    await pause(0.5)
    await hangs_up(target)
    await is_over(desk, caller)
    return [
        Told(
            direction="internal",
            caller="201",
            dialed="203",
            talked_to=("203", "202"),
            transfers=(Transfer("blind", by="203", to="202"),),
            talk_s=talked(desk) + talked(target),
        )
    ]


async def queue_answered_then_blind_by_code(office: Office) -> list[Told]:
    """201 answers for the queue and sends the caller to 203 by ##203, who answers; the caller hangs up."""
    desk, target = await office.phone("201"), await office.phone("203", Answer(after_s=0.5))
    caller = await office.calls(SUPPORT)
    await answers(desk)
    waited = seconds((caller, "talking"), (desk, "talking"))
    await pause(0.5)
    await desk.send_digits("##")
    await pause(0.8)
    await desk.send_digits("203")
    await target.wait_for(PhoneState.TALKING)
    await is_over(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [
        Told(
            caller=CALLER,
            dialed=SUPPORT,
            talked_to=("201", "203"),
            transfers=(Transfer("blind", to="203"),),
            wait_s=waited,
        )
    ]


STORIES: tuple[Story, ...] = (
    blind_answered,
    blind_no_answer,
    blind_busy,
    blind_given_up,
    blind_to_outside,
    blind_to_the_queue,
    blind_to_nobody,
    blind_by_code_to_nobody,
    blind_by_manager_to_nobody,
    blind_by_code,
    blind_by_manager,
    blind_twice,
    blind_between_colleagues,
    queue_answered_then_blind_by_code,
)
