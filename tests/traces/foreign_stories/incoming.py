"""Somebody outside calls one phone of the office, or its menu."""

from __future__ import annotations

from callwright.demo.phones import PhoneState, Reject, SipPhone
from tests.traces.foreign_office import (
    MENU,
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
    talked,
)


async def inbound_caller_hangs_up(office: Office) -> list[Told]:
    """A caller reaches 201, they talk, the caller hangs up."""
    caller, desk = await office.talks()
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk))]


async def inbound_desk_hangs_up(office: Office) -> list[Told]:
    """A caller whose number comes with its country reaches 201, they talk, 201 hangs up."""
    desk = await office.phone("201")
    caller = await office.calls(own_number("201"), number="+31260010001", name="Janssen & Zn")
    await answers(desk)
    await pause(0.8)
    await hangs_up(desk)
    await is_over(caller)
    told = Told(caller="+31260010001", dialed=own_number("201"), talked_to=("201",), talk_s=talked(desk))
    return [told]


async def inbound_anonymous(office: Office) -> list[Told]:
    """A caller who withholds his number reaches 201 and hangs up."""
    desk = await office.phone("201")
    caller = await office.calls(own_number("201"), number=None)
    await answers(desk)
    await pause(0.5)
    await hangs_up(caller)
    await is_over(desk)
    return [Told(caller="anonymous", dialed=own_number("201"), talked_to=("201",), talk_s=talked(desk))]


async def inbound_busy(office: Office) -> list[Told]:
    """A caller dials 201, whose phone says busy (486)."""
    await office.phone("201", Reject(code=486))
    caller = await office.calls(own_number("201"))
    await is_over(caller)
    return [Told(dialed=own_number("201"), outcome="busy", talk_s=0.0)]


async def inbound_rejected(office: Office) -> list[Told]:
    """A caller dials 201, who looks at the display and declines (603)."""
    desk = await office.phone("201", Reject(code=603, after_s=0.5))
    caller = await office.calls(own_number("201"))
    await is_over(caller)
    return [Told(dialed=own_number("201"), outcome="rejected", ring_s=rang_in_vain(desk), talk_s=0.0)]


async def inbound_no_answer(office: Office) -> list[Told]:
    """A caller dials 201, where nobody answers; Asterisk gives up after 3 s."""
    desk = await office.phone("201")
    caller = await office.calls(own_number("201"))
    await is_over(caller, desk)
    return [Told(dialed=own_number("201"), outcome="no_answer", ring_s=rang_in_vain(desk), talk_s=0.0)]


async def inbound_gives_up_while_ringing(office: Office) -> list[Told]:
    """A caller dials 201 and hangs up while it rings."""
    desk = await office.phone("201")
    caller = await office.calls(own_number("201"))
    await rings(desk)
    await pause()
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("201"), outcome="abandoned", ring_s=rang_in_vain(desk), talk_s=0.0)]


async def inbound_phone_switched_off(office: Office) -> list[Told]:
    """A caller dials 202, whose phone is not there at all."""
    caller = await office.calls(own_number("202"))
    await is_over(caller)
    return [Told(dialed=own_number("202"), outcome="failed", ring_s=0.0, talk_s=0.0)]


async def inbound_number_of_nobody(office: Office) -> list[Told]:
    """A caller dials a number of the office that leads nowhere."""
    caller = await office.calls("0205550199")
    await is_over(caller)
    return [Told(dialed="0205550199", outcome="failed", ring_s=0.0, talk_s=0.0)]


async def inbound_account_named_endpoint(office: Office) -> list[Told]:
    """A caller reaches 207, whose endpoint is called 150010001, and hangs up."""
    caller, desk = await office.talks("207")
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("207"), talked_to=("207",), ring_s=rang(desk), talk_s=talked(desk))]


async def hold_and_resume_by_the_desk(office: Office) -> list[Told]:
    """201 talks with a caller, puts him on hold for a while and takes him back; the caller hangs up."""
    caller, desk = await office.talks()
    await _holds(desk)
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk, holder=desk))]


async def hold_and_resume_by_the_caller(office: Office) -> list[Told]:
    """A caller who talks with 201 puts the office on hold, comes back, and 201 hangs up."""
    caller, desk = await office.talks()
    await _holds(caller)
    await hangs_up(desk)
    await is_over(caller)
    return [Told(dialed=own_number("201"), talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk, holder=caller))]


async def _holds(phone: SipPhone) -> None:
    await phone.hold()
    await phone.wait_for(PhoneState.HELD)
    await pause(0.7)
    await phone.resume()
    await phone.wait_for(PhoneState.TALKING)
    await pause(0.5)


# --- the menu


async def menu_then_phone(office: Office) -> list[Told]:
    """A caller presses 1 in the menu and reaches 201; he hangs up."""
    desk = await office.phone("201")
    caller = await office.calls(MENU)
    await caller.wait_for(PhoneState.TALKING)
    await pause(0.6)
    await caller.send_digits("1")
    await answers(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [Told(dialed=MENU, talked_to=("201",), ring_s=rang(desk), talk_s=talked(desk))]


async def menu_then_number_read(office: Office) -> list[Told]:
    """A caller presses 3 in the menu and then 202, the extension he wants; 202 answers and hangs up."""
    desk = await office.phone("202")
    caller = await office.calls(MENU)
    await caller.wait_for(PhoneState.TALKING)
    await pause(0.6)
    await caller.send_digits("3")
    await pause(0.8)
    await caller.send_digits("202")
    await answers(desk)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(caller)
    return [Told(dialed=MENU, talked_to=("202",), ring_s=rang(desk), talk_s=talked(desk))]


async def menu_hung_up(office: Office) -> list[Told]:
    """A caller listens to the menu for a while and hangs up."""
    caller = await office.calls(MENU)
    await caller.wait_for(PhoneState.TALKING)
    await pause(1.0)
    await hangs_up(caller)
    return [Told(dialed=MENU, outcome="abandoned", ring_s=0.0, talk_s=0.0)]


STORIES: tuple[Story, ...] = (
    inbound_caller_hangs_up,
    inbound_desk_hangs_up,
    inbound_anonymous,
    inbound_busy,
    inbound_rejected,
    inbound_no_answer,
    inbound_gives_up_while_ringing,
    inbound_phone_switched_off,
    inbound_number_of_nobody,
    inbound_account_named_endpoint,
    hold_and_resume_by_the_desk,
    hold_and_resume_by_the_caller,
    menu_then_phone,
    menu_then_number_read,
    menu_hung_up,
)
