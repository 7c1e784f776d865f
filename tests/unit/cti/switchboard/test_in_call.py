"""Within a conversation: muted by Asterisk, keys pressed for a machine, and what only a hand can do."""

from __future__ import annotations

import pytest

from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook


def talking() -> tuple[Playbook, str, str, CallId]:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(fx.Done(effect=play.last(fx.StartRecording)))
    play.forget()
    return play, caller, phone, play.call_of(caller)


def test_she_is_muted_at_her_own_phone_and_until_she_leaves() -> None:
    play, caller, phone, call = talking()
    promise = play.promised(c.Mute(agent=ALICE, call=call, muted=True))
    mute = play.last(fx.MuteVoice)
    assert (mute.channel, mute.muted) == (phone, True)
    assert play.said(e.CallMuted) == []
    play.hear(fx.Done(effect=mute))
    assert play.result(promise) == CommandResult(ok=True)
    assert play.floor().calls[0].muted == (ALICE,)
    play.promised(c.Mute(agent=ALICE, call=call, muted=False))
    play.hear(fx.Done(effect=play.last(fx.MuteVoice)))
    assert [told.muted for told in play.said(e.CallMuted)] == [True, False]
    assert play.floor().calls[0].muted == ()
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.floor().calls == ()


@pytest.mark.parametrize("digits", ["", " ", "12a4x", "1 2", "1" * 33, "1\r\n2", "٣"])
def test_what_is_no_key_is_not_pressed(digits: str) -> None:
    play, _, _, call = talking()
    assert play.order(c.SendDigits(agent=ALICE, call=call, digits=digits)).code == "digits.invalid"
    assert play.wanted(fx.SendKeys) == []


def test_keys_are_pressed_at_her_phone_and_kept() -> None:
    play, _, phone, call = talking()
    promise = play.promised(c.SendDigits(agent=ALICE, call=call, digits=" 12#d "))
    keys = play.last(fx.SendKeys)
    assert (keys.channel, keys.digits) == (phone, "12#D")
    play.hear(fx.Done(effect=keys))
    assert play.result(promise) == CommandResult(ok=True)
    assert [told.digits for told in play.said(e.DigitsSent)] == ["12#D"]


def test_but_nobody_keeps_a_card() -> None:
    play, _, _, call = talking()
    play.promised(c.PauseRecording(agent=ALICE, call=call))
    play.hear(fx.Done(effect=play.last(fx.MuteRecording)))
    command = c.SendDigits(agent=ALICE, call=call, digits="4111")
    play.promised(command)
    keys = play.last(fx.SendKeys)
    play.hear(fx.Done(effect=keys))
    assert [told.digits for told in play.said(e.DigitsSent)] == ["••••"]
    assert "4111" not in f"{command}{keys}{fx.Done(effect=keys)}{play.told}"


def test_a_receiver_is_lifted_by_hand() -> None:
    play, _, _, call = talking()
    assert play.order(c.HoldCall(agent=ALICE, call=call, held=True)).code == "phone.by_hand"
    assert play.order(c.AnswerCall(agent=ALICE, call=call)).code == "phone.by_hand"
    assert play.order(c.AnswerCall(agent=BOB, call=call)).code == "call.not_yours"
    assert play.order(c.AnswerCall(agent=ALICE, call=CallId("none"))).code == "call.unknown"


@pytest.mark.parametrize("kind", [c.Mute, c.SendDigits])
def test_nobody_touches_anothers_conversation(kind: type[c.Mute | c.SendDigits]) -> None:
    play, _, _, call = talking()
    more = {"muted": True} if kind is c.Mute else {"digits": "1"}
    for agent, which, code in ((BOB, call, "call.not_yours"), (ALICE, CallId("none"), "call.unknown")):
        assert play.order(kind(agent=agent, call=which, **more)).code == code  # type: ignore[arg-type]
    play.hear(e.LinkLost(server=play.asterisk.server, at=play.asterisk.now, why="cut"))
    assert play.order(kind(agent=ALICE, call=call, **more)).code == "link.down"  # type: ignore[arg-type]
