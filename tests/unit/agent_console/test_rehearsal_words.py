"""What a menu would do is told in words, for every question it may put and every way it may end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent_console.pages.calls.cast import Cast
from agent_console.rehearsal_words import asked, done, ended, outcome
from agent_console.words import Sayable, load_words
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import asking
from ivr.flow.asked import (
    Answered,
    Fetch,
    HowIsOrder,
    HowIsTicket,
    KeepComment,
    KeepMessage,
    Matter,
    Method,
    NewCallback,
    NewTicket,
    ProveWho,
    Question,
    Rate,
    Whither,
    WhoIs,
)
from ivr.flow.messages import Disconnect, EnterQueue, HandOver, HungUp
from ivr.rehearsal.deeds import deed, ways_of
from ivr.rehearsal.transcript import Asked, Ended

WORDS = load_words(timezone="Asia/Shanghai", home_region="CN")
NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
ABOUT: dict[str, Any] = {"matter": Matter.REPAIR, "subject": "Boiler", "caller": "13800138000", "customer": ""}
WHO, STATUS = WhoIs(number="13800138000"), HowIsTicket(number="202601050007", caller="", customer="")

ORDER = HowIsOrder(number="4839201756", caller="", customer="")


def english(said: Iterable[Sayable]) -> list[str]:
    return [WORDS[Language.EN].speak(one) for one in said]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (NewTicket(details={}, **ABOUT), "A ticket would be opened: “Boiler”."),
        (NewTicket(details={"account": "7"}, **ABOUT), "A ticket would be opened: “Boiler” (account: 7)."),
        (
            NewCallback(number="13800138000", due_at=NOON, why="", caller="", customer=""),
            "A callback at +86 138 0013 8000 by 28 Nov 2026, 12:00 would be promised.",
        ),
        (
            Fetch(method=Method.GET, address="https://crm.example.com/7", take={}),
            "Another system would be asked: https://crm.example.com/7",
        ),
        (ProveWho(account="4711", pin="1", caller=""), "The PIN of the account 4711 would be looked at."),
        (Whither(number="1001"), "The call would be led to the phone 1001."),
        (KeepMessage(take=1, shortest_s=2, **ABOUT), "The message would become a ticket: “Boiler”."),
        (KeepComment(take=1), "The comment would be kept with the call."),
        (Rate(score=4), "The rating 4 would be kept with the call."),
    ],
)
def test_what_is_not_really_done_is_told_with_how_it_is_taken_to_have_gone(question: Question, told: str) -> None:
    assert english(asked(Asked(question=question, really=False))) == [told]
    for way in ways_of(question):
        answer = None if way == "error" else Answered(way=way)
        said = english(asked(Asked(question=question, really=False, answer=answer, failed=answer is None)))
        assert said == [told, f"Here it is taken that: {english([outcome(way)])[0]}"]


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        (ORDER, None, "How far is the order 4839201756? The house did not answer in time."),
        (
            ORDER,
            Answered(way="unknown"),
            "How far is the order 4839201756? There is none, or it is not the caller's.",
        ),
        (
            ORDER,
            Answered(way="told", values={"kind": "sale", "state": "shipped"}),
            "How far is the order 4839201756? Shipped.",
        ),
        (WHO, Answered(way="found", values={"name": "Li"}), "Who has the number +86 138 0013 8000? Li."),
        (WHO, Answered(way="several"), "Who has the number +86 138 0013 8000? Several customers."),
        (WHO, None, "Who has the number +86 138 0013 8000? The house did not answer in time."),
        (
            WhoIs(number=""),
            Answered(way="unknown"),
            "Without a number nobody can be looked up.",
        ),
        (STATUS, Answered(way="told", values={"status": "open"}), "How is the ticket 202601050007? In progress."),
        (STATUS, Answered(way="unknown"), "How is the ticket 202601050007? There is none, or it is not the caller's."),
        (STATUS, None, "How is the ticket 202601050007? The house did not answer in time."),
    ],
)
def test_what_was_really_asked_is_told_with_its_answer(question: Question, answer: Answered | None, told: str) -> None:
    assert english(asked(Asked(question=question, really=True, answer=answer, failed=answer is None))) == [told]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        (Disconnect(), ["The menu hangs up."]),
        (HungUp(), ["The call is over."]),
        (None, ["The menu cannot go on; the caller goes to a person."]),
        (HandOver(where="agent", to="1001"), ["The call is led to the phone 1001."]),
        (
            EnterQueue(
                language=Language.ZH,
                skills={SkillKey("zh"): 1},
                queue=QueueKey("vip"),
                priority=5,
                asks=asking({SkillKey("repair"): 3}),
            ),
            [
                "The caller waits for a person in the queue vip.",
                "Asked for: repair, level 3 or better",
                "Asked for: zh, level 1 or better",
                "Priority: 5",
            ],
        ),
    ],
)
def test_every_end_is_told(by: EnterQueue | Disconnect | HandOver | HungUp | None, told: list[str]) -> None:
    assert english(ended(Ended(by), Cast())) == told


def test_every_deed_is_told() -> None:
    deeds = [one for one in map(deed, ("5", "silence", "hang_up", "way:kept")) if one is not None]
    assert english(map(done, deeds)) == ["Key 5", "Silence", "The caller hangs up.", "The message is kept"]
