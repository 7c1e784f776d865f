"""After a restart of ours: how the last hours' work went counts on, and whoever is still at a call is measured on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from cti import commands as c
from cti import effects as fx
from routing.messages import Remembered, Worked
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known

SERVICE = QueueKey("service")


def plan(calls_per_hour: int | None = None) -> FloorPlan:
    drawn = floor_plan()
    agents = (replace(drawn.agents[0], calls_per_hour=calls_per_hour), *drawn.agents[1:])
    return replace(drawn, agents=agents)


def reborn(play: Playbook, lately: Remembered, drawn: FloorPlan) -> Playbook:
    again = Playbook(drawn, line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), play.asterisk.now, lately))
    again.hear(again.asterisk.snapshot())
    return again


def worked(play: Playbook, agent: AgentId, since_s: float, until_s: float | None, call: str = "before") -> Worked:
    now = play.asterisk.now
    until = None if until_s is None else now - timedelta(seconds=until_s)
    at = now - timedelta(seconds=since_s)
    return Worked(agent=agent, call=CallId(call), queue=SERVICE, at=at, until=until)


def test_who_had_his_calls_for_this_hour_gets_no_other_and_the_next_one_by_himself() -> None:
    play = Playbook(plan(1))
    play.ready(ALICE)
    again = reborn(play, Remembered(worked=(worked(play, ALICE, 3000, 2800),)), plan(1))
    again.caller_waits()
    again.wait(590)
    assert again.wanted(fx.OfferCall) == []
    assert [row.why_waiting for row in again.floor().waiting] == ["hour_full"]
    again.wait(20)
    assert [offer.extension for offer in again.wanted(fx.OfferCall)] == ["1001"]


@pytest.mark.parametrize("paperwork", [True, False])
def test_a_call_that_goes_on_or_its_paperwork_is_measured_to_its_end(paperwork: bool) -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    caller, phone = play.talks()
    talk = play.call_of(caller)
    play.wait(200)
    if paperwork:
        play.hear(play.asterisk.hangs_up(phone, caller))
    over = worked(play, BOB, 900, 660, "one"), worked(play, BOB, 600, 360, "two")
    at_it = worked(play, ALICE, 200, 0 if paperwork else None, talk)
    again = reborn(play, Remembered(worked=(*over, at_it)), floor_plan())
    assert again.state(ALICE) is (AgentState.WRAP_UP if paperwork else AgentState.TALKING)
    again.order_pause(BOB)
    again.wait(40)
    if not paperwork:
        again.hear(again.asterisk.hangs_up(phone, caller))
    assert again.order(c.FinishWrapUp(agent=ALICE, call=talk)).ok
    again.caller_waits("13900139000")
    again.caller_waits("13700137000")
    assert [row.expected_s for row in again.floor().waiting if row.offered_to is None] == [pytest.approx(240, abs=2)]


def test_a_call_whose_end_nobody_told_of_measures_nothing() -> None:
    play = Playbook()
    play.ready(ALICE)
    over = worked(play, BOB, 900, 660, "one"), worked(play, BOB, 600, 360, "two")
    again = reborn(play, Remembered(worked=(*over, worked(play, ALICE, 7000, None, "lost"))), floor_plan())
    again.caller_waits("13900139000")
    again.caller_waits("13700137000")
    assert [row.expected_s for row in again.floor().waiting if row.offered_to is None] == [None]
