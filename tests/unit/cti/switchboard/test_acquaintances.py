"""Who knows a caller is asked of the CRM before he stands in a line that wants to know; nobody waits long for that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.floor import FloorPlan, Sticky
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard import WhoKnows
from routing.reasons import StepKind, StepTaken, Tie
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known

KEPT = StepTaken(kind=StepKind.KEEP, after_s=0.0, agent=ALICE, tie=Tie.LAST_AGENT, for_s=20)


def sticking(sticky: Sticky = Sticky.LAST_AGENT, sticky_s: int = 20) -> FloorPlan:
    plan = floor_plan()
    service, *others = plan.queues
    return replace(plan, queues=(replace(service, sticky=sticky, sticky_s=sticky_s), *others))


def comes(play: Playbook, *, owner: AgentId | None = None, last: AgentId | None = None) -> str:
    """A caller whom the CRM knows; his channel."""
    caller = play.caller_waits(skills="zh:1")
    found = Acquaintance(owner=owner, last=last)
    play.hear(WhoKnows(call=play.call_of(caller), found=found))
    return caller


def busy_alice(play: Playbook) -> None:
    """She talks with somebody whom the CRM does not know, and Bob is free."""
    play.ready(ALICE)
    caller = comes(play)
    play.hear(play.asterisk.picks_up(play.phone_rings(caller), caller))
    play.ready(BOB)
    play.forget()


def test_the_last_agent_gets_the_call_once_the_crm_has_answered() -> None:
    play = Playbook(sticking())
    play.ready(BOB, ALICE)
    caller = play.caller_waits(skills="zh:1")
    asked = play.last(fx.AskWhoKnows)
    assert (asked.call, asked.number) == (play.call_of(caller), play.said(e.CallArrived)[-1].ani)
    assert play.wanted(fx.OfferCall) == []
    play.hear(WhoKnows(call=asked.call, found=Acquaintance(last=ALICE)))
    [told] = play.said(e.CallOffered)
    assert (told.agent, told.because.rule, told.because.tie) == (ALICE, "familiar", Tie.LAST_AGENT)


def test_a_crm_that_does_not_answer_keeps_nobody_waiting_and_an_answer_too_late_changes_nothing() -> None:
    play = Playbook(sticking())
    play.ready(BOB)
    caller = play.caller_waits(skills="zh:1")
    play.wait(0.5)
    assert [told.agent for told in play.said(e.CallOffered)] == [BOB]
    play.hear(WhoKnows(call=play.call_of(caller), found=Acquaintance(last=ALICE)))
    assert len(play.said(e.CallOffered)) == 1


def test_it_is_asked_as_soon_as_he_comes_and_he_waits_for_nothing_when_the_answer_is_there() -> None:
    play = Playbook(sticking())
    play.ready(BOB, ALICE)
    play.hear(play.asterisk.arrives("13800138000"))
    caller = play.asterisk.last
    [asked] = play.wanted(fx.AskWhoKnows)
    play.hear(WhoKnows(call=asked.call, found=Acquaintance(last=ALICE)))
    assert play.said(e.CallOffered) == []
    play.hear(play.asterisk.queues(caller, "service", "zh:1"))
    assert [told.agent for told in play.said(e.CallOffered)] == [ALICE]
    assert len(play.wanted(fx.AskWhoKnows)) == 1


def test_a_crm_that_was_too_slow_while_he_was_in_a_menu_is_asked_once_more_when_he_waits() -> None:
    play = Playbook(sticking())
    play.ready(BOB, ALICE)
    play.hear(play.asterisk.arrives("13800138000"))
    caller = play.asterisk.last
    play.wait(1)
    play.hear(play.asterisk.queues(caller, "service", "zh:1"))
    first, again = play.wanted(fx.AskWhoKnows)
    assert (first.call, play.said(e.CallOffered)) == (again.call, [])
    play.hear(WhoKnows(call=again.call, found=Acquaintance(last=ALICE)))
    assert [told.agent for told in play.said(e.CallOffered)] == [ALICE]


def test_a_queue_that_does_not_care_asks_nobody() -> None:
    play = Playbook()
    play.ready(BOB)
    play.caller_waits(skills="zh:1")
    assert play.wanted(fx.AskWhoKnows) == []
    assert play.said(e.CallOffered)[-1].agent == BOB


@pytest.mark.parametrize(
    ("sticky", "owner", "gets"),
    [(Sticky.OWNER, ALICE, ALICE), (Sticky.OWNER, None, BOB), (Sticky.LAST_AGENT, ALICE, BOB)],
)
def test_the_owner_goes_first_where_the_queue_says_so(sticky: Sticky, owner: AgentId | None, gets: AgentId) -> None:
    play = Playbook(sticking(sticky))
    play.ready(ALICE, BOB)
    comes(play, owner=owner, last=BOB)
    [told] = play.said(e.CallOffered)
    assert (told.agent, told.because.tie) == (gets, Tie.OWNER if gets == ALICE else Tie.LAST_AGENT)


def test_he_waits_for_the_busy_one_as_the_board_says_and_then_for_anybody() -> None:
    play = Playbook(sticking())
    busy_alice(play)
    caller = comes(play, last=ALICE)
    [told] = play.said(e.CallRelaxed)
    assert (told.call, told.step) == (play.call_of(caller), KEPT)
    [row] = play.floor().waiting
    assert (row.why_waiting, row.steps) == ("for_a_familiar", (KEPT,))
    play.wait(20)
    assert [step.step.kind for step in play.said(e.CallRelaxed)] == [StepKind.KEEP, StepKind.OPEN_UP]
    assert play.said(e.CallOffered)[-1].agent == BOB


def test_who_hangs_up_meanwhile_is_not_put_into_a_line() -> None:
    play = Playbook(sticking())
    play.ready(BOB)
    caller = play.caller_waits(skills="zh:1")
    play.hear(play.asterisk.hangs_up(caller))
    play.wait(1)
    assert play.said(e.CallOffered) == []
    assert play.floor().waiting == ()


TO_MESSAGE = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")


def limited(*, max_waiting: int = 0, when: tuple[OverflowWhy, ...] = ()) -> FloorPlan:
    plan = sticking()
    service, *others = plan.queues
    service = replace(service, max_waiting=max_waiting, overflow_when=when, overflow=(TO_MESSAGE,))
    return replace(plan, queues=(service, *others))


def test_of_two_for_whom_the_crm_was_asked_at_once_only_one_gets_the_last_place_in_the_line() -> None:
    play = Playbook(limited(max_waiting=1))
    first, second = play.caller_waits("13700137000"), play.caller_waits()
    for caller in (first, second):
        play.hear(WhoKnows(call=play.call_of(caller), found=Acquaintance()))
    [told] = play.said(e.CallOverflowed)
    assert (told.call, told.why) == (play.call_of(second), OverflowWhy.FULL)
    assert [row.call for row in play.floor().waiting] == [play.call_of(first)]


def test_a_line_full_of_those_who_wait_for_one_agent_sends_nobody_away_whom_another_can_take() -> None:
    play = Playbook(limited(max_waiting=1))
    busy_alice(play)
    comes(play, last=ALICE)
    assert len(play.floor().waiting) == 1
    comes(play)
    assert [told.agent for told in play.said(e.CallOffered)] == [BOB]
    comes(play)
    assert [told.why for told in play.said(e.CallOverflowed)] == [OverflowWhy.FULL]


def test_while_the_crm_is_asked_the_last_agent_leaves_and_he_goes_on() -> None:
    play = Playbook(limited(when=(OverflowWhy.NOBODY,)))
    play.ready(ALICE)
    caller = play.caller_waits()
    assert play.order(c.SignOff(agent=ALICE)).ok
    play.hear(WhoKnows(call=play.call_of(caller), found=Acquaintance()))
    assert [told.why for told in play.said(e.CallOverflowed)] == [OverflowWhy.NOBODY]
    assert play.floor().waiting == ()


def reborn(before: Playbook, plan: FloorPlan) -> Playbook:
    again = Playbook(plan, line=False)
    again.asterisk = before.asterisk
    again.hear_effects(again.switchboard.restore(known(before.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    return again


def test_after_a_restart_nobody_loses_his_place_in_a_line_that_is_longer_than_it_may_be() -> None:
    before = Playbook(limited(max_waiting=1))
    before.ready(ALICE)
    first = comes(before)
    phone = before.phone_rings(first)
    second = comes(before)
    before.hear(before.asterisk.does_not_answer(phone, first, before.offers[-1].offer))
    before.wait(5)
    assert len(before.floor().waiting) == 2
    again = reborn(before, limited(max_waiting=1))
    for caller in (first, second):
        again.hear(WhoKnows(call=again.call_of(caller), found=Acquaintance()))
    assert (len(again.floor().waiting), again.said(e.CallOverflowed)) == (2, [])


def test_after_a_restart_nobody_overtakes_because_the_crm_answers_about_him_first() -> None:
    before = Playbook(sticking())
    before.ready(BOB)
    assert before.order(c.SetPaused(agent=BOB, reason="break")).ok
    waiting = [comes(before) for _ in range(3)]
    again = reborn(before, sticking())
    first, second, third = (again.call_of(caller) for caller in waiting)
    assert again.order(c.SetReady(agent=BOB)).ok
    for call in (third, second):
        again.hear(WhoKnows(call=call, found=Acquaintance()))
        assert again.said(e.CallOffered) == []
    again.hear(WhoKnows(call=first, found=Acquaintance()))
    assert [told.call for told in again.said(e.CallOffered)] == [first]
    assert {row.call for row in again.floor().waiting} == {first, second, third}


def test_whoever_hangs_up_while_the_crm_is_asked_holds_up_nobody() -> None:
    play = Playbook(sticking())
    play.ready(ALICE)
    gone, waits = play.caller_waits("13700137000"), play.caller_waits()
    play.hear(WhoKnows(call=play.call_of(waits), found=Acquaintance()))
    assert play.said(e.CallOffered) == []
    there = play.call_of(waits)
    play.hear(play.asterisk.hangs_up(gone))
    play.wait(0.5)
    assert [told.call for told in play.said(e.CallOffered)] == [there]


def test_after_a_restart_he_is_asked_for_again_and_what_was_told_is_not_told_again() -> None:
    before = Playbook(sticking())
    busy_alice(before)
    comes(before, last=ALICE)
    before.wait(5)
    again = reborn(before, sticking())
    asked = again.last(fx.AskWhoKnows)
    again.hear(WhoKnows(call=asked.call, found=Acquaintance(last=ALICE)))
    assert again.said(e.CallRelaxed) == []
    [row] = again.floor().waiting
    assert (row.why_waiting, row.steps) == ("for_a_familiar", (KEPT,))
    again.wait(15)
    assert again.said(e.CallOffered)[-1].agent == BOB
