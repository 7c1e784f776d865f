"""A phone is called so that somebody speaks a prompt: once, as nobody's call, and its agent is busy meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami import vocabulary as ami
from cti.dialling import DialRules
from cti.switchboard import Promise, Switchboard
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, CAROL, Playbook, floor_plan

WISH = c.CallForPrompt(agent=CAROL, take="17x1", prompt="welcome")


def asked() -> tuple[Playbook, Promise, fx.CallPhone]:
    play = Playbook()
    play.ready(CAROL)
    play.forget()
    promise = play.promised(WISH)
    return play, promise, play.last(fx.CallPhone)


def ringing() -> tuple[Playbook, fx.CallPhone, str]:
    play, promise, wanted = asked()
    play.hear(play.asterisk.summons("1003", wanted.channel_id), fx.Done(effect=wanted))
    assert play.result(promise) == CommandResult(ok=True)
    return play, wanted, play.asterisk.last


def test_her_own_phone_is_called_once_and_led_to_where_it_is_recorded() -> None:
    play, _, wanted = asked()
    assert (wanted.channel, wanted.room, wanted.place) == ("PJSIP/1003", fx.Room.RECORD, "17x1")
    assert wanted.headers == {"X-CW-Prompt": "welcome"}
    assert not wanted.stamped
    assert len(play.wanted(fx.CallPhone)) == 1


def test_she_gets_no_call_meanwhile_and_is_back_as_she_was() -> None:
    play, _, phone = ringing()
    assert play.state(CAROL) is AgentState.TALKING
    play.hear(play.asterisk.summoned(phone, "cw-record", "17x1"))
    play.caller_waits(skills="en:1")
    assert play.offers == []
    play.hear(play.asterisk.hangs_up(phone))
    assert play.state(CAROL) is not AgentState.TALKING
    assert [one.agent for one in play.said(e.CallOffered)] == [CAROL]
    [over] = play.said(e.PromptCallOver)
    assert (over.take, over.answered) == ("17x1", True)


def test_it_is_no_call_of_the_log() -> None:
    play, _, phone = ringing()
    play.hear(play.asterisk.summoned(phone, "cw-record", "17x1"), play.asterisk.hangs_up(phone))
    assert [one for one in play.told if isinstance(one, e.CallEvent)] == []
    assert play.floor().calls == ()
    assert play.state(CAROL) is AgentState.READY


@pytest.mark.parametrize(
    ("cause", "why"),
    [(17, e.Outcome.BUSY), (21, e.Outcome.REJECTED), (19, e.Outcome.NO_ANSWER), (34, e.Outcome.FAILED)],
)
def test_a_phone_that_does_not_answer_is_told_why(cause: int, why: e.Outcome) -> None:
    play, _, phone = ringing()
    asterisk = play.asterisk
    play.hear([ami.DialBegin(server=asterisk.server, at=asterisk.now, channel=None, dest=asterisk.channels[phone])])
    play.hear([replace(play.asterisk.says_goodbye(phone)[0], cause=cause)], play.asterisk.summoned_in_vain(phone))
    [over] = play.said(e.PromptCallOver)
    assert (over.answered, over.why) == (False, why)
    assert play.state(CAROL) is AgentState.READY


def test_a_phone_that_never_comes_is_told_and_she_is_free() -> None:
    play, promise, wanted = asked()
    play.hear(fx.Done(effect=wanted))
    assert play.result(promise) == CommandResult(ok=True)
    play.wait(10)
    [over] = play.said(e.PromptCallOver)
    assert (over.answered, over.why) == (False, e.Outcome.FAILED)
    assert play.state(CAROL) is AgentState.READY


def test_asterisk_refuses() -> None:
    play, promise, wanted = asked()
    play.hear(fx.Failed(effect=wanted, why=fx.Failure.REFUSED))
    assert play.result(promise) == CommandResult(ok=False, code="command.failed")
    assert play.state(CAROL) is AgentState.READY
    assert len(play.said(e.PromptCallOver)) == 1


def test_an_answer_that_is_late_calls_nobody_twice() -> None:
    play, promise, wanted = asked()
    play.wait(5)
    assert play.result(promise) == CommandResult(ok=False, code="command.timed_out")
    play.hear(play.asterisk.summons("1003", wanted.channel_id))
    assert len(play.wanted(fx.CallPhone)) == 1
    assert [one.channel for one in play.wanted(fx.HangUpChannel)] == [play.asterisk.last], "it rings for nothing"
    play.hear(play.asterisk.hangs_up(play.asterisk.last))
    assert len(play.said(e.PromptCallOver)) == 1


@pytest.mark.parametrize("reborn", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_asterisk_called_it_and_our_line_broke_before_we_heard_of_it(*, reborn: bool, answered: bool) -> None:
    play, promise, wanted = asked()
    asterisk = play.asterisk
    asterisk.summons("1003", wanted.channel_id)
    phone = asterisk.last
    if answered:
        asterisk.summoned(phone, "cw-record", "17x1")
    if reborn:
        told, play = play.told, Playbook(line=False)
        play.asterisk = asterisk
        play.hear_effects(play.switchboard.restore(told, asterisk.now))
    else:
        play.hear(e.LinkLost(at=asterisk.now, server=asterisk.server, why="cut"))
        assert play.result(promise) == CommandResult(ok=False, code="command.timed_out")
        assert len(play.said(e.PromptCallOver)) == 1
    play.hear(asterisk.snapshot())
    assert [one.channel for one in play.wanted(fx.HangUpChannel)] == [phone]
    play.hear(asterisk.hangs_up(phone))
    assert play.state(CAROL) is AgentState.READY
    play.wait(120)
    assert len(play.wanted(fx.HangUpChannel)) == 1


def test_a_phone_that_rang_before_our_line_broke_rings_on_for_its_take() -> None:
    play, _, phone = ringing()
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server, why="cut"))
    play.hear(play.asterisk.snapshot())
    assert (play.wanted(fx.HangUpChannel), play.said(e.PromptCallOver)) == ([], [])
    play.hear(play.asterisk.summoned(phone, "cw-record", "17x1"), play.asterisk.hangs_up(phone))
    [over] = play.said(e.PromptCallOver)
    assert over.answered


def test_who_talks_or_has_no_phone_there_is_not_called() -> None:
    play = Playbook()
    assert play.order(WISH).code == "phone.unreachable"
    assert play.order(replace(WISH, agent=type(CAROL)("nobody"))).code == "agent.unknown"
    play.ready(ALICE)
    play.talks()
    assert play.order(replace(WISH, agent=ALICE)).code == "agent.has_call"
    assert play.wanted(fx.CallPhone) == []


def test_it_is_hung_up_on_her_wish() -> None:
    play, _, phone = ringing()
    play.hear(play.asterisk.summoned(phone, "cw-record", "17x1"))
    promise = play.promised(c.EndPromptCall(take="17x1"))
    hang_up = play.last(fx.HangUpChannel)
    assert hang_up.channel == phone
    play.hear(fx.Done(effect=hang_up), play.asterisk.hangs_up(phone))
    assert play.result(promise) == CommandResult(ok=True)
    assert play.order(c.EndPromptCall(take="17x1")).code == "call.unknown"


def test_it_is_given_up_before_the_phone_is_called_and_does_not_ring_on() -> None:
    play, _, wanted = asked()
    assert play.order(c.EndPromptCall(take="17x1")).ok
    assert play.wanted(fx.HangUpChannel) == []
    play.hear(fx.Done(effect=wanted), play.asterisk.summons("1003", wanted.channel_id))
    phone = play.asterisk.last
    assert [one.channel for one in play.wanted(fx.HangUpChannel)] == [phone]
    play.hear(play.asterisk.hangs_up(phone))
    assert len(play.said(e.PromptCallOver)) == 1
    assert play.state(CAROL) is AgentState.READY


def with_rules(rules: DialRules) -> Playbook:
    play = Playbook(line=False)
    play.switchboard = Switchboard(floor_plan(), play.asterisk.now, rules)
    play.hear(play.asterisk.snapshot())
    return play


@pytest.mark.parametrize(
    ("number", "code"),
    [("hello", "number.invalid"), ("+1 900 555 0100", "number.forbidden"), ("0900-1", "number.forbidden")],
)
def test_a_number_that_nobody_may_dial_is_not_called(number: str, code: str) -> None:
    play = with_rules(DialRules(area_code="21", forbidden=("0900", "001900")))
    assert play.order(replace(WISH, number=number)).code == code
    assert play.wanted(fx.CallPhone) == []


def test_another_phone_is_called_by_the_houses_line_as_the_house_and_its_owner_stays_free() -> None:
    play = with_rules(DialRules(area_code="21", line_out="trunk", shown="4008000"))
    play.ready(CAROL)
    promise = play.promised(replace(WISH, number="138 0013 8000"))
    wanted = play.last(fx.CallPhone)
    assert (wanted.channel, wanted.caller, wanted.headers) == ("PJSIP/13800138000@trunk", "4008000", {})
    play.hear(fx.Done(effect=wanted))
    assert play.result(promise) == CommandResult(ok=True)
    assert play.state(CAROL) is AgentState.READY
    assert with_rules(DialRules(has_line=False)).order(replace(WISH, number="13800138000")).code == "number.no_line"
