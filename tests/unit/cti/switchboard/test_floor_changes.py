"""The floor changed by an administrator while everybody works."""

from __future__ import annotations

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


def test_states_stay_as_they_are() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.forget()
    play.hear(FloorLoaded(plan=floor_plan()))
    assert play.topics() == []
    assert play.state(ALICE) is AgentState.READY
