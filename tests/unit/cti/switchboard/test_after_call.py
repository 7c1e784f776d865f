"""A customer stays on the line when his agent has hung up: he is in a menu, and nobody else gets him."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import FloorPlan
from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known


def asked_after(queue: str = "service") -> FloorPlan:
    plan = floor_plan()
    queues = tuple(replace(one, after_call="how_was_it") if one.key == queue else one for one in plan.queues)
    return replace(plan, queues=queues)


def in_the_menu() -> tuple[Playbook, str]:
    """Recorded, until his agent has hung up."""
    play = Playbook(asked_after())
    play.ready(ALICE, BOB)
    caller, phone = play.talks()
    play.hear(fx.Done(effect=play.last(fx.StartRecording)))
    play.hear(play.asterisk.hangs_up(phone), play.asterisk.leaves(caller))
    play.forget()
    play.hear(play.asterisk.steps(caller, "survey", "", "after_call"))
    return play, caller


def notes(play: Playbook) -> list[dict[str, str]]:
    return [dict(one.values) for one in play.wanted(fx.SetVariables)]


def test_his_channel_knows_the_menu_of_his_queue_as_soon_as_somebody_talks_with_him() -> None:
    play = Playbook(asked_after())
    play.ready(ALICE)
    caller, _ = play.talks()
    (note,) = play.wanted(fx.SetVariables)
    assert (note.channel, note.values) == (caller, {"CW_QUEUE_AFTER": "how_was_it"})


@pytest.mark.parametrize("queue", ["vip", "service"])
def test_a_queue_that_names_none_costs_nothing(queue: str) -> None:
    play = Playbook(asked_after("vip" if queue == "service" else "service"))
    play.ready(ALICE)
    play.talks(queue=queue)
    assert notes(play) == []


def test_he_is_in_a_menu_and_waits_for_nobody() -> None:
    play, caller = in_the_menu()
    assert play.floor_of(play.call_of(caller)).phase == "menu"
    assert play.state(ALICE) is AgentState.WRAP_UP
    play.wait(120)
    assert play.wanted(fx.OfferCall) == []
    assert play.floor().waiting == ()


def test_what_he_does_there_is_not_recorded() -> None:
    play, caller = in_the_menu()
    assert [one.channel for one in play.wanted(fx.StopRecording)] == [caller]
    assert len(play.said(e.RecordingStopped)) == 1


def test_the_agent_has_hung_up_whoever_goes_last() -> None:
    play, caller = in_the_menu()
    play.wait(30)
    play.hear(play.asterisk.hangs_up(caller))
    (over,) = play.said(e.CallEnded)
    assert (over.outcome, over.hung_up_by) == (e.Outcome.ANSWERED, e.HungUpBy.AGENT)
    assert over.talk_s < 30


def test_after_a_restart_of_ours_he_is_still_in_the_menu() -> None:
    play, caller = in_the_menu()
    again = Playbook(asked_after(), line=False)
    again.asterisk = play.asterisk
    again.asterisk.is_sent(caller, "cw-after", "s")
    again.hear_effects(again.switchboard.restore(known(play.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    again.ready(BOB)
    again.wait(60)
    assert again.floor_of(again.call_of(caller)).phase == "menu"
    assert again.wanted(fx.OfferCall) == []


def test_who_wants_somebody_once_more_waits_again() -> None:
    play, caller = in_the_menu()
    play.hear(play.asterisk.queues(caller))
    assert [offer.channel for offer in play.wanted(fx.OfferCall)] == [caller]
