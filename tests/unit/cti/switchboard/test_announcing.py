"""What callers who wait are told, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.domain.floor import Announced, FloorPlan
from cti import effects as fx
from cti import events as e
from cti.switchboard import FloorLoaded
from tests.unit.cti.switchboard.playbook import ALICE, Playbook, floor_plan

BOTH = (Announced.POSITION, Announced.WAIT)


def plan(
    *what: Announced, comfort: str = "", first_s: int = 15, every_s: int = 45, queue: str = "service"
) -> FloorPlan:
    drawn = floor_plan()
    told = {"announce": what, "comfort": comfort, "announce_first_s": first_s, "announce_every_s": every_s}
    return replace(drawn, queues=tuple(replace(one, **told) if one.key == queue else one for one in drawn.queues))


def heard(play: Playbook) -> list[tuple[str, int | None]]:
    """Who was told that he has which place."""
    return [(one.channel, one.position) for one in play.wanted(fx.Announce)]


def test_a_caller_is_told_his_place_after_a_while_and_again_and_again() -> None:
    play = Playbook(plan(Announced.POSITION))
    first, second = play.caller_waits(), play.caller_waits("13900139000")
    play.wait(14)
    assert heard(play) == []
    play.wait(2)
    assert heard(play) == [(first, 1), (second, 2)]
    play.hear(play.asterisk.hangs_up(first))
    play.forget()
    play.wait(45)
    assert heard(play) == [(second, 1)], "as it is at that moment"
    play.wait(45)
    assert len(heard(play)) == 2


def test_he_is_told_in_the_language_he_chose_and_with_the_prompt_of_the_house() -> None:
    play = Playbook(plan(*BOTH, comfort="thank_you_for_waiting"))
    play.caller_waits()
    play.wait(16)
    told = play.last(fx.Announce)
    assert (told.language, told.comfort, told.wait_s) == ("zh", "thank_you_for_waiting", None)


def test_of_what_nobody_knows_nothing_is_said() -> None:
    play = Playbook(plan(Announced.WAIT))
    play.caller_waits()
    play.wait(100)
    assert heard(play) == []


def test_a_queue_without_announcements_leaves_its_callers_to_the_music() -> None:
    play = Playbook(plan(Announced.POSITION, queue="vip"))
    play.caller_waits()
    play.wait(300)
    assert heard(play) == []


def test_while_a_phone_rings_for_him_and_on_his_way_back_he_is_told_nothing() -> None:
    play = Playbook(plan(Announced.POSITION))
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    play.wait(20)
    play.hear(play.asterisk.does_not_answer(phone, caller, play.offers[-1].offer))
    play.wait(4)
    assert heard(play) == []
    play.wait(7)
    assert heard(play) == [(caller, 1)]


def test_whoever_talks_or_is_gone_is_told_nothing_more() -> None:
    play = Playbook(plan(Announced.POSITION))
    play.ready(ALICE)
    talking, gone = play.caller_waits(), play.caller_waits("13900139000")
    play.hear(play.asterisk.picks_up(play.phone_rings(talking), talking), play.asterisk.hangs_up(gone))
    play.wait(300)
    assert heard(play) == []


def test_with_the_line_down_nobody_is_told_anything_and_afterwards_they_are_again() -> None:
    play = Playbook(plan(Announced.POSITION))
    caller = play.caller_waits()
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))
    play.wait(30)
    assert heard(play) == []
    play.hear(play.asterisk.snapshot())
    play.wait(46)
    assert heard(play)[:1] == [(caller, 1)]


@pytest.mark.parametrize("queue", ["service", "vip"])
def test_terms_that_are_drawn_anew_hold_for_who_waits_already(queue: str) -> None:
    play = Playbook()
    caller = play.caller_waits(queue=queue)
    play.hear(FloorLoaded(plan=plan(Announced.POSITION, first_s=5, queue=queue)))
    play.wait(46)
    assert heard(play)[:1] == [(caller, 1)]


def test_a_line_that_is_found_waiting_is_told_one_after_the_other_and_not_all_at_once() -> None:
    play = Playbook()
    callers = []
    for _ in range(3):
        callers.append((play.caller_waits(), 1 + len(callers)))
        play.wait(5)
    play.wait(60)
    play.hear(FloorLoaded(plan=plan(Announced.POSITION)))
    times: list[float] = []
    for _ in range(45):
        before = len(heard(play))
        play.wait(1)
        times += [play.asterisk.now.timestamp()] * (len(heard(play)) - before)
    assert sorted(heard(play)) == sorted(callers)
    assert [round(later - times[0]) for later in times] == [0, 5, 10]


def test_an_offer_that_comes_while_he_is_led_to_an_announcement_is_made_in_a_moment() -> None:
    play = Playbook(plan(Announced.POSITION))
    caller = play.caller_waits()
    play.wait(15)
    assert heard(play) == [(caller, 1)]
    play.ready(ALICE)
    offer = play.offers[-1]
    play.hear(fx.Failed(effect=offer, why=fx.Failure.REFUSED, text="Redirect failed, channel not up."))
    assert play.said(e.OfferFailed) == []
    assert play.said(e.Anomaly) == [], "it is as it should be, and tried many times"
    play.wait(0.02)
    assert play.offers == [offer, offer]


def test_one_that_is_refused_at_another_time_has_failed() -> None:
    play = Playbook(plan(Announced.POSITION))
    play.caller_waits()
    play.wait(20)
    play.ready(ALICE)
    play.hear(fx.Failed(effect=play.offers[-1], why=fx.Failure.REFUSED, text="Redirect failed, channel not up."))
    assert [failed.why for failed in play.said(e.OfferFailed)] == [e.OfferFailure.FAILED]


def test_what_he_was_told_of_his_wait_is_kept_once_he_hears_it() -> None:
    play = Playbook(plan(*BOTH))
    play.caller_waits()
    play.wait(16)
    announce = replace(play.last(fx.Announce), wait_s=150.04)
    assert play.said(e.CallToldWait) == []
    play.hear(fx.Done(effect=announce))
    [told] = play.said(e.CallToldWait)
    assert (told.call, told.queue, told.wait_s, told.position) == (announce.call, "service", 150.0, 1)
    play.hear(fx.Done(effect=replace(announce, wait_s=None)))
    play.hear(fx.Failed(effect=announce, why=fx.Failure.NO_CHANNEL, text=""))
    assert play.said(e.CallToldWait) == [told]
