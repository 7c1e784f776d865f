"""A caller is put aside while his partner asks a colleague: attended and blond transfers, three-way conversations.

The office's codes: *2 begins and completes, *1 gives up, *3 makes it three.
"""

from __future__ import annotations

from callwright.demo.phones import PhoneState, Reject, SipPhone
from tests.traces.foreign_office import (
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
    rings,
    seconds,
)

# --- on two lines of the phone


async def attended_by_phone(office: Office) -> list[Told]:
    """201 holds the caller, asks 202 on the second line and connects both (REFER, Replaces); the caller hangs up."""
    caller, desk, line, target = await _asks_by_phone(office)
    await desk.connect(line)
    await is_over(desk, line)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [_told("202", transfers=(Transfer("attended"),))]


async def attended_by_phone_colleague_hangs_up(office: Office) -> list[Told]:
    """201 holds the caller, asks 202 on the second line and connects both the other way round; 202 hangs up."""
    caller, desk, line, target = await _asks_by_phone(office)
    await line.connect(desk)
    await is_over(desk, line)
    await pause(0.6)
    await hangs_up(target)
    await is_over(caller)
    return [_told("202", transfers=(Transfer("attended"),))]


async def consultation_by_phone(office: Office) -> list[Told]:
    """201 holds the caller, asks 202 on the second line, hangs up there and talks on with the caller, who hangs up."""
    caller, desk, line, target = await _asks_by_phone(office)
    await hangs_up(line)
    await is_over(target)
    await desk.resume()
    await desk.wait_for(PhoneState.TALKING)
    await pause(0.5)
    await hangs_up(caller)
    await is_over(desk)
    asked = seconds((target, "talking"), (target, "ended"))
    return [_between_colleagues(talked_to=("202",), talk_s=asked), _told()]


async def consultation_by_phone_in_vain(office: Office) -> list[Told]:
    """201 holds the caller, 202 is busy, 201 talks on with the caller and hangs up."""
    await office.phone("202", Reject(code=486))
    caller, desk = await office.talks()
    line = await _dials_on_second_line(office, desk)
    await is_over(line)
    await desk.resume()
    await desk.wait_for(PhoneState.TALKING)
    await pause(0.5)
    await hangs_up(desk)
    await is_over(caller)
    return [_between_colleagues(outcome="busy"), _told()]


async def blond_by_phone(office: Office) -> list[Told]:
    """201 holds the caller, dials 202 on the second line and connects both while it rings; 202 answers and hangs up."""
    target = await office.phone("202")
    caller, desk = await office.talks()
    line = await _dials_on_second_line(office, desk)
    await rings(target)
    await desk.connect(line)
    await is_over(desk, line)
    await answers(target)
    await pause(0.6)
    await hangs_up(target)
    await is_over(caller)
    return [_told("202", transfers=(Transfer("blond"),))]


async def _asks_by_phone(office: Office) -> tuple[SipPhone, SipPhone, SipPhone, SipPhone]:
    target = await office.phone("202")
    caller, desk = await office.talks()
    line = await _dials_on_second_line(office, desk)
    await answers(target)
    await line.wait_for(PhoneState.TALKING)
    await pause(0.5)
    return caller, desk, line, target


async def _dials_on_second_line(office: Office, desk: SipPhone) -> SipPhone:
    await desk.hold()
    await desk.wait_for(PhoneState.HELD)
    line = await office.second_line("201")
    await line.dial("202", number="201")
    return line


# --- with the office's codes


async def attended_by_code(office: Office) -> list[Told]:
    """201 asks 202 (*2) and completes by hanging up; the caller hangs up."""
    caller, desk, target = await _asks_by_code(office)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [_told("202", transfers=(Transfer("attended"),))]


async def attended_by_code_completed_by_code(office: Office) -> list[Told]:
    """201 asks 202 (*2) and completes with *2; 202 hangs up."""
    caller, desk, target = await _asks_by_code(office)
    await desk.send_digits("*2")
    await is_over(desk)
    await pause(0.6)
    await hangs_up(target)
    await is_over(caller)
    return [_told("202", transfers=(Transfer("attended"),))]


async def attended_given_up(office: Office) -> list[Told]:
    """201 asks 202 (*2), goes back to the caller (*1), they talk on and the caller hangs up."""
    caller, desk, target = await _asks_by_code(office)
    await desk.send_digits("*1")
    await is_over(target)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [_told(transfers=(Transfer("attended", outcome="cancelled"),))]


async def attended_given_up_while_ringing(office: Office) -> list[Told]:
    """201 calls 202 (*2), goes back to the caller (*1) while it rings there; the caller hangs up."""
    caller, desk, target = await _calls_by_code(office)
    await rings(target)
    await desk.send_digits("*1")
    await is_over(target)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [_told(transfers=(Transfer("attended", outcome="cancelled"),))]


async def attended_colleague_hangs_up(office: Office) -> list[Told]:
    """201 asks 202 (*2), who hangs up; 201 talks on with the caller and hangs up."""
    caller, desk, target = await _asks_by_code(office)
    await hangs_up(target)
    await pause(0.8)
    await hangs_up(desk)
    await is_over(caller)
    return [_told(transfers=(Transfer("attended", outcome="cancelled"),))]


async def attended_busy(office: Office) -> list[Told]:
    """201 calls 202 (*2), who is busy; 201 is back with the caller, who hangs up."""
    target = await office.phone("202", Reject(code=486))
    caller, desk = await office.talks()
    await _presses(desk, "*2", "202")
    await is_over(target)
    await office.hears("Unhold")
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [_told(transfers=(Transfer("attended", outcome="busy"),))]


async def attended_no_answer(office: Office) -> list[Told]:
    """201 calls 202 (*2), nobody answers for 3 s; 201 is back with the caller, who hangs up."""
    caller, desk, target = await _calls_by_code(office)
    await is_over(target)
    await office.hears("Unhold")
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [_told(transfers=(Transfer("attended", outcome="no_answer"),))]


async def attended_caller_gives_up(office: Office) -> list[Told]:
    """201 asks 202 (*2); the caller loses patience and hangs up; 201 and 202 talk on for a moment."""
    caller, desk, target = await _asks_by_code(office)
    await hangs_up(caller)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(target)
    return [_told(transfers=(Transfer("attended", outcome="cancelled"),))]


async def blond_answered(office: Office) -> list[Told]:
    """201 calls 202 (*2) and hangs up while it rings; 202 answers the caller and hangs up."""
    caller, desk, target = await _calls_by_code(office)
    await rings(target)
    await hangs_up(desk)
    await answers(target)
    await pause(0.6)
    await hangs_up(target)
    await is_over(caller)
    return [_told("202", transfers=(Transfer("blond"),))]


async def blond_recalled(office: Office) -> list[Told]:
    """201 calls 202 (*2) and hangs up while it rings; nobody answers, 201 is called back and hangs up later."""
    caller, desk, target = await _calls_by_code(office)
    await rings(target)
    await hangs_up(desk)
    await is_over(target)
    await answers(desk)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(caller)
    return [_told(transfers=(Transfer("blond", outcome="no_answer"),))]


async def blond_nobody(office: Office) -> list[Told]:
    """201 calls 202 (*2) and hangs up while it rings; neither 202 nor 201, called back, answers: it is over."""
    caller, desk, target = await _calls_by_code(office)
    await rings(target)
    await hangs_up(desk)
    await desk.wait_for(PhoneState.RINGING)
    await is_over(caller, desk, target)
    return [_told(transfers=(Transfer("blond", outcome="no_answer"),))]


async def three_way_first_leaves(office: Office) -> list[Told]:
    """201 asks 202 (*2), makes it three (*3) and leaves; the caller talks on with 202 and hangs up."""
    caller, desk, target = await _asks_by_code(office)
    await desk.send_digits("*3")
    await office.hears("AttendedTransfer")
    await pause(0.8)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [_told("202", transfers=(Transfer("attended"),))]


async def three_way_colleague_leaves(office: Office) -> list[Told]:
    """201 asks 202 (*2), makes it three (*3), and 202 leaves; 201 talks on with the caller, who hangs up."""
    caller, desk, target = await _asks_by_code(office)
    await desk.send_digits("*3")
    await office.hears("AttendedTransfer")
    await pause(0.8)
    await hangs_up(target)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [_told("202")]


async def queue_answered_then_attended(office: Office) -> list[Told]:
    """201 answers for the queue, asks 203 (*2) and hangs up; the caller talks with 203 and hangs up."""
    desk, target = await office.phone("201"), await office.phone("203")
    caller = await office.calls(SUPPORT)
    await answers(desk)
    waited = seconds((caller, "talking"), (desk, "talking"))
    await pause(0.5)
    await _presses(desk, "*2", "203")
    await answers(target)
    await pause(0.5)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    transfer = Transfer("attended", to="203")
    return [Told(dialed=SUPPORT, talked_to=("201", "203"), transfers=(transfer,), wait_s=waited)]


async def attended_to_outside(office: Office) -> list[Told]:
    """201 asks somebody outside (*2) and hangs up; the caller talks with him and hangs up."""
    outsider = await office.customer()
    caller, desk = await office.talks()
    await _presses(desk, "*2", CUSTOMER)
    await answers(outsider)
    await pause(0.5)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(outsider)
    return [_told(CUSTOMER, transfers=(Transfer("attended", to=CUSTOMER),))]


async def attended_to_the_queue(office: Office) -> list[Told]:
    """203 calls the queue 301 (*2), speaks with 202 who answers there, and hangs up; 202 talks on and hangs up."""
    member = await office.phone("202")
    caller, desk = await office.talks("203")
    await _presses(desk, "*2", "301")
    await answers(member)
    await pause(0.5)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(member)
    await is_over(caller)
    transfer = Transfer("attended", by="203", to="301")
    return [Told(dialed=own_number("203"), talked_to=("203", "202"), transfers=(transfer,))]


async def blond_to_the_queue(office: Office) -> list[Told]:
    """203 calls the queue 301 (*2) and hangs up while it rings there; 202 answers the caller and hangs up."""
    member = await office.phone("202")
    caller, desk = await office.talks("203")
    await _presses(desk, "*2", "301")
    await rings(member)
    await hangs_up(desk)
    await answers(member)
    await pause(0.6)
    await hangs_up(member)
    await is_over(caller)
    transfer = Transfer("blond", by="203", to="301")
    return [Told(dialed=own_number("203"), talked_to=("203", "202"), transfers=(transfer,))]


async def outbound_then_attended(office: Office) -> list[Told]:
    """201 calls somebody outside, asks 202 (*2) and hangs up; the customer talks with 202 and hangs up."""
    desk, target, customer = await office.phone("201"), await office.phone("202"), await office.customer()
    await desk.dial(CUSTOMER, number="201")
    await answers(customer)
    await pause(0.5)
    await _presses(desk, "*2", "202")
    await answers(target)
    await pause(0.5)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(customer)
    await is_over(target)
    return [
        Told(
            direction="outbound",
            caller="201",
            dialed=CUSTOMER,
            talked_to=("201", "202"),
            transfers=(Transfer("attended"),),
        )
    ]


async def _asks_by_code(office: Office) -> tuple[SipPhone, SipPhone, SipPhone]:
    caller, desk, target = await _calls_by_code(office)
    await answers(target)
    await pause(0.6)
    return caller, desk, target


async def _calls_by_code(office: Office) -> tuple[SipPhone, SipPhone, SipPhone]:
    target = await office.phone("202")
    caller, desk = await office.talks()
    await _presses(desk, "*2", "202")
    return caller, desk, target


async def _presses(desk: SipPhone, code: str, extension: str) -> None:
    await desk.send_digits(code)
    await pause(0.8)
    await desk.send_digits(extension)


# --- by a program


async def attended_by_manager(office: Office) -> list[Told]:
    """A program lets 201 ask 202 (AMI Atxfer); 201 hangs up, the caller talks with 202 and hangs up."""
    caller, desk, target = await _asks_by_manager(office)
    await hangs_up(desk)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(target)
    return [_told("202", transfers=(Transfer("attended"),))]


async def attended_by_manager_given_up(office: Office) -> list[Told]:
    """A program lets 201 ask 202 (AMI Atxfer) and takes it back (CancelAtxfer); the caller hangs up."""
    caller, desk, target = await _asks_by_manager(office)
    office.ami.say("CancelAtxfer", Channel=office.ami.channel("PJSIP/201"))
    await is_over(target)
    await pause(0.6)
    await hangs_up(caller)
    await is_over(desk)
    return [_told(transfers=(Transfer("attended", outcome="cancelled"),))]


async def _asks_by_manager(office: Office) -> tuple[SipPhone, SipPhone, SipPhone]:
    target = await office.phone("202")
    caller, desk = await office.talks()
    office.ami.say("Atxfer", Channel=office.ami.channel("PJSIP/201"), Context="internal", Exten="202")
    await answers(target)
    await pause(0.6)
    return caller, desk, target


# --- what is told


def _told(*others: str, transfers: tuple[Transfer, ...] = ()) -> Told:
    return Told(dialed=own_number("201"), talked_to=("201", *others), transfers=transfers)


def _between_colleagues(
    *, talked_to: tuple[str, ...] = (), outcome: str = "answered", talk_s: float | None = None
) -> Told:
    return Told(direction="internal", caller="201", dialed="202", talked_to=talked_to, outcome=outcome, talk_s=talk_s)


STORIES: tuple[Story, ...] = (
    attended_by_phone,
    attended_by_phone_colleague_hangs_up,
    consultation_by_phone,
    consultation_by_phone_in_vain,
    blond_by_phone,
    attended_by_code,
    attended_by_code_completed_by_code,
    attended_given_up,
    attended_given_up_while_ringing,
    attended_colleague_hangs_up,
    attended_busy,
    attended_no_answer,
    attended_caller_gives_up,
    blond_answered,
    blond_recalled,
    blond_nobody,
    three_way_first_leaves,
    three_way_colleague_leaves,
    queue_answered_then_attended,
    attended_to_outside,
    attended_to_the_queue,
    blond_to_the_queue,
    outbound_then_attended,
    attended_by_manager,
    attended_by_manager_given_up,
)
