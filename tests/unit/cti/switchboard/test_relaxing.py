"""Callers who wait for long ask for less; wishes of several ways; and a floor that is read anew with every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crm_core.domain.floor import FloorPlan, Relaxation, RelaxationKind
from crm_core.kernel.ids import QueueKey, SkillKey
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.commands import Target, TargetKind
from cti.switchboard import FloorLoaded
from routing.reasons import StepKind, StepTaken
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, floor_plan, known

REPAIR = SkillKey("repair")
LOWERED = StepTaken(kind=StepKind.DROP, after_s=30, skill=REPAIR, asked=2)


def relaxing(asks: str = "") -> FloorPlan:
    plan = floor_plan()
    steps = (
        Relaxation(after_s=45, kind=RelaxationKind.WIDEN, queue=QueueKey("vip")),
        Relaxation(after_s=30, kind=RelaxationKind.DROP, skill=REPAIR),
    )
    service, *others = plan.queues
    return replace(plan, queues=(replace(service, relaxing=steps, asks=asks), *others))


def test_after_its_time_the_step_is_told_kept_and_carried_out() -> None:
    play = Playbook(relaxing())
    play.ready(BOB)
    caller = play.caller_waits(skills="zh:1/repair:2")
    assert play.wanted(fx.OfferCall) == []
    play.wait(29)
    assert play.said(e.CallRelaxed) == []
    play.wait(1)
    [told] = play.said(e.CallRelaxed)
    assert (told.call, told.queue, told.step, told.asks) == (play.call_of(caller), "service", LOWERED, "zh:1")
    assert play.last(fx.OfferCall).channel == caller
    assert play.said(e.CallOffered)[-1].because.steps == (LOWERED,)


def test_the_board_sees_what_is_asked_for_now_and_how_it_came_about() -> None:
    play = Playbook(relaxing())
    play.caller_waits(skills="zh:1/repair:2")
    assert play.floor().waiting[0].requires == {"zh": 1, "repair": 2}
    play.wait(30)
    [row] = play.floor().waiting
    assert (row.requires, row.asks, row.steps) == ({"zh": 1}, "", (LOWERED,))


def test_after_a_restart_what_was_told_is_not_told_again_and_what_is_due_is_taken() -> None:
    before = Playbook(relaxing())
    caller = before.caller_waits(skills="zh:1/repair:2")
    before.wait(31)
    again = Playbook(relaxing(), line=False)
    again.asterisk = before.asterisk
    again.hear_effects(again.switchboard.restore(known(before.told), again.asterisk.now))
    again.wait(20)
    again.hear(again.asterisk.snapshot())
    assert [told.step.kind for told in again.said(e.CallRelaxed)] == [StepKind.WIDEN]
    again.ready(BOB)
    assert again.last(fx.OfferCall).channel == caller


def test_one_of_several_ways_is_enough_whatever_the_dialplan_made_of_it() -> None:
    play = Playbook()
    play.ready(BOB, CAROL)
    caller = play.caller_waits(skills="complaint:3|repair:3/zh:2~en:5")
    queued = play.said(e.CallQueued)[-1]
    assert (queued.requires, queued.asks) == ({}, "complaint:3|repair:3/zh:2~en:5")
    assert (play.last(fx.OfferCall).channel, play.last(fx.OfferCall).extension) == (caller, "1003")
    assert play.said(e.CallOffered)[-1].because.preferred[0].skill == "en"


def test_a_wish_that_cannot_be_read_keeps_nobody_waiting() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits(skills="repair >= 3 and (")
    assert play.last(fx.OfferCall).channel == caller


def test_what_a_queue_asks_for_goes_along_when_a_call_is_sent_there() -> None:
    play = Playbook(relaxing("repair >= 2 or complaint"))
    play.ready(ALICE)
    caller, _ = play.talks(skills="zh:1", queue="vip")
    target = Target(kind=TargetKind.QUEUE, value="service")
    play.promised(c.Transfer(agent=ALICE, call=play.call_of(caller), to=target))
    assert play.last(fx.SetVariables).values == {"CW_TO_SKILLS": "complaint:1/zh:1|repair:2/zh:1"}


def test_with_the_day_the_floor_is_read_anew() -> None:
    play = Playbook()
    tomorrow = play.asterisk.now + timedelta(hours=3)
    play.hear(FloorLoaded(plan=replace(floor_plan(), until=tomorrow)))
    play.wait(3 * 3600 - 1)
    assert play.wanted(fx.LoadFloor) == []
    play.wait(1)
    assert len(play.wanted(fx.LoadFloor)) == 1
    play.hear(FloorLoaded(plan=replace(floor_plan(), until=tomorrow + timedelta(days=1))))
    play.hear(fx.Woken(token=f"day:{tomorrow.isoformat()}"))
    assert len(play.wanted(fx.LoadFloor)) == 1, "a timer of yesterday's floor"


def test_the_first_floor_has_its_day_as_well() -> None:
    play = Playbook(line=False)
    until = play.asterisk.now + timedelta(hours=1)
    play = Playbook(replace(floor_plan(), until=until), line=False)
    play.hear_effects(play.switchboard.restore([], play.asterisk.now))
    play.wait(3600)
    assert len(play.wanted(fx.LoadFloor)) == 1
