"""A queue does not count on people whose phone is gone: after a grace its callers go on, until the phone is back."""

from __future__ import annotations

from crm_core.domain.overflow import OverflowWhy
from crm_core.kernel.ids import ServerId
from cti import effects as fx
from cti import events as e
from cti.ami import vocabulary as ami
from cti.switchboard.out_of_reach import GRACE_S
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, known
from tests.unit.cti.switchboard.test_overflow import BOTH, TO_MESSAGE, plan, sent, waiting

OTHER = ServerId("pbx2")
MESSAGE = ("message", "all_busy")


def house() -> Playbook:
    """Alice is ready; callers for whom nobody is there hear why and good-bye."""
    play = Playbook(plan(TO_MESSAGE, when=BOTH))
    play.ready(ALICE)
    return play


def reborn(play: Playbook) -> Playbook:
    again = Playbook(plan(TO_MESSAGE, when=BOTH), line=False)
    again.asterisk = play.asterisk
    again.hear_effects(again.switchboard.restore(known(play.told), play.asterisk.now))
    return again


def why(play: Playbook) -> list[OverflowWhy]:
    return [told.why for told in play.said(e.CallOverflowed)]


def test_who_waits_goes_on_when_the_laptop_of_the_last_one_has_been_closed_for_a_minute() -> None:
    play = house()
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits()
    play.wait(GRACE_S - 1)
    assert (sent(play), waiting(play)) == ([], 1)
    play.wait(1)
    assert (sent(play), why(play)) == ([MESSAGE], [OverflowWhy.NOBODY])
    assert play.state(ALICE) is AgentState.READY


def test_whoever_comes_later_goes_on_at_once_until_the_phone_is_back() -> None:
    play = house()
    play.hear(play.asterisk.unregisters("1001"))
    play.wait(3600)
    play.caller_waits()
    assert sent(play) == [MESSAGE]
    play.hear(play.asterisk.registers("1001"))
    caller = play.caller_waits("13900139000")
    assert (sent(play), play.last(fx.OfferCall).channel) == ([MESSAGE], caller)


def test_a_phone_that_registers_anew_loses_nobody() -> None:
    play = house()
    for _ in range(5):
        play.hear(play.asterisk.unregisters("1001"))
        play.wait(GRACE_S - 1)
        play.hear(play.asterisk.registers("1001"))
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits()
    play.wait(GRACE_S - 1)
    assert sent(play) == []


def test_beside_one_who_is_on_pause_that_is_the_reason() -> None:
    play = house()
    play.ready(BOB)
    play.order_pause(BOB)
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits()
    play.wait(GRACE_S)
    assert why(play) == [OverflowWhy.PAUSED]


def test_a_conversation_keeps_somebody_there_whose_phone_is_gone_and_paperwork_does_not() -> None:
    play = house()
    caller, phone = play.talks()
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits("13900139000")
    play.wait(GRACE_S)
    assert sent(play) == []
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert (play.state(ALICE), sent(play)) == (AgentState.WRAP_UP, [MESSAGE])


def test_paperwork_beside_a_phone_that_is_there_keeps_somebody_there() -> None:
    play = house()
    caller, phone = play.talks()
    play.hear(play.asterisk.hangs_up(phone, caller))
    play.caller_waits("13900139000")
    play.wait(3600)
    assert (play.state(ALICE), sent(play)) == (AgentState.WRAP_UP, [])


def test_while_no_line_was_up_nobody_could_tell_and_the_minute_begins_anew() -> None:
    play = house()
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits()
    play.wait(GRACE_S / 2)
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))
    play.wait(600)
    play.hear(play.asterisk.snapshot())
    play.wait(GRACE_S - 1)
    assert sent(play) == []
    play.wait(1)
    assert sent(play) == [MESSAGE]


def test_a_phone_at_the_other_asterisk_counts_and_the_loss_of_both_does_not() -> None:
    play = house()
    devices = {"PJSIP/1001": ami.DeviceState.NOT_IN_USE}
    there = ami.Snapshot(server=OTHER, at=play.asterisk.now, channels=(), bridges=(), devices=devices)
    play.hear(there, play.asterisk.unregisters("1001"))
    play.caller_waits()
    play.wait(3600)
    assert sent(play) == []
    play.hear(e.LinkLost(at=play.asterisk.now, server=OTHER))
    play.wait(GRACE_S)
    assert sent(play) == [MESSAGE]


def test_after_a_restart_of_ours_the_minute_begins_when_asterisk_is_heard() -> None:
    play = house()
    play.hear(play.asterisk.unregisters("1001"))
    play.caller_waits()
    play.wait(GRACE_S / 2)
    again = reborn(play)
    again.wait(600)
    again.hear(again.asterisk.snapshot())
    assert waiting(again) == 1
    again.wait(GRACE_S - 1)
    assert sent(again) == []
    again.wait(1)
    assert sent(again) == [MESSAGE]


def test_after_a_restart_of_ours_whose_phone_is_there_counts() -> None:
    play = house()
    again = reborn(play)
    again.wait(600)
    again.hear(again.asterisk.snapshot())
    again.wait(600)
    caller = again.caller_waits()
    assert (sent(again), again.last(fx.OfferCall).channel) == ([], caller)
