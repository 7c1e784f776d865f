"""A menu leads its caller to a phone: what the call's story tells of it, and that the agent has no other call then."""

from __future__ import annotations

import pytest

from cti import effects as fx
from cti import events as e
from cti.events import Outcome
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, Playbook


def led_to(play: Playbook, where: str = "agent", to: str = "1001") -> tuple[str, str]:
    """The channels of the caller and of the phone that rings for him."""
    play.hear(play.asterisk.arrives())
    caller = play.asterisk.last
    play.hear(play.asterisk.steps(caller, "to", "", f"transfer_{where}"))
    play.wait(3)
    play.asterisk.is_sent(caller, f"cw-menu-{where}", f"0*{to}")
    play.hear(play.asterisk.is_called(caller, to if where == "agent" else "trunk"))
    phone = play.asterisk.last
    play.hear(play.asterisk.rings(phone))
    return caller, phone


def ended(play: Playbook) -> e.CallEnded:
    (over,) = play.said(e.CallEnded)
    return over


@pytest.mark.parametrize(("where", "agents"), [("agent", (ALICE,)), ("number", ())])
def test_who_is_answered_has_not_waited(where: str, agents: tuple[str, ...]) -> None:
    play = Playbook()
    caller, phone = led_to(play, where)
    play.wait(4)
    play.hear(play.asterisk.picks_up(phone, caller))
    play.wait(20)
    play.hear(play.asterisk.hangs_up(phone, caller))
    over = ended(play)
    assert (over.outcome, over.agents) == (Outcome.ANSWERED, agents)
    assert (over.wait_s, over.ring_s, over.talk_s) == (0, 4, 20)


def test_who_hangs_up_while_it_rings_has_given_up() -> None:
    play = Playbook()
    caller, phone = led_to(play)
    play.wait(4)
    play.hear(
        play.asterisk.says_goodbye(caller), play.asterisk.was_cancelled(phone, caller), play.asterisk.gone(caller)
    )
    over = ended(play)
    assert (over.outcome, over.wait_s, over.ring_s, over.talk_s) == (Outcome.ABANDONED, 0, 4, 0)


def test_whom_nobody_takes_waits_in_a_line_as_everybody() -> None:
    play = Playbook()
    caller, phone = led_to(play)
    play.hear(play.asterisk.does_not_answer(phone, caller), play.asterisk.queues(caller))
    play.ready(ALICE)
    phone = play.phone_rings(caller)
    play.hear(play.asterisk.picks_up(phone, caller))
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert ended(play).outcome is Outcome.ANSWERED
    assert [miss.party for miss in play.said(e.CallMissed)] == ["1001"]


def test_whose_phone_rings_for_a_menu_is_given_no_other_call() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = led_to(play)
    play.caller_waits("13900139000")
    assert play.offers == []
    play.hear(play.asterisk.picks_up(phone, caller))
    assert play.offers == []
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert [offer.extension for offer in play.offers] == ["1001"]


def test_it_is_no_queues_call_so_nothing_is_recorded_and_there_is_no_paperwork() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = led_to(play)
    play.hear(play.asterisk.picks_up(phone, caller))
    asked = play.last(fx.ReadVariables)
    play.hear(fx.Done(effect=asked, answer={"CW_WAIT": ""}))
    play.wait(10)
    assert play.wanted(fx.StartRecording) == []
    assert play.wanted(fx.ReadVariables) == [asked]
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.state(ALICE) is AgentState.READY


def test_with_the_line_lost_while_it_rings_the_story_goes_on() -> None:
    play = Playbook()
    caller, phone = led_to(play)
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server), play.asterisk.snapshot())
    play.hear(play.asterisk.picks_up(phone, caller))
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert ended(play).outcome is Outcome.ANSWERED
