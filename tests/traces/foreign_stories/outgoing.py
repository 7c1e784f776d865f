"""The office calls: outside, a colleague, or by a program that rings the phone first."""

from __future__ import annotations

from callwright.demo.phones import PhoneState, Reject, SipPhone
from tests.traces.foreign_office import (
    CUSTOMER,
    Office,
    Story,
    Told,
    answers,
    hangs_up,
    is_over,
    pause,
    rang,
    rang_in_vain,
    rings,
    talked,
)

ABROAD = "00442079460123"

# --- a desk phone calls outside; the office's own number is shown there


async def outbound_answered(office: Office) -> list[Told]:
    """201 calls a customer, who answers and hangs up."""
    desk, customer = await _dials(office)
    await answers(customer)
    await pause(0.6)
    await hangs_up(customer)
    await is_over(desk)
    return [_outbound(talked_to=("201",), ring_s=rang(customer), talk_s=talked(customer))]


async def outbound_abroad_from_account_named_endpoint(office: Office) -> list[Told]:
    """207, whose endpoint is called 150010001, calls somebody abroad, who answers; 207 hangs up."""
    desk, customer = await office.phone("207"), await office.customer()
    await desk.dial(ABROAD, number="150010001")
    await answers(customer)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(customer)
    return [
        Told(
            direction="outbound",
            caller="207",
            dialed=ABROAD,
            talked_to=("207",),
            ring_s=rang(customer),
            talk_s=talked(customer),
        )
    ]


async def outbound_busy(office: Office) -> list[Told]:
    """201 calls a customer, who is busy."""
    desk, _ = await _dials(office, Reject(code=486))
    await is_over(desk)
    return [_outbound(outcome="busy", talk_s=0.0)]


async def outbound_rejected(office: Office) -> list[Told]:
    """201 calls a customer, who declines (603)."""
    desk, customer = await _dials(office, Reject(code=603, after_s=0.5))
    await is_over(desk)
    return [_outbound(outcome="rejected", ring_s=rang_in_vain(customer), talk_s=0.0)]


async def outbound_no_answer(office: Office) -> list[Told]:
    """201 calls a customer, who does not answer for 3 s."""
    desk, customer = await _dials(office)
    await is_over(desk, customer)
    return [_outbound(outcome="no_answer", ring_s=rang_in_vain(customer), talk_s=0.0)]


async def outbound_cancelled(office: Office) -> list[Told]:
    """201 calls a customer and hangs up while it rings there."""
    desk, customer = await _dials(office)
    await rings(customer)
    await hangs_up(desk)
    await is_over(customer)
    return [_outbound(outcome="cancelled", ring_s=rang_in_vain(customer), talk_s=0.0)]


async def outbound_number_that_fails(office: Office) -> list[Told]:
    """201 calls a number that the provider does not know (404)."""
    desk, _ = await _dials(office, Reject(code=404))
    await is_over(desk)
    return [_outbound(outcome="failed", talk_s=0.0)]


async def _dials(office: Office, reaction: Reject | None = None) -> tuple[SipPhone, SipPhone]:
    desk, customer = await office.phone("201"), await office.customer(reaction)
    await desk.dial(CUSTOMER, number="201")
    return desk, customer


# --- a program calls: the desk phone first, then the customer


async def click_to_call(office: Office) -> list[Told]:
    """A program rings 201 and, when that is answered, the customer, who answers and hangs up."""
    desk, customer = await _clicks(office)
    await answers(desk)
    await answers(customer)
    await pause(0.6)
    await hangs_up(customer)
    await is_over(desk)
    return [_outbound(talked_to=("201",), ring_s=rang(customer), talk_s=talked(customer))]


async def click_to_call_through_local(office: Office) -> list[Told]:
    """A program rings 201 through a Local channel and then the customer, who answers; 201 hangs up."""
    desk, customer = await _clicks(office, channel="Local/201@internal")
    await answers(desk)
    await answers(customer)
    await pause(0.6)
    await hangs_up(desk)
    await is_over(customer)
    return [_outbound(talked_to=("201",), talk_s=talked(customer))]


async def click_to_call_busy(office: Office) -> list[Told]:
    """A program rings 201, who answers, and the customer, who is busy."""
    desk, _ = await _clicks(office, customer=Reject(code=486))
    await answers(desk)
    await is_over(desk)
    return [_outbound(outcome="busy", talk_s=0.0)]


async def click_to_call_no_answer(office: Office) -> list[Told]:
    """A program rings 201, who answers, and the customer, who does not for 3 s."""
    desk, customer = await _clicks(office)
    await answers(desk)
    await is_over(customer, desk)
    return [_outbound(outcome="no_answer", ring_s=rang_in_vain(customer), talk_s=0.0)]


async def click_to_call_refused(office: Office) -> list[Told]:
    """A program rings 201, who declines (603): the customer is never called."""
    desk, _ = await _clicks(office, desk=Reject(code=603, after_s=0.4))
    await is_over(desk)
    await office.hears("OriginateResponse")
    return [_outbound(outcome="rejected", talk_s=0.0)]


async def click_to_call_not_noticed(office: Office) -> list[Told]:
    """A program rings 201 for 2 s, nobody answers: the customer is never called."""
    desk, _ = await _clicks(office)
    await is_over(desk)
    await office.hears("OriginateResponse")
    return [_outbound(outcome="no_answer", talk_s=0.0)]


async def _clicks(
    office: Office, *, channel: str = "PJSIP/201", desk: Reject | None = None, customer: Reject | None = None
) -> tuple[SipPhone, SipPhone]:
    phones = await office.phone("201", desk), await office.customer(customer)
    office.ami.say(
        "Originate",
        Channel=channel,
        Context="internal",
        Exten=CUSTOMER,
        Priority="1",
        CallerID=f"Customer <{CUSTOMER}>",
        Timeout="2000",
        Async="true",
    )
    return phones


# --- colleagues


async def internal_answered(office: Office) -> list[Told]:
    """201 calls 202, who answers; 201 hangs up."""
    first, second = await _calls_colleague(office)
    await answers(second)
    await pause(0.6)
    await hangs_up(first)
    await is_over(second)
    return [_internal(talked_to=("202",), ring_s=rang(second), talk_s=talked(second))]


async def internal_cancelled(office: Office) -> list[Told]:
    """201 calls 202 and hangs up while it rings."""
    first, second = await _calls_colleague(office)
    await rings(second)
    await hangs_up(first)
    await is_over(second)
    return [_internal(outcome="cancelled", ring_s=rang_in_vain(second), talk_s=0.0)]


async def internal_busy(office: Office) -> list[Told]:
    """201 calls 202, who is busy."""
    first, _ = await _calls_colleague(office, Reject(code=486))
    await is_over(first)
    return [_internal(outcome="busy", talk_s=0.0)]


async def internal_held_while_calling_outside(office: Office) -> list[Told]:
    """201 talks with 202, holds, calls a customer on the second line, comes back to 202, who hangs up."""
    customer = await office.customer()
    first, second = await _calls_colleague(office)
    await answers(second)
    await pause(0.5)
    await first.hold()
    await first.wait_for(PhoneState.HELD)
    line = await office.second_line("201")
    await line.dial(CUSTOMER, number="201")
    await answers(customer)
    await pause(0.5)
    await hangs_up(line)
    await is_over(customer)
    await first.resume()
    await first.wait_for(PhoneState.TALKING)
    await pause(0.4)
    await hangs_up(second)
    await is_over(first)
    return [
        _outbound(talked_to=("201",), ring_s=rang(customer), talk_s=talked(customer)),
        _internal(talked_to=("202",), ring_s=rang(second), talk_s=talked(second, holder=first)),
    ]


async def _calls_colleague(office: Office, reaction: Reject | None = None) -> tuple[SipPhone, SipPhone]:
    first, second = await office.phone("201"), await office.phone("202", reaction)
    await first.dial("202", number="201")
    return first, second


# --- what is told


def _outbound(
    *, talked_to: tuple[str, ...] = (), outcome: str = "answered", ring_s: float | None = None, talk_s: float
) -> Told:
    return Told(
        direction="outbound",
        caller="201",
        dialed=CUSTOMER,
        talked_to=talked_to,
        outcome=outcome,
        ring_s=ring_s,
        talk_s=talk_s,
    )


def _internal(
    *, talked_to: tuple[str, ...] = (), outcome: str = "answered", ring_s: float | None = None, talk_s: float
) -> Told:
    return Told(
        direction="internal",
        caller="201",
        dialed="202",
        talked_to=talked_to,
        outcome=outcome,
        ring_s=ring_s,
        talk_s=talk_s,
    )


STORIES: tuple[Story, ...] = (
    outbound_answered,
    outbound_abroad_from_account_named_endpoint,
    outbound_busy,
    outbound_rejected,
    outbound_no_answer,
    outbound_cancelled,
    outbound_number_that_fails,
    click_to_call,
    click_to_call_through_local,
    click_to_call_busy,
    click_to_call_no_answer,
    click_to_call_refused,
    click_to_call_not_noticed,
    internal_answered,
    internal_cancelled,
    internal_busy,
    internal_held_while_calling_outside,
)
