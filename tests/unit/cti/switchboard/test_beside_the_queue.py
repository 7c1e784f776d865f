"""What is told of phones that nothing was offered to: who calls, who rings and for what, and what came of it."""

from __future__ import annotations

from cti import commands as c
from cti import events as e
from cti.ami import vocabulary as ami
from cti.switchboard.offers import why_missed
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, SERVER, Playbook, known


def given_away(play: Playbook, caller: str, phone: str, to: str) -> str:
    """A blind transfer by the phone (REFER): the target's phone rings; its channel."""
    asterisk = play.asterisk
    play.hear(
        ami.BlindTransfer(
            server=SERVER,
            at=asterisk.now,
            transferer=asterisk.channels[phone],
            transferee=asterisk.channels[caller],
            bridge=None,
            extension=to,
            context="cw-agents",
            result="Success",
        ),
        asterisk.leaves(caller),
        asterisk.gone(phone),
    )
    play.hear(asterisk.is_called(caller, to))
    target = asterisk.last
    play.hear(asterisk.rings(target))
    return target


def test_a_phone_a_call_was_given_to_rings_for_the_one_who_gave_it() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    target = given_away(play, caller, phone, "1003")
    (ringing,) = [event for event in play.said(e.CallRinging) if event.offer is None]
    assert (ringing.agent, ringing.party, ringing.ring_for) == (CAROL, "1003", e.RingFor.TRANSFER)
    assert (ringing.by, ringing.by_agent) == ("1001", ALICE)
    assert play.floor().calls[0].called == (CAROL,)
    play.hear(play.asterisk.picks_up(target, caller))
    (transferred,) = play.said(e.CallTransferred)
    assert (transferred.by_agent, transferred.to_agent) == (ALICE, CAROL)
    assert (play.floor().calls[0].called, play.floor().calls[0].talking) == ((), (CAROL,))


def test_each_of_both_agents_has_his_paperwork_and_how_long_it_took_is_told() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    call = play.call_of(caller)
    target = given_away(play, caller, phone, "1003")
    play.hear(play.asterisk.picks_up(target, caller))
    play.wait(20)
    assert play.order(c.FinishWrapUp(agent=ALICE, call=call)).ok
    play.hear(play.asterisk.hangs_up(caller, target))
    assert play.state(CAROL) is AgentState.WRAP_UP
    play.wait(12)
    assert play.order(c.FinishWrapUp(agent=CAROL, call=call)).ok
    assert [(done.agent, done.call, done.wrap_up_s) for done in play.said(e.CallWrappedUp)] == [
        (ALICE, call, 20.0),
        (CAROL, call, 12.0),
    ]


def test_paperwork_that_outlived_a_restart_is_told_from_its_beginning() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    call = play.call_of(caller)
    play.hear(play.asterisk.hangs_up(caller, phone))
    again = Playbook(line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), play.asterisk.now))
    again.hear(play.asterisk.snapshot())
    play.asterisk.wait(30)
    assert again.order(c.FinishWrapUp(agent=ALICE, call=call)).ok
    assert [done.wrap_up_s for done in again.said(e.CallWrappedUp)] == [30.0]


def test_a_phone_that_rings_in_vain_for_a_transfer_says_why() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    target = given_away(play, caller, phone, "1003")
    play.hear(play.asterisk.refuses(target, caller))
    (missed,) = play.said(e.CallMissed)
    assert (missed.agent, missed.party, missed.why) == (CAROL, "1003", e.OfferFailure.BUSY)
    assert play.floor().calls[0].called == ()


def test_who_calls_a_colleague_is_named_and_so_is_who_is_called() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    play.hear(play.asterisk.dials("1001", "1002"))
    dialler = play.asterisk.last
    play.hear(play.asterisk.is_called(dialler, "1002"))
    phone = play.asterisk.last
    assert (play.said(e.CallArrived)[0].agent, play.floor().calls[0].made_by) == (ALICE, ALICE)
    assert play.floor().calls[0].phase == "dialling"
    play.hear(play.asterisk.rings(phone))
    assert [(event.agent, event.ring_for) for event in play.said(e.CallRinging)] == [(BOB, e.RingFor.CALL)]
    assert play.floor().calls[0].phase == "far_ringing"
    play.hear(play.asterisk.does_not_answer(phone, dialler), play.asterisk.gone(dialler))
    assert [event.why for event in play.said(e.CallMissed)] == [e.OfferFailure.NO_ANSWER]


def test_a_number_outside_that_rings_is_nobodys_phone() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.hear(play.asterisk.dials("1001", "13700137000"))
    phone = play.asterisk.last
    play.hear(play.asterisk.line_is_called(phone, "13700137000"))
    line = play.asterisk.last
    play.hear(play.asterisk.rings(line))
    assert [(event.agent, event.party) for event in play.said(e.CallRinging)] == [(None, "13700137000")]
    assert play.floor().calls[0].called == ()


def test_a_caller_from_outside_is_nobody_of_ours() -> None:
    play = Playbook()
    play.hear(play.asterisk.arrives("1001"))
    assert play.said(e.CallArrived)[0].agent is None


def test_advice_on_a_second_line_is_counted_apart_from_the_hold() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    call = play.call_of(caller)
    play.wait(10)
    play.hear(play.asterisk.holds(phone))
    play.wait(3)
    play.hear(play.asterisk.dials("1001", "1003"))
    second = play.asterisk.last
    play.hear(play.asterisk.is_called(second, "1003"))
    colleague = play.asterisk.last
    play.hear(play.asterisk.rings(colleague), play.asterisk.picks_up(colleague, second))
    play.wait(20)
    play.hear(play.asterisk.hangs_up(second, colleague))
    play.wait(2)
    play.hear(play.asterisk.resumes(phone))
    play.wait(5)
    play.hear(play.asterisk.hangs_up(caller, phone))
    (ended,) = [event for event in play.said(e.CallEnded) if event.call == call]
    assert (ended.talk_s, ended.hold_s, ended.consult_s) == (15.0, 5.0, 20.0)
    assert [event.agent for event in play.said(e.CallConsulted)] == [ALICE]


def test_why_a_phone_was_missed() -> None:
    status = ami.DialStatus
    assert [
        why_missed(status.NO_ANSWER, 0),
        why_missed(status.BUSY, 17),
        why_missed(status.NO_ANSWER, 21),
        why_missed(status.CANCEL, 0),
        why_missed(status.CANCEL, 26),
        why_missed(status.UNREACHABLE, 20),
    ] == [
        e.OfferFailure.NO_ANSWER,
        e.OfferFailure.BUSY,
        e.OfferFailure.REJECTED,
        e.OfferFailure.CALLER_GONE,
        e.OfferFailure.ELSEWHERE,
        e.OfferFailure.UNREACHABLE,
    ]
