"""Call control: to whom a customer may be handed on, who is kept free for it, and what each command is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_core.domain.floor import FloorPlan
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard import Promise
from cti.switchboard.promises import PATIENCE_S
from routing.states import AgentState
from tests.unit.cti.calls.scenes import SERVER
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, floor_plan

NOTHING = CallId("nothing")
NIGHT = OpeningHours(week={})
"""Never open."""
TO_MESSAGE = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")
TO_SERVICE = Overflow(kind=OverflowKind.QUEUE, to="service")


def to_agent(agent: str) -> c.Target:
    return c.Target(kind=c.TargetKind.AGENT, value=agent)


def to_queue(queue: str) -> c.Target:
    return c.Target(kind=c.TargetKind.QUEUE, value=queue)


def to_number(number: str) -> c.Target:
    return c.Target(kind=c.TargetKind.NUMBER, value=number)


class Talk:
    """alice talks with a customer; bob is at work, not free for callers."""

    def __init__(self, plan: FloorPlan | None = None) -> None:
        self.play = Playbook(plan)
        self.play.ready(ALICE)
        self.caller, self.phone = self.play.talks(skills="zh:1/repair:3")
        self.call = self.play.call_of(self.caller)
        self.play.ready(BOB)
        self.play.order_pause(BOB)
        self.play.forget()

    def transfer(self, to: c.Target) -> c.Transfer:
        return c.Transfer(agent=ALICE, call=self.call, to=to)

    def code(self, command: Command) -> str:
        return self.play.order(command).code

    def asks_bob(self) -> Promise:
        return self.play.promised(c.Consult(agent=ALICE, call=self.call, to=to_agent(BOB)))

    def bob_is_called(self) -> str:
        self.play.hear(self.play.asterisk.consults(self.phone, "1002"))
        return self.play.asterisk.last


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (to_agent("nobody"), "target.unknown"),
        (to_agent(ALICE), "target.self"),
        (to_agent(CAROL), "target.unreachable"),
        (to_queue("nowhere"), "target.unknown"),
        (to_number("12"), "number.invalid"),
        (to_number("hello"), "number.invalid"),
        (to_number("1001"), "number.invalid"),
    ],
)
def test_the_target_is_looked_at_before_anything_is_asked_for(to: c.Target, code: str) -> None:
    talk = Talk()
    assert talk.code(talk.transfer(to)) == code
    assert talk.code(c.Consult(agent=ALICE, call=talk.call, to=to)) == code
    assert talk.play.wanted(fx.ChannelEffect) == []


@pytest.mark.parametrize(
    ("vip", "code"),
    [
        ({"open_hours": NIGHT, "overflow": (TO_MESSAGE,)}, "target.closed"),
        ({"open_hours": NIGHT, "overflow": (TO_SERVICE, TO_MESSAGE)}, None),  # he is served there
        ({"open_hours": NIGHT}, None),  # it lets nobody go, and somebody is there
        ({"max_waiting": 1, "overflow": (TO_MESSAGE,)}, "target.full"),
        ({"max_waiting": 2, "overflow": (TO_MESSAGE,)}, None),
        ({"overflow_when": (OverflowWhy.NOBODY,), "overflow": (TO_MESSAGE,)}, None),
    ],
)
def test_into_a_queue_that_would_tell_him_good_bye_nobody_is_sent(vip: dict[str, Any], code: str | None) -> None:
    drawn = floor_plan()
    service, other = drawn.queues
    talk = Talk(replace(drawn, queues=(service, replace(other, **vip))))
    talk.play.caller_waits("13900139000", queue="vip", skills="complaint:4")
    talk.play.forget()
    if code is None:
        talk.play.promised(talk.transfer(to_queue("vip")))
        assert talk.play.wanted(fx.TransferCall)
    else:
        assert talk.code(talk.transfer(to_queue("vip"))) == code
        assert talk.play.wanted(fx.ChannelEffect) == []


@pytest.mark.parametrize(
    ("chain", "code"),
    [((), "target.unserved"), ((TO_MESSAGE,), "target.unserved"), ((TO_SERVICE,), None)],
)
def test_into_a_queue_that_nobody_serves_nobody_is_sent(chain: tuple[Overflow, ...], code: str | None) -> None:
    """… unless it hands its callers to somebody else then."""
    drawn = floor_plan()
    service, other = drawn.queues
    agents = tuple(one if one.id == CAROL else replace(one, queues=(service.key,)) for one in drawn.agents)
    other = replace(other, overflow_when=(OverflowWhy.NOBODY,), overflow=chain)
    talk = Talk(replace(drawn, agents=agents, queues=(service, other)))
    if code is None:
        talk.play.promised(talk.transfer(to_queue("vip")))
        return
    assert talk.code(talk.transfer(to_queue("vip"))) == code
    talk.play.ready(CAROL)
    talk.play.hear(talk.play.asterisk.unregisters("1003"))
    talk.play.promised(talk.transfer(to_queue("vip")))
    talk.play.wait(60)
    assert talk.code(talk.transfer(to_queue("vip"))) == code


def test_nobody_touches_a_call_that_is_not_his() -> None:
    talk = Talk()
    to = to_agent(CAROL)
    for kind in (c.CompleteTransfer, c.CancelTransfer, c.Conference):
        assert talk.code(kind(agent=BOB, call=talk.call)) == "call.not_yours"
        assert talk.code(kind(agent=ALICE, call=NOTHING)) == "call.unknown"
        assert talk.code(kind(agent=AgentId("nobody"), call=talk.call)) == "agent.unknown"
        assert talk.code(kind(agent=ALICE, call=talk.call)) == "consult.none"
    assert talk.code(c.Transfer(agent=BOB, call=talk.call, to=to)) == "call.not_yours"
    assert talk.code(c.Consult(agent=BOB, call=talk.call, to=to)) == "call.not_yours"
    assert talk.play.wanted(fx.ChannelEffect) == []


def test_an_offer_that_still_rings_is_not_handed_on() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.phone_rings(caller)
    play.forget()
    assert play.order(c.Transfer(agent=ALICE, call=play.call_of(caller), to=to_queue("vip"))).code == "call.not_talking"


def test_over_a_lost_line_nothing_is_asked_for() -> None:
    talk = Talk()
    talk.play.hear(e.LinkLost(at=talk.play.asterisk.now, server=SERVER))
    assert talk.code(talk.transfer(to_queue("vip"))) == "link.down"


def test_a_colleague_is_busy_from_the_command_on() -> None:
    talk = Talk()
    promise = talk.play.promised(talk.transfer(to_agent(BOB)))
    [send] = talk.play.wanted(fx.TransferCall)
    assert (send.channel, send.context, send.exten) == (talk.phone, "cw-to-agent", "1001*1002")
    assert talk.play.state(BOB) is AgentState.TALKING
    assert talk.play.result(promise) is None
    talk.play.hear(fx.Done(effect=send))
    result = talk.play.result(promise)
    assert result is not None
    assert result.ok


def test_of_two_who_want_the_same_colleague_the_second_is_told() -> None:
    talk = Talk()
    talk.play.ready(CAROL)
    other, _ = talk.play.talks("13700137000", "en:1")
    talk.play.promised(talk.transfer(to_agent(BOB)))
    again = c.Transfer(agent=CAROL, call=talk.play.call_of(other), to=to_agent(BOB))
    assert talk.code(again) == "target.busy"


def test_who_is_just_being_offered_a_call_is_busy_and_who_is_kept_free_gets_none() -> None:
    talk = Talk()
    talk.play.order(c.SetReady(agent=BOB))
    talk.play.promised(talk.transfer(to_agent(BOB)))
    talk.play.caller_waits("13700137000")
    assert [offer.extension for offer in talk.play.offers] == ["1001"]
    other = Talk()
    other.play.order(c.SetReady(agent=BOB))
    other.play.caller_waits("13700137000")
    assert other.code(other.transfer(to_agent(BOB))) == "target.busy"


@pytest.mark.parametrize(
    ("why", "code"),
    [(fx.Failure.REFUSED, "command.failed"), (fx.Failure.LINE_DOWN, "link.down")],
)
def test_what_does_not_come_about_leaves_the_colleague_free(why: fx.Failure, code: str) -> None:
    talk = Talk()
    promise = talk.play.promised(talk.transfer(to_agent(BOB)))
    talk.play.hear(fx.Failed(effect=talk.play.last(fx.TransferCall), why=why))
    result = talk.play.result(promise)
    assert result is not None
    assert result.code == code
    assert talk.play.state(BOB) is AgentState.PAUSED


def test_a_colleague_whose_phone_is_never_called_is_free_after_a_while() -> None:
    talk = Talk()
    talk.play.promised(talk.transfer(to_agent(BOB)))
    talk.play.hear(fx.Done(effect=talk.play.last(fx.TransferCall)))
    talk.play.wait(30)
    assert talk.play.state(BOB) is AgentState.PAUSED


def test_the_customer_and_the_wrap_up_go_where_they_belong() -> None:
    talk = Talk()
    talk.play.promised(talk.transfer(to_agent(BOB)))
    asterisk = talk.play.asterisk
    talk.play.hear(fx.Done(effect=talk.play.last(fx.TransferCall)))
    talk.play.hear(asterisk.hands_on(talk.phone, talk.caller, "cw-to-agent", "1001*1002"))
    assert talk.play.state(ALICE) is AgentState.WRAP_UP
    talk.play.hear(asterisk.is_called(talk.caller, "1002"))
    bobs = asterisk.last
    talk.play.hear(asterisk.rings(bobs), asterisk.picks_up(bobs, talk.caller))
    talk.play.wait(30)
    assert talk.play.state(BOB) is AgentState.TALKING
    [told] = talk.play.said(e.CallTransferred)
    assert (told.by, told.to, told.outcome) == ("1001", "1002", e.TransferOutcome.COMPLETED)
    talk.play.hear(asterisk.hangs_up(bobs, talk.caller))
    assert talk.play.state(BOB) is AgentState.WRAP_UP


def test_a_queue_is_told_what_it_asks_for_and_keeps_the_language() -> None:
    talk = Talk()
    talk.play.promised(talk.transfer(to_queue("vip")))
    [said, send] = talk.play.wanted(fx.ChannelEffect)
    assert isinstance(said, fx.SetVariables)
    assert (said.channel, said.values) == (talk.caller, {"CW_TO_SKILLS": "zh:1"})
    assert isinstance(send, fx.TransferCall)
    assert (send.context, send.exten) == ("cw-to-queue", "1001*vip")


def test_a_number_is_dialled_as_from_a_telephone_of_the_house() -> None:
    talk = Talk()
    talk.play.promised(talk.transfer(to_number("+44 20 7946 0123")))
    assert talk.play.last(fx.TransferCall).exten == "1001*00442079460123"


# --- consultations


def test_a_consultation_is_answered_when_the_colleague_is_called() -> None:
    talk = Talk()
    promise = talk.asks_bob()
    [ask] = talk.play.wanted(fx.ConsultCall)
    assert (ask.channel, ask.context, ask.exten) == (talk.phone, "cw-consult", "1002#")
    assert talk.code(c.Consult(agent=ALICE, call=talk.call, to=to_queue("vip"))) == "consult.running"
    talk.play.hear(fx.Done(effect=ask))
    assert talk.play.result(promise) is None
    talk.bob_is_called()
    result = talk.play.result(promise)
    assert result is not None
    assert result.ok
    assert [event.party for event in talk.play.said(e.CallConsulted)] == ["1001"]


def test_a_consultation_that_nothing_is_heard_of_times_out() -> None:
    talk = Talk()
    promise = talk.asks_bob()
    talk.play.wait(PATIENCE_S)
    result = talk.play.result(promise)
    assert result is not None
    assert result.code == "command.timed_out"
    assert talk.play.state(BOB) is AgentState.PAUSED


def test_of_a_queue_its_idlest_free_agent_is_consulted() -> None:
    talk = Talk()
    ask = c.Consult(agent=ALICE, call=talk.call, to=to_queue("service"))
    assert talk.code(ask) == "target.busy"
    talk.play.order(c.SetReady(agent=BOB))
    talk.play.promised(ask)
    assert talk.play.last(fx.ConsultCall).exten == "1002#"


def test_out_of_a_consultation_in_each_way() -> None:
    talk = Talk()
    talk.asks_bob()
    bobs = talk.bob_is_called()
    for kind in (c.CompleteTransfer, c.Conference):
        assert talk.code(kind(agent=ALICE, call=talk.call)) == "consult.not_answered"
    talk.play.promised(c.CancelTransfer(agent=ALICE, call=talk.call))
    assert talk.play.last(fx.CancelConsult).channel == talk.phone
    talk.play.hear(talk.play.asterisk.answered(bobs))
    talk.play.promised(c.Conference(agent=ALICE, call=talk.call))
    keys = talk.play.last(fx.PressKeys)
    assert (keys.channel, keys.keys) == (talk.phone, "*3")
    promise = talk.play.promised(c.CompleteTransfer(agent=ALICE, call=talk.call))
    assert talk.play.last(fx.HangUpChannel).channel == talk.phone
    room = talk.play.asterisk.rooms[talk.caller]
    talk.play.hear(talk.play.asterisk.enters(bobs, room))
    result = talk.play.result(promise)
    assert result is not None
    assert result.ok


def test_a_conference_ends_the_hold_of_the_consultation_which_asterisk_does_not_say() -> None:
    talk = Talk()
    talk.asks_bob()
    asterisk = talk.play.asterisk
    talk.play.hear(asterisk.holds(talk.phone))
    bobs = talk.bob_is_called()
    talk.play.hear(asterisk.answered(bobs))
    room = asterisk.rooms[talk.caller]
    talk.play.hear(asterisk.enters(bobs, room), asterisk.leaves(talk.phone), asterisk.enters(talk.phone, room))
    (shown,) = talk.play.floor().calls
    assert shown.phase == "talking"
    assert [one.by for one in talk.play.said(e.CallResumed)] == ["1001"]


def test_the_customers_channel_knows_that_he_is_waiting_for_an_agent_to_come_back() -> None:
    talk = Talk()
    talk.asks_bob()
    talk.bob_is_called()
    note = talk.play.last(fx.SetVariables)
    assert (note.channel, note.values) == (talk.caller, {"CW_CONSULTS": "1"})
    asterisk = talk.play.asterisk
    talk.play.hear(asterisk.leaves(talk.phone), asterisk.enters(talk.phone, asterisk.rooms[talk.caller]))
    note = talk.play.last(fx.SetVariables)
    assert (note.channel, note.values) == (talk.caller, {"CW_CONSULTS": ""})


def test_a_consultation_found_after_a_restart_of_ours_is_one() -> None:
    """The customer is alone with the music; that is no offer that still rings, and no call without an agent."""
    talk = Talk()
    talk.asks_bob()
    bobs = talk.bob_is_called()
    talk.play.hear(talk.play.asterisk.answered(bobs))
    again = Playbook(line=False)
    again.asterisk = talk.play.asterisk
    again.hear_effects(again.switchboard.restore(talk.play.told, again.asterisk.now))
    again.forget()
    again.hear(again.asterisk.snapshot())
    assert again.said(e.CallDisconnected) == again.said(e.OfferFailed) == []
    assert again.state(ALICE) is AgentState.TALKING
    again.promised(c.CancelTransfer(agent=ALICE, call=talk.call))
    assert again.last(fx.CancelConsult).channel == talk.phone


# --- to the outside


class Desk:
    """alice is ready."""

    def __init__(self) -> None:
        self.play = Playbook()
        self.play.ready(ALICE)
        self.play.forget()
        self.place = c.PlaceCall(agent=ALICE, number="0086 138 0013 8000")


def test_a_call_is_placed_once_and_its_agent_kept_free_for_it() -> None:
    desk = Desk()
    promise = desk.play.promised(desk.place)
    [out] = desk.play.wanted(fx.CallOut)
    assert (out.server, out.channel, out.number) == (SERVER, "PJSIP/1001", "13800138000")
    assert desk.play.state(ALICE) is AgentState.TALKING
    assert desk.play.order(desk.place).code == "agent.has_call"
    desk.play.caller_waits("13700137000")
    assert desk.play.offers == []
    desk.play.hear(fx.Done(effect=out), desk.play.asterisk.is_called_out(out.call, "1001", out.number))
    assert desk.play.result(promise) is None
    desk.play.hear(desk.play.asterisk.rings(desk.play.asterisk.last))
    assert desk.play.result(promise) == c.CallPlaced(ok=True, call=out.call)
    [arrived] = desk.play.said(e.CallArrived)[1:]
    assert (arrived.call, arrived.direction, arrived.ani, arrived.dnis) == (
        out.call, e.Direction.OUTBOUND, "1001", "13800138000",
    )  # fmt: skip


def test_the_customer_is_who_was_called_and_the_paperwork_comes_after() -> None:
    desk = Desk()
    desk.play.promised(desk.place)
    out, asterisk = desk.play.last(fx.CallOut), desk.play.asterisk
    desk.play.hear(asterisk.is_called_out(out.call, "1001", out.number))
    phone = asterisk.last
    desk.play.hear(asterisk.rings(phone), asterisk.is_led_outside(phone, out.number))
    line = asterisk.last
    desk.play.hear(asterisk.rings(line), asterisk.picks_up(line, phone))
    [connected] = desk.play.said(e.CallConnected)
    assert (connected.agent, connected.party) == (ALICE, "1001")
    assert desk.play.last(fx.StartRecording).channel == line
    desk.play.hear(asterisk.hangs_up(line, phone))
    [ended] = desk.play.said(e.CallEnded)
    assert (ended.outcome, ended.agents) == (e.Outcome.ANSWERED, (ALICE,))
    assert desk.play.state(ALICE) is AgentState.WRAP_UP


def test_a_phone_that_refuses_is_an_answer() -> None:
    desk = Desk()
    promise = desk.play.promised(desk.place)
    out, asterisk = desk.play.last(fx.CallOut), desk.play.asterisk
    desk.play.hear(asterisk.is_called_out(out.call, "1001", out.number))
    desk.play.hear(asterisk.gone(asterisk.last, 17))
    result = desk.play.result(promise)
    assert result is not None
    assert result.code == "command.failed"
    assert desk.play.state(ALICE) is AgentState.READY


def test_over_a_line_that_breaks_it_is_not_asked_for_again_and_the_next_line_tells() -> None:
    desk = Desk()
    promise = desk.play.promised(desk.place)
    out, asterisk = desk.play.last(fx.CallOut), desk.play.asterisk
    desk.play.forget()
    desk.play.hear(e.LinkLost(at=asterisk.now, server=SERVER), fx.Failed(effect=out, why=fx.Failure.TIMED_OUT))
    result = desk.play.result(promise)
    assert result is not None
    assert result.code == "command.timed_out"
    assert desk.play.state(ALICE) is AgentState.TALKING
    asterisk.is_called_out(out.call, "1001", out.number)  # not heard
    asterisk.rings(asterisk.last)
    desk.play.hear(asterisk.snapshot())
    assert desk.play.wanted(fx.CallOut) == []
    assert desk.play.state(ALICE) is AgentState.TALKING
    [arrived] = desk.play.said(e.CallArrived)
    assert (arrived.call, arrived.direction) == (out.call, e.Direction.OUTBOUND)
    desk.play.hear(asterisk.gone(asterisk.last))
    assert desk.play.state(ALICE) is AgentState.READY


def test_a_call_that_never_came_about_keeps_nobody() -> None:
    desk = Desk()
    desk.play.promised(desk.place)
    desk.play.hear(e.LinkLost(at=desk.play.asterisk.now, server=SERVER), desk.play.asterisk.snapshot())
    desk.play.wait(30)
    assert desk.play.state(ALICE) is AgentState.READY


@pytest.mark.parametrize(
    ("number", "code"), [("", "number.invalid"), ("1001", "number.invalid"), ("x", "number.invalid")]
)
def test_only_numbers_are_called(number: str, code: str) -> None:
    assert Desk().play.order(c.PlaceCall(agent=ALICE, number=number)).code == code


def test_nobody_calls_without_a_phone_or_a_line() -> None:
    desk = Desk()
    desk.play.hear(desk.play.asterisk.unregisters("1001"))
    assert desk.play.order(desk.place).code == "phone.unreachable"
    desk.play.hear(e.LinkLost(at=desk.play.asterisk.now, server=SERVER))
    assert desk.play.order(desk.place).code == "link.down"
