"""After a call: what has to be written before its agent is free again, and for how long he may write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.domain.floor import FloorPlan, Paperwork
from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import events as e
from cti.switchboard.switchboard import Switchboard
from routing.queues import WrapUpKind
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known


def plan(wrap_up: Paperwork, *, limit_s: int = 0, target_s: int = 60) -> FloorPlan:
    plan = floor_plan(wrap_up_s=target_s)
    service, *others = plan.queues
    return replace(plan, queues=(replace(service, wrap_up=wrap_up, wrap_up_limit_s=limit_s), *others))


def wrapping_up(plan: FloorPlan) -> tuple[Playbook, CallId]:
    """Alice has just talked with somebody."""
    play = Playbook(plan)
    play.ready(ALICE)
    caller, phone = play.talks()
    call = play.call_of(caller)
    play.forget()
    play.hear(play.asterisk.hangs_up(phone, caller))
    return play, call


@pytest.mark.parametrize(
    ("wrap_up", "target_s", "kind"),
    [
        (Paperwork.NONE, 60, WrapUpKind.NONE),
        (Paperwork.OPTIONAL, 0, WrapUpKind.NONE),
        (Paperwork.OPTIONAL, 60, WrapUpKind.OPTIONAL),
        (Paperwork.MANDATORY, 0, WrapUpKind.MANDATORY),
    ],
)
def test_what_is_agreed_is_what_holds(wrap_up: Paperwork, target_s: int, kind: WrapUpKind) -> None:
    play, _ = wrapping_up(plan(wrap_up, target_s=target_s))
    assert play.state(ALICE) is (AgentState.READY if kind is WrapUpKind.NONE else AgentState.WRAP_UP)


def test_what_has_to_be_written_keeps_him_from_going_home() -> None:
    play, call = wrapping_up(plan(Paperwork.MANDATORY))
    assert play.order(c.SignOff(agent=ALICE)).code == "agent.paperwork_first"
    assert play.order(c.SetReady(agent=ALICE)).ok
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert play.order(c.FinishWrapUp(agent=ALICE, call=call)).ok
    assert play.state(ALICE) is AgentState.READY
    assert play.order(c.SignOff(agent=ALICE)).ok


def test_what_is_left_to_him_does_not() -> None:
    play, _ = wrapping_up(plan(Paperwork.OPTIONAL))
    assert play.order(c.SignOff(agent=ALICE)).ok


def test_a_supervisor_sets_him_free_all_the_same() -> None:
    play, _ = wrapping_up(plan(Paperwork.MANDATORY))
    assert play.order(c.ForceAgentState(agent=ALICE, state="ready")).ok
    assert play.state(ALICE) is AgentState.READY


def test_the_limit_sets_him_free_and_the_next_caller_is_his() -> None:
    play, call = wrapping_up(plan(Paperwork.MANDATORY, limit_s=90))
    ends = play.asterisk.now + timedelta(seconds=90)
    assert play.said(e.AgentStateChanged)[-1].wrap_up_until == ends
    assert play.floor().agents[0].wrap_up_until == ends
    play.caller_waits("13900139000")
    play.wait(89)
    assert play.state(ALICE) is AgentState.WRAP_UP
    play.wait(1)
    assert play.state(ALICE) is AgentState.RESERVED
    assert play.said(e.CallWrappedUp)[-1].call == call
    assert play.order(c.FinishWrapUp(agent=ALICE, call=call)).code == "agent.not_in_wrap_up"


def test_without_a_limit_nobody_is_thrown_out_of_it() -> None:
    play, _ = wrapping_up(plan(Paperwork.MANDATORY))
    play.wait(3600)
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert play.floor().agents[0].wrap_up_until is None


def test_the_limit_outlives_a_restart_of_ours() -> None:
    terms = plan(Paperwork.MANDATORY, limit_s=90)
    play, _ = wrapping_up(terms)
    play.wait(30)
    again = Playbook(terms, line=False)
    again.asterisk = play.asterisk
    again.switchboard = Switchboard(terms, play.asterisk.now)
    again.hear_effects(again.switchboard.restore(known(play.told), play.asterisk.now))
    again.hear(again.asterisk.snapshot())
    assert again.state(ALICE) is AgentState.WRAP_UP
    again.wait(60)
    assert again.state(ALICE) is AgentState.READY


def test_somebody_elses_queue_keeps_nobody() -> None:
    play, _ = wrapping_up(plan(Paperwork.MANDATORY))
    play.ready(BOB)
    assert play.order(c.SignOff(agent=BOB)).ok
