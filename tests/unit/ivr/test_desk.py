"""The desk a menu asks: whatever it does, the caller is answered in time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from crm_core.kernel.ids import CallId
from ivr.desk import NobodyAtTheDesk, ask
from ivr.errors import NotAnswered
from ivr.fastagi.limits import Limits
from ivr.fastagi.line import AgiLine
from ivr.fastagi.session import MenuSession
from ivr.fastagi.verbs import AgiVerbs
from ivr.flow.asked import Answered, Question, WhoIs
from ivr.flow.messages import Ask
from tests.support.waiting import eventually
from tests.unit.ivr.fake_asterisk import FakeAsterisk
from tests.unit.ivr.flows import small_flow
from tests.unit.ivr.test_session import NOON

CALL = CallId("pbx-1")
QUESTION = Ask(question=WhoIs(number="13800138000"), within_s=0.05)
Answering = Callable[[], Awaitable[Answered]]


class DeskThat:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self.asked: list[tuple[CallId, Question]] = []
        self.told_to_stop = asyncio.Event()

    async def answer(self, call: CallId, question: Question) -> Answered:
        self.asked.append((call, question))
        try:
            return await self._answering()
        except asyncio.CancelledError:
            self.told_to_stop.set()
            raise


async def knows_him() -> Answered:
    return Answered(way="found", values={"name": "张伟"}, customer="cus_1")


async def breaks() -> Answered:
    raise OSError("no such host")


async def is_broken_off() -> Answered:
    raise asyncio.CancelledError


async def never() -> Answered:
    await asyncio.Event().wait()
    raise AssertionError


async def test_the_answer_and_whose_call_it_is() -> None:
    desk = DeskThat(knows_him)
    assert (await ask(desk, CALL, QUESTION)).customer == "cus_1"
    assert desk.asked == [(CALL, WhoIs(number="13800138000"))]


async def test_a_desk_that_breaks() -> None:
    with pytest.raises(NotAnswered, match="no such host"):
        await ask(DeskThat(breaks), CALL, QUESTION)


async def test_nobody_at_the_desk() -> None:
    with pytest.raises(NotAnswered, match="nobody"):
        await ask(NobodyAtTheDesk(), CALL, QUESTION)


async def test_a_desk_that_says_nothing_is_told_to_stop() -> None:
    desk = DeskThat(never)
    with pytest.raises(NotAnswered, match="no answer within"):
        await ask(desk, CALL, QUESTION)
    async with asyncio.timeout(5):
        await desk.told_to_stop.wait()


async def test_a_desk_that_does_not_stop_either_holds_nobody_up() -> None:
    go_on = asyncio.Event()

    async def hangs() -> Answered:
        while not go_on.is_set():
            try:
                await go_on.wait()
            except asyncio.CancelledError:
                continue
        raise OSError("too late")

    with pytest.raises(NotAnswered, match="no answer within"):
        await ask(DeskThat(hangs), CALL, QUESTION)
    go_on.set()


async def visit(
    desk: DeskThat | None, *, fake: FakeAsterisk | None = None, **more: dict[str, Any]
) -> tuple[FakeAsterisk, Counter[str]]:
    look_up = {
        "kind": "look_up",
        "found": "yes",
        "several": "person",
        "unknown": "person",
        "error": "house",
        "within_s": 0.5,
    }
    queues: dict[str, Any] = {name: {"kind": "queue", "intent": name} for name in ("yes", "house", "person")}
    errors: Counter[str] = Counter()
    fake = fake or FakeAsterisk()
    fake.variables = {"CALLERID(num)": "13800138000"}
    line = AgiLine(AgiVerbs(fake, {}, Limits()), Limits())  # type: ignore[arg-type]
    session = MenuSession(
        line,
        small_flow(start="who", nodes={"who": look_up, **queues, **more}),
        CALL,
        prompts=Path("/prompts"),
        recordings=Path("/recordings"),
        count=lambda code: errors.update([code]),
        now=lambda: NOON,
        desk=desk,
    )
    await session.run()
    return fake, errors


async def test_a_caller_whom_the_house_knows() -> None:
    desk = DeskThat(knows_him)
    fake, errors = await visit(desk)
    assert not errors
    assert desk.asked == [(CALL, WhoIs(number="13800138000"))]
    assert fake.events == ["CwMenu,Call: pbx-1,Flow: small,Node: who,Input: ,Label: caller_found"]
    assert fake.variables["CW_INTENT"] == "yes"


@pytest.mark.parametrize("answering", [breaks, is_broken_off, never, None])
async def test_a_caller_of_a_house_that_does_not_answer_goes_on(answering: Answering | None) -> None:
    fake, errors = await visit(DeskThat(answering) if answering else None)
    assert errors == {"ivr.not_answered": 1}
    assert fake.events == ["CwMenu,Call: pbx-1,Flow: small,Node: who,Input: ,Label: not_answered"]
    assert fake.variables["CW_INTENT"] == "house"


async def test_keys_typed_while_the_house_is_asked_are_for_what_comes_next() -> None:
    fake = FakeAsterisk(keys=["5"])

    async def as_soon_as_he_is_listened_to() -> Answered:
        await eventually("the line to listen", lambda: any(one.startswith("WAIT FOR DIGIT") for one in fake.commands))
        return await knows_him()

    menu = {"kind": "menu", "prompts": ["ask"], "choices": {"5": "house"}, "exhausted": "person"}
    await visit(DeskThat(as_soon_as_he_is_listened_to), fake=fake, yes=menu)
    assert fake.variables["CW_INTENT"] == "house"
    assert fake.played == []
