"""A callback in the line told step by step: on the page of the call in which it was promised, and of the one made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from agent_console.pages.calls.story import story
from agent_console.words import Words
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import AgentId, CallId, MessageId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import to_dict
from cti import events as e
from tests.unit.agent_console.test_story_of_waiting import ALICE, CALL, CAST, NOW, SERVICE, spoken

__all__ = ["spoken"]

MADE = CallId(f"{CALL}-cb-1")
AGENT = AgentId(ALICE)
LATER = NOW + timedelta(minutes=5)
BEGAN = e.CallbackBegan(
    call=MADE, at=LATER, of=CALL, promised_at=NOW, since=NOW, queue=SERVICE, number="1", agent=AGENT
)
VAIN = e.InVain(at=LATER, by=MADE, agent=AGENT, outcome=e.Outcome.BUSY)


def told(event: e.CallEvent, words: Words) -> str:
    body = {name: value for name, value in to_dict(event).items() if name != "topic"}
    line = LoggedEvent(
        position=1, message_id=MessageId("m"), topic=event.topic, at=event.at, call=event.call, body=body
    )
    [beat] = story([line], CAST)
    return words.speak(beat.told.sentence)


@pytest.mark.parametrize(
    ("event", "english", "chinese"),
    [
        (
            e.CallbackPromised(call=CALL, at=NOW, number="13900139000", queue=SERVICE, since=NOW),
            "Promised a callback at +86 139 0013 9000: the place in the queue Service hotline is kept.",
            "已承诺回电 139 0013 9000：在服务热线队列中的排位为其保留。",
        ),
        (
            BEGAN,
            "Called back for the queue Service hotline, as was asked for 5:00 before.",
            "服务热线队列回电：客户 5:00 前要求。",
        ),
        (
            e.CallbackBegan(
                call=MADE,
                at=LATER,
                of=CALL,
                promised_at=NOW,
                since=NOW,
                queue=SERVICE,
                number="1",
                agent=AGENT,
                tries=2,
            ),
            "Called back for the queue Service hotline, as was asked for 5:00 before; in vain so far: 2.",
            "服务热线队列回电：客户 5:00 前要求；此前未接通次数：2。",
        ),
        (
            e.CallbackAccepted(call=MADE, at=LATER, of=CALL, agent=AGENT),
            "Alice picked up; now the customer's phone was called.",
            "艾丽已接起，随即拨打客户电话。",
        ),
        (
            e.CallbackTried(call=CALL, at=NOW, by=MADE, agent=AGENT, outcome=e.Outcome.BUSY, tries=1, again_at=LATER),
            "Alice called back, in vain: the line was busy. It is tried again after 5:00.",
            "艾丽回电未接通：对方忙线。5:00 后再次拨打。",
        ),
        (
            e.CallbackTried(call=CALL, at=NOW, by=MADE, agent=AGENT, outcome=e.Outcome.FAILED, tries=3, again_at=None),
            "Alice called back, in vain: the call could not be put through.",
            "艾丽回电未接通：无法接通。",
        ),
        (
            e.CallbackDone(call=CALL, at=NOW, by=MADE, agent=AGENT),
            "Alice called back and reached the customer.",
            "艾丽已回电并联系上客户。",
        ),
        (
            e.CallbackDone(call=CALL, at=NOW, by=MADE, agent=AGENT, himself=True),
            "The customer called again and talked with Alice: there is no need to call back.",
            "客户再次来电并已与艾丽通话，无需回电。",
        ),
        (
            e.CallbackDone(call=CALL, at=NOW, by=CALL, agent=AGENT, himself=True),
            "Alice talked with the customer after all: there is no need to call back.",
            "艾丽随后已与客户通话，无需回电。",
        ),
        (
            e.CallbackDone(call=CALL, at=NOW, by=MADE, agent=None, himself=True),
            "The customer called again and was promised a callback then: this one is part of it.",
            "客户再次来电并重新预约了回电，本次回电已并入其中。",
        ),
        (
            e.CallbackGivenUp(call=CALL, at=NOW, number="1", queue=SERVICE, promised_at=NOW),
            "Nobody could call back for a week: it stays among the callbacks that are due.",
            "一周内未能回电：已转入待办回访。",
        ),
        (
            e.CallbackGivenUp(call=CALL, at=NOW, number="1", queue=SERVICE, promised_at=NOW, in_vain=(VAIN, VAIN)),
            "Called back in vain 2 times: it stays among the callbacks that are due.",
            "回电 2 次均未接通：保留在待回电列表中。",
        ),
        (
            e.CallbackGivenUp(call=CALL, at=NOW, number="1", queue=SERVICE, promised_at=NOW, unsure=MADE),
            "The system was away while the customer was called back, and nobody knows whether they talked: it stays "
            "among the callbacks that are due.",
            "回拨期间系统中断，不确定是否已与客户通话：保留在待回电列表中。",
        ),
    ],
)
def test_what_a_person_reads(spoken: Mapping[Language, Words], event: e.CallEvent, english: str, chinese: str) -> None:
    assert (told(event, spoken[Language.EN]), told(event, spoken[Language.ZH])) == (english, chinese)
