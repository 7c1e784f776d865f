"""Whoever was cut off while he waited and calls again soon has his place back, once, and it is told why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.domain.floor import FloorPlan
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard.house import place_back_of
from routing.reasons import StepKind
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known

HIS, HERS = "13800138000", "13900139000"
MESSAGE = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")


def plan(place_back_s: int = 300, **terms: object) -> FloorPlan:
    drawn = floor_plan()
    service, vip = drawn.queues
    return replace(drawn, queues=(replace(service, place_back_s=place_back_s, **terms), vip))  # type: ignore[arg-type]


def cut_off(play: Playbook, number: str = HIS, *, after_s: float = 60, queue: str = "service") -> str:
    """He waited for so long."""
    caller = play.caller_waits(number, queue=queue)
    play.wait(after_s)
    play.hear(play.asterisk.hangs_up(caller))
    return caller


def line(play: Playbook) -> list[str]:
    """Whose turn it is, by number."""
    return [row.ani for row in play.floor().waiting]


def back(play: Playbook) -> list[CallId]:
    return [told.former for told in play.said(e.CallPlaceGivenBack)]


def test_he_is_before_those_who_came_meanwhile_and_why_is_told() -> None:
    play = Playbook(plan())
    cut_off(play)
    [kept] = play.said(e.CallPlaceKept)
    play.caller_waits(HERS)
    play.wait(90)
    play.caller_waits(HIS)
    assert line(play) == [HIS, HERS]
    [told] = play.said(e.CallPlaceGivenBack)
    assert (told.former, told.since, told.brought_s) == (kept.call, kept.since, pytest.approx(150, abs=1))
    [first, _] = play.floor().waiting
    [step] = first.steps
    assert (first.since, step.kind, step.for_s) == (kept.since, StepKind.PLACE_BACK, told.brought_s)
    play.ready(ALICE)
    [offered] = play.said(e.CallOffered)
    assert (offered.call, offered.because.steps) == (told.call, (step,))
    assert offered.because.waited_s == pytest.approx(150, abs=2)


def test_his_own_wait_is_counted_from_this_call_on() -> None:
    play = Playbook(plan())
    cut_off(play)
    caller = play.caller_waits(HIS)
    play.wait(10)
    play.hear(play.asterisk.hangs_up(caller))
    assert [told.wait_s for told in play.said(e.CallEnded)] == [pytest.approx(60, abs=1), pytest.approx(10, abs=1)]


def test_who_is_cut_off_again_still_has_his_first_place() -> None:
    play = Playbook(plan())
    cut_off(play)
    cut_off(play)
    play.caller_waits(HIS)
    first, second = play.said(e.CallPlaceKept)
    assert first.since == second.since == play.floor().waiting[0].since
    assert back(play) == [first.call, second.call]


def test_a_place_is_given_back_once() -> None:
    play = Playbook(plan())
    cut_off(play)
    [kept] = play.said(e.CallPlaceKept)
    play.caller_waits(HIS)
    play.caller_waits(HIS)
    assert back(play) == [kept.call]


def test_of_two_who_share_a_number_the_one_who_still_waits_does_not_take_the_place_of_the_other() -> None:
    play = Playbook(plan())
    play.ready(BOB)
    stays = play.caller_waits(HIS)
    phone = play.phone_rings(stays)
    cut_off(play, after_s=1)
    play.hear(play.asterisk.does_not_answer(phone, stays, play.offers[-1].offer))
    assert (back(play), len(play.floor().waiting)) == ([], 1)


def test_too_late_is_too_late_but_the_menu_may_take_its_time() -> None:
    play = Playbook(plan(place_back_s=60))
    cut_off(play)
    play.wait(59)
    play.hear(play.asterisk.arrives(HIS))
    caller = play.asterisk.last
    play.wait(30)
    play.hear(play.asterisk.queues(caller))
    assert len(back(play)) == 1
    play.hear(play.asterisk.hangs_up(caller))
    play.wait(61)
    play.caller_waits(HIS)
    assert len(back(play)) == 1


@pytest.mark.parametrize(("number", "queue", "limit_s"), [("", "service", 300), (HIS, "vip", 300), (HIS, "service", 0)])
def test_no_place_is_kept(number: str, queue: str, limit_s: int) -> None:
    """For whoever withholds his number, in another queue, or where it is not agreed."""
    play = Playbook(plan(place_back_s=limit_s))
    cut_off(play, number)
    play.caller_waits(number, queue=queue)
    assert back(play) == []


def test_whoever_was_answered_or_bidden_good_bye_has_none() -> None:
    play = Playbook(plan(max_waiting=1, overflow=(MESSAGE,)))
    play.ready(ALICE)
    caller, phone = play.talks(HIS)
    play.hear(play.asterisk.hangs_up(caller, phone))
    waits = play.caller_waits("13700137000")
    full = play.caller_waits(HERS)
    assert [one.channel for one in play.wanted(fx.GoOn)] == [full]
    play.hear(play.asterisk.hangs_up(full))
    assert play.said(e.CallPlaceKept) == []
    play.hear(play.asterisk.hangs_up(waits))
    assert [told.ani for told in play.said(e.CallPlaceKept)] == ["13700137000"]


def test_in_a_line_that_is_full_meanwhile_his_place_is_his() -> None:
    play = Playbook(plan(max_waiting=1, overflow=(MESSAGE,)))
    cut_off(play)
    play.caller_waits(HERS)
    play.caller_waits(HIS)
    assert (line(play), play.wanted(fx.GoOn)) == ([HIS, HERS], [])


def test_a_place_is_of_the_wait_in_which_it_was_given_back() -> None:
    play = Playbook(plan())
    cut_off(play)
    call = play.call_of(play.caller_waits(HIS))
    story = play.switchboard._house.stories[call]
    assert place_back_of(story) is not None
    assert story.queued is not None
    story.hear(replace(story.queued, since=story.queued.at + timedelta(minutes=5)))  # he was with somebody meanwhile
    assert place_back_of(story) is None


def test_old_places_are_forgotten() -> None:
    play = Playbook(plan(place_back_s=60))
    cut_off(play)
    play.wait(3600)
    cut_off(play, HERS)
    assert list(play.switchboard._house.places) == [HERS]


def test_a_restart_of_ours_forgets_no_place_neither_one_that_is_kept_nor_one_that_was_given_back() -> None:
    before = Playbook(plan())
    cut_off(before, HIS)
    cut_off(before, HERS)
    before.caller_waits("13700137000")
    before.caller_waits(HIS)
    again = _reborn(before)
    assert line(again) == [HIS, "13700137000"]
    again.caller_waits(HERS)
    assert line(again) == [HIS, HERS, "13700137000"]
    again.caller_waits(HIS)
    assert line(again) == [HIS, HERS, "13700137000", HIS]


def test_who_is_found_gone_after_a_restart_was_cut_off_as_well() -> None:
    before = Playbook(plan())
    caller = before.caller_waits(HIS)
    before.wait(20)
    before.asterisk.hangs_up(caller)
    again = _reborn(before)
    again.caller_waits(HIS)
    assert len(back(again)) == 1


def test_an_explanation_names_it() -> None:
    play = Playbook(plan())
    cut_off(play)
    call = play.call_of(play.caller_waits(HIS))
    waits = play.order(c.ExplainWait(call=call))
    assert isinstance(waits, c.WaitExplained)
    assert waits.reason is not None
    assert waits.reason.place_back == play.floor().waiting[0].steps[0]


def _reborn(before: Playbook) -> Playbook:
    again = Playbook(plan(), line=False)
    again.asterisk = before.asterisk
    again.hear_effects(again.switchboard.restore(known(before.told), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    return again
