"""Callers who cannot wait in their queue, or not any longer, go on along its chain; and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm_core.domain.floor import FloorPlan, Queue
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.messages import Event
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.switchboard import FloorLoaded
from cti.switchboard.hourly import Hourly
from routing.messages import Waited
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan, known

TO_VIP = Overflow(kind=OverflowKind.QUEUE, to="vip")
TO_NUMBER = Overflow(kind=OverflowKind.NUMBER, to="02150001234")
TO_MESSAGE = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")
BOTH = (OverflowWhy.NOBODY, OverflowWhy.PAUSED)


def plan(
    *chain: Overflow,
    max_waiting: int = 0,
    max_wait_s: int = 0,
    when: tuple[OverflowWhy, ...] = (),
    vip: tuple[int, tuple[Overflow, ...]] = (0, ()),
) -> FloorPlan:
    drawn = floor_plan()
    service, other = drawn.queues
    service = replace(service, max_waiting=max_waiting, max_wait_s=max_wait_s, overflow_when=when, overflow=chain)
    other = replace(other, max_waiting=vip[0], overflow=vip[1], skills={SkillKey("zh"): 3})
    return replace(drawn, queues=(service, other))


def sent(play: Playbook) -> list[tuple[str, str]]:
    return [(one.kind.value, one.place) for one in play.wanted(fx.GoOn)]


def waiting(play: Playbook, queue: str = "service") -> int:
    return sum(row.queue == queue for row in play.floor().waiting)


def test_with_so_many_in_the_line_the_next_one_goes_on_and_why_is_told() -> None:
    play = Playbook(plan(TO_VIP, max_waiting=1))
    play.caller_waits()
    assert sent(play) == []
    second = play.caller_waits("13900139000")
    [told] = play.said(e.CallOverflowed)
    assert (told.call, told.queue, told.why, told.kind, told.to) == (
        play.call_of(second), "service", OverflowWhy.FULL, OverflowKind.QUEUE, "vip",
    )  # fmt: skip
    assert sent(play) == [("queue", "vip")]
    assert play.last(fx.SetVariables).values == {"CW_TO_SKILLS": "zh:3"}
    assert waiting(play) == 1


def hourly(most: int, **more: Any) -> FloorPlan:
    drawn = plan(TO_MESSAGE, **more)
    service, other = drawn.queues
    return replace(drawn, queues=(replace(service, max_per_hour=most), other))


def why(play: Playbook) -> list[OverflowWhy]:
    return [one.why for one in play.said(e.CallOverflowed)]


def test_so_many_an_hour_are_answered_and_whoever_comes_then_goes_on() -> None:
    play = Playbook(hourly(2))
    play.ready(ALICE)
    first, _ = play.talks()
    play.hear(play.asterisk.hangs_up(first))
    waits = play.caller_waits("13900139000")
    assert sent(play) == [], "one was answered, and one will be"
    play.caller_waits("13700137000")
    assert (sent(play), why(play)) == ([("message", "all_busy")], [OverflowWhy.HOUR_FULL])
    play.hear(play.asterisk.hangs_up(waits))
    play.caller_waits("13600136000")
    assert len(sent(play)) == 1, "who hung up was not answered"


def test_an_hour_later_the_next_one_is_let_in() -> None:
    play = Playbook(hourly(1))
    play.ready(ALICE)
    first, _ = play.talks()
    play.hear(play.asterisk.hangs_up(first))
    play.wait(3590)
    play.caller_waits("13900139000")
    assert why(play) == [OverflowWhy.HOUR_FULL]
    play.wait(15)
    play.caller_waits("13700137000")
    assert why(play) == [OverflowWhy.HOUR_FULL]


def test_both_limits_hold_and_another_queue_has_its_own() -> None:
    play = Playbook(hourly(5, max_waiting=1))
    play.ready(ALICE)
    play.talks("13500135000", queue="vip")
    play.caller_waits()
    play.caller_waits("13900139000")
    assert why(play) == [OverflowWhy.FULL]


def test_whom_one_of_an_hour_was_before_a_restart_is_remembered() -> None:
    now = Playbook().asterisk.now
    tally = Hourly()
    tally.answered(QueueKey("service"), now)
    tally.remember([
        Waited(queue=QueueKey("service"), until=now - timedelta(minutes=10), waited_s=3, left=False),
        Waited(queue=QueueKey("service"), until=now - timedelta(minutes=70), waited_s=3, left=False),
        Waited(queue=QueueKey("service"), until=now - timedelta(minutes=20), waited_s=3, left=True),
        Waited(queue=QueueKey("service"), until=now - timedelta(minutes=30), waited_s=3, left=False),
    ])  # fmt: skip
    assert [tally.count(QueueKey("service"), now + timedelta(minutes=m)) for m in (0, 31, 50)] == [2, 1, 0]
    assert tally.count(QueueKey("vip"), now) == 0


def test_whom_a_phone_rings_for_takes_no_place_in_the_line() -> None:
    play = Playbook(plan(TO_MESSAGE, max_waiting=1))
    play.ready(ALICE)
    for number in ("13800138000", "13900139000"):
        play.caller_waits(number)
    assert sent(play) == []
    play.caller_waits("13700137000")
    assert sent(play) == [("message", "all_busy")]


def test_in_a_full_line_there_is_a_place_for_whom_somebody_free_can_take() -> None:
    play = Playbook(plan(TO_MESSAGE, max_waiting=1))
    play.ready(BOB)
    play.caller_waits("13700137000", skills="en:1")
    play.caller_waits(skills="consult:1")
    assert (sent(play), play.last(fx.OfferCall).extension) == ([], "1002")


def test_of_those_who_go_on_together_only_as_many_go_into_the_other_queue_as_may_wait_there() -> None:
    play = Playbook(plan(TO_VIP, TO_MESSAGE, when=BOTH, vip=(1, (TO_MESSAGE,))))
    play.ready(ALICE)
    caller, phone = play.talks()
    for number in ("13900139000", "13700137000"):
        play.caller_waits(number)
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.order(c.SignOff(agent=ALICE)).ok
    assert sent(play) == [("queue", "vip"), ("message", "all_busy")]


def test_who_goes_on_while_an_offer_is_taken_back_is_redirected_once() -> None:
    play = Playbook(plan(TO_MESSAGE, when=BOTH))
    play.ready(ALICE)
    caller = play.caller_waits()
    play.phone_rings(caller)
    assert play.order(c.RejectOffer(agent=ALICE, call=play.call_of(caller))).ok
    assert (sent(play), play.wanted(fx.WithdrawOffer)) == ([("message", "all_busy")], [])


def test_in_the_other_queue_he_keeps_his_waiting_time_and_waits_by_its_terms() -> None:
    play = Playbook(plan(TO_VIP, max_wait_s=120, vip=(1, (TO_MESSAGE,))))
    caller = play.caller_waits()
    since = play.floor().waiting[0].since
    play.wait(119)
    assert sent(play) == []
    play.wait(1)
    assert sent(play) == [("queue", "vip")]
    assert play.said(e.CallOverflowed)[0].waited_s == pytest.approx(120, abs=1)
    play.hear(play.asterisk.queues(caller, "vip", "zh:3", since=since.timestamp()))
    [row] = play.floor().waiting
    assert (row.queue, row.since, [(one.queue, one.why) for one in row.went_on]) == (
        "vip", since, [("service", OverflowWhy.TOO_LONG)],
    )  # fmt: skip
    play.ready(ALICE)
    assert play.last(fx.OfferCall).channel == caller


def test_nobody_is_sent_on_while_a_phone_rings_for_him_but_as_soon_as_it_stops() -> None:
    play = Playbook(plan(TO_MESSAGE, max_wait_s=15))
    play.ready(ALICE)
    caller = play.caller_waits()
    phone = play.phone_rings(caller)
    play.wait(16)
    assert sent(play) == []
    play.hear(play.asterisk.does_not_answer(phone, caller, play.offers[-1].offer))
    assert sent(play) == [("message", "all_busy")]


@pytest.mark.parametrize(("paused", "why"), [(False, OverflowWhy.NOBODY), (True, OverflowWhy.PAUSED)])
def test_whoever_comes_while_nobody_can_help_goes_on(paused: bool, why: OverflowWhy) -> None:
    play = Playbook(plan(TO_MESSAGE, when=BOTH))
    if paused:
        play.ready(ALICE)
        play.order_pause(ALICE)
    play.caller_waits()
    assert [told.why for told in play.said(e.CallOverflowed)] == [why]


def test_those_who_wait_go_on_when_the_last_one_leaves_but_not_while_somebody_is_busy() -> None:
    play = Playbook(plan(TO_MESSAGE, when=BOTH))
    play.ready(ALICE, BOB)
    caller, phone = play.talks()
    play.order_pause(BOB)
    play.caller_waits("13900139000")
    assert sent(play) == []
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert sent(play) == []
    assert play.order(c.SignOff(agent=ALICE)).ok
    assert [(told.why, told.kind) for told in play.said(e.CallOverflowed)] == [
        (OverflowWhy.PAUSED, OverflowKind.MESSAGE)
    ]


NINE_TO_TEN = OpeningHours(week={"mon": ("09:00-10:00",)})


@pytest.mark.parametrize(("timezone", "gone"), [("UTC", []), ("Asia/Shanghai", [OverflowWhy.CLOSED])])
def test_whoever_comes_outside_opening_hours_by_the_houses_clocks_goes_on(
    timezone: str, gone: list[OverflowWhy]
) -> None:
    drawn = plan(TO_MESSAGE)
    service = replace(drawn.queues[0], open_hours=NINE_TO_TEN)
    play = Playbook(replace(drawn, queues=(service, drawn.queues[1]), timezone=timezone))
    play.caller_waits()
    assert [told.why for told in play.said(e.CallOverflowed)] == gone


def test_who_waits_when_it_closes_is_served_and_a_closed_queue_takes_nobody_over() -> None:
    drawn = plan(TO_VIP, TO_MESSAGE, max_waiting=1)
    vip = replace(drawn.queues[1], open_hours=NINE_TO_TEN, overflow=(TO_MESSAGE,))
    play = Playbook(replace(drawn, queues=(drawn.queues[0], vip)))
    in_time = play.caller_waits(queue="vip")
    play.wait(3700)
    play.ready(ALICE)
    assert play.last(fx.OfferCall).channel == in_time
    play.caller_waits("13900139000")
    play.caller_waits("13700137000")
    assert sent(play) == [("message", "all_busy")]


def test_without_being_asked_to_nobody_goes_on_because_nobody_is_there() -> None:
    play = Playbook(plan(TO_MESSAGE, max_waiting=5))
    play.caller_waits()
    assert sent(play) == []


def test_a_step_for_other_reasons_and_one_that_cannot_take_him_are_passed_over() -> None:
    only_empty = replace(TO_MESSAGE, when=(OverflowWhy.NOBODY,))
    play = Playbook(plan(only_empty, TO_VIP, TO_NUMBER, max_waiting=1, vip=(1, (TO_MESSAGE,))))
    play.caller_waits("13700137000", queue="vip")
    play.caller_waits()
    play.caller_waits("13900139000")
    assert sent(play) == [("number", "02150001234")]
    assert play.said(e.CallOverflowed)[0].step == 3


def test_a_number_that_did_not_take_him_leads_to_the_next_step_and_after_the_last_he_waits() -> None:
    play = Playbook(plan(TO_NUMBER, replace(TO_NUMBER, to="02150005678"), max_wait_s=30))
    caller = play.caller_waits()
    since = play.floor().waiting[0].since.timestamp()
    play.wait(30)
    assert [call.phase for call in play.floor().calls] == ["sent_on"]
    play.hear(play.asterisk.is_called_outside(caller, "02150001234"), play.asterisk.queues(caller, since=since))
    assert sent(play) == [("number", "02150001234"), ("number", "02150005678")]
    play.hear(play.asterisk.is_called_outside(caller, "02150005678"))
    play.hear(play.asterisk.queues(caller, since=since))
    assert (len(sent(play)), waiting(play)) == (2, 1)
    play.wait(60)
    play.ready(ALICE)
    assert play.last(fx.OfferCall).channel == caller


def test_where_no_step_takes_him_it_is_tried_again_until_one_does() -> None:
    play = Playbook(plan(TO_VIP, max_wait_s=30, vip=(1, (TO_MESSAGE,))))
    other = play.caller_waits("13700137000", queue="vip")
    play.caller_waits()
    play.wait(40)
    assert (sent(play), waiting(play)) == ([], 1)
    play.hear(play.asterisk.hangs_up(other))
    play.wait(10)
    assert sent(play) == [("queue", "vip")]


def test_what_asterisk_refuses_is_tried_again() -> None:
    play = Playbook(plan(TO_MESSAGE, max_wait_s=30))
    play.caller_waits()
    play.wait(30)
    play.hear(fx.Failed(effect=play.last(fx.GoOn), why=fx.Failure.REFUSED))
    play.forget()
    play.wait(10)
    assert sent(play) == [("message", "all_busy")]


def test_after_a_restart_the_time_in_the_queue_goes_on_and_steps_behind_him_stay_behind() -> None:
    before = Playbook(plan(TO_NUMBER, TO_MESSAGE, max_wait_s=60))
    caller = before.caller_waits()
    since = before.floor().waiting[0].since.timestamp()
    before.wait(40)
    again = _reborn(before)
    again.wait(19)
    assert sent(again) == []
    again.wait(2)
    assert sent(again) == [("number", "02150001234")]
    third = _reborn(again, before.told)
    third.hear(third.asterisk.queues(caller, since=since))
    assert sent(third) == [("message", "all_busy")]


def _reborn(before: Playbook, earlier: Sequence[Event] = ()) -> Playbook:
    again = Playbook(plan(TO_NUMBER, TO_MESSAGE, max_wait_s=60), line=False)
    again.asterisk = before.asterisk
    again.hear_effects(again.switchboard.restore(known([*earlier, *before.told]), again.asterisk.now))
    again.hear(again.asterisk.snapshot())
    return again


def test_found_in_the_hold_loop_after_a_number_that_nobody_told_of_he_is_asked_and_goes_on() -> None:
    play = Playbook(plan(TO_NUMBER, TO_MESSAGE, max_wait_s=30))
    caller = play.caller_waits()
    play.wait(30)
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))
    play.asterisk.goes_back_to_hold(caller)
    play.hear(play.asterisk.snapshot())
    ask = play.last(fx.ReadVariables)
    since = play.said(e.CallQueued)[0].since
    assert since is not None
    play.hear(fx.Done(effect=ask, answer={"CW_WAIT": f"queue=service;since={since.timestamp()}"}))
    assert sent(play)[-1] == ("message", "all_busy")


def test_a_late_word_of_the_offer_before_takes_no_further_step() -> None:
    play = Playbook(plan(TO_VIP, TO_MESSAGE, max_wait_s=15))
    play.ready(ALICE)
    caller = play.caller_waits()
    [queued] = play.said(e.CallQueued)
    assert queued.since is not None
    phone = play.phone_rings(caller)
    play.wait(16)
    play.hear(play.asterisk.does_not_answer(phone, caller, play.offers[-1].offer))
    for ask in play.wanted(fx.ReadVariables):
        play.hear(fx.Done(effect=ask, answer={"CW_WAIT": f"queue=service;since={queued.since.timestamp()}"}))
    assert sent(play) == [("queue", "vip")]


def test_back_from_a_number_a_later_step_that_could_not_take_him_yet_is_tried_again() -> None:
    play = Playbook(plan(TO_NUMBER, TO_VIP, max_wait_s=30, vip=(1, (TO_MESSAGE,))))
    other = play.caller_waits("13700137000", queue="vip")
    caller = play.caller_waits()
    since = play.asterisk.now.timestamp()
    play.wait(31)
    play.hear(play.asterisk.is_called_outside(caller, "02150001234"), play.asterisk.queues(caller, since=since))
    assert sent(play) == [("number", "02150001234")]
    play.hear(play.asterisk.hangs_up(other))
    play.wait(10)
    assert sent(play)[1:] == [("queue", "vip")]


@pytest.mark.parametrize(
    "drawn", [plan(TO_MESSAGE, max_wait_s=30), plan(TO_MESSAGE, when=BOTH)], ids=["how_long", "by_whom"]
)
def test_new_limits_hold_for_those_who_wait_already(drawn: FloorPlan) -> None:
    play = Playbook(plan())
    play.caller_waits()
    play.wait(10)
    play.hear(FloorLoaded(plan=drawn))
    play.wait(20)
    assert sent(play) == [("message", "all_busy")]


def test_a_step_that_never_reached_asterisk_is_not_behind_him() -> None:
    play = Playbook(plan(TO_VIP, TO_MESSAGE, max_wait_s=30))
    play.caller_waits()
    since = play.asterisk.now.timestamp()
    play.wait(31)
    play.hear(fx.Failed(effect=play.last(fx.GoOn), why=fx.Failure.LINE_DOWN))
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server), play.asterisk.snapshot())
    play.hear(fx.Done(effect=play.last(fx.ReadVariables), answer={"CW_WAIT": f"queue=service;since={since}"}))
    assert sent(play) == [("queue", "vip"), ("queue", "vip")]


def test_the_last_one_left_while_the_line_was_down_and_those_who_wait_go_on_once_it_is_back() -> None:
    play = Playbook(plan(TO_MESSAGE, when=BOTH))
    play.ready(ALICE)
    caller, phone = play.talks()
    play.caller_waits("13900139000")
    play.hear(play.asterisk.hangs_up(phone, caller))
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))
    assert play.order(c.SignOff(agent=ALICE)).ok
    assert sent(play) == []
    play.hear(play.asterisk.snapshot())
    assert [told.why for told in play.said(e.CallOverflowed)] == [OverflowWhy.NOBODY]


def test_who_is_handed_on_into_a_queue_that_is_full_goes_on() -> None:
    play = Playbook(plan(vip=(1, (TO_MESSAGE,))))
    play.ready(ALICE)
    caller, phone = play.talks()
    play.caller_waits("13700137000", queue="vip")
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone), play.asterisk.queues(caller, "vip"))
    assert [(told.queue, told.why) for told in play.said(e.CallOverflowed)] == [("vip", OverflowWhy.FULL)]


@pytest.mark.parametrize("parked", [False, True])
def test_who_is_back_from_a_conversation_may_wait_anew(parked: bool) -> None:
    play = Playbook(plan(TO_MESSAGE, max_wait_s=60))
    play.ready(ALICE)
    since = play.asterisk.now.timestamp()
    caller, phone = play.talks()
    play.wait(200)
    if parked:
        play.hear(play.asterisk.parks(caller, "1001"), play.asterisk.gone(phone))
        play.wait(100)
        play.hear(play.asterisk.is_not_fetched(caller, "1001"), play.asterisk.queues(caller, since=since))
    else:
        play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone), play.asterisk.queues(caller, since=since))
    play.wait(59)
    assert sent(play) == []
    play.wait(2)
    assert [told.waited_s for told in play.said(e.CallOverflowed)] == [pytest.approx(60, abs=1)]


def test_a_queue_that_was_drawn_without_limits_lets_everybody_wait() -> None:
    play = Playbook(replace(floor_plan(), queues=(Queue(key=QueueKey("service"), names={"en": "Service"}),)))
    for number in range(5):
        play.caller_waits(f"1380013800{number}")
    play.wait(4000)
    assert (sent(play), waiting(play)) == ([], 5)
