"""The floor changed by an administrator while everybody works."""

from __future__ import annotations

from dataclasses import replace

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard import FloorLoaded
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, floor_plan


def test_a_newcomer_is_found_at_his_registered_phone() -> None:
    play = Playbook(floor_plan(without=[BOB]))
    play.hear(play.asterisk.registers("1002"))
    caller = play.caller_waits(skills="consult:1")
    assert play.floor().waiting[0].why_waiting == "no_skill"
    play.hear(FloorLoaded(plan=floor_plan()))
    play.ready(BOB)
    assert play.last(fx.OfferCall).channel == caller


def test_who_leaves_finishes_his_conversation() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    play.forget()
    play.hear(FloorLoaded(plan=floor_plan(without=[ALICE])))
    assert play.topics() == ["alice:talking"]
    assert play.said(e.AgentStateChanged)[0].wish is AgentState.OFFLINE
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert "alice:offline" in play.topics()
    assert [row.agent for row in play.floor().agents] == [BOB, CAROL]


def moved(**extensions: str) -> FloorPlan:
    """The usual floor, with some at other extensions."""
    plan = floor_plan()
    agents = [replace(agent, extension=extensions.get(agent.id, agent.extension)) for agent in plan.agents]
    return replace(plan, agents=tuple(agents))


def test_who_moves_to_another_extension_finishes_his_conversation_at_the_old_one() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(FloorLoaded(plan=moved(alice="1009")))
    assert play.state(ALICE) is AgentState.TALKING
    play.promised(c.HangUp(agent=ALICE, call=play.call_of(caller)))
    assert play.last(fx.HangUpChannel).channel == phone
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.state(ALICE) is AgentState.WRAP_UP
    play.order(c.FinishWrapUp(agent=ALICE, call=play.said(e.CallEnded)[0].call))
    play.hear(play.asterisk.registers("1009"))
    play.caller_waits("13900139000")
    assert play.last(fx.OfferCall).extension == "1009"


def test_who_moves_while_his_phone_rings_answers_it() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    play.hear(FloorLoaded(plan=moved(alice="1009")))
    play.hear(play.asterisk.unregisters("1009"))  # the phone that rings is another
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.said(e.OfferFailed) == []
    assert play.said(e.CallConnected)[0].agent == ALICE
    assert play.state(ALICE) is AgentState.TALKING
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.state(ALICE) is AgentState.WRAP_UP


def test_who_moves_before_his_phone_rings_is_still_called_there() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.hear(FloorLoaded(plan=moved(alice="1009")))
    phone = play.phone_rings(caller)
    assert play.state(ALICE) is AgentState.RINGING
    play.hear(play.asterisk.does_not_answer(phone, caller, play.offers[-1].offer))
    assert (play.state(ALICE), play.reason(ALICE)) == (AgentState.PAUSED, "missed_call")


def test_a_seat_given_to_another_is_his_when_the_call_there_is_over() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(FloorLoaded(plan=moved(alice="1002", bob="1001")))
    play.ready(CAROL)
    assert not reachable(play, BOB)
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert reachable(play, BOB)
    play.order(c.SetReady(agent=BOB))
    second = play.caller_waits("13900139000", skills="consult:1")
    assert play.last(fx.OfferCall).extension == "1001"
    play.phone_rings(second)
    assert play.state(BOB) is AgentState.RINGING


def reachable(play: Playbook, agent: AgentId) -> bool:
    return next(row.reachable for row in play.floor().agents if row.agent == agent)


def test_a_conversation_at_a_former_extension_outlives_our_restart_too() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    again = Playbook(moved(alice="1009"), line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(play.told, play.asterisk.now))
    again.hear(play.asterisk.snapshot())
    assert again.state(ALICE) is AgentState.TALKING
    again.hear(play.asterisk.hangs_up(phone, caller))
    assert again.state(ALICE) is AgentState.WRAP_UP


def test_states_stay_as_they_are() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.forget()
    play.hear(FloorLoaded(plan=floor_plan()))
    assert play.topics() == []
    assert play.state(ALICE) is AgentState.READY
