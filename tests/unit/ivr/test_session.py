"""A caller's visit to the menu, against an Asterisk in memory: whatever goes wrong, he gets to a person."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Event
from cti.events import CallStepped, CallWalked
from ivr.desk import message_file
from ivr.fastagi.errors import CallerHungUp
from ivr.fastagi.limits import Limits
from ivr.fastagi.line import AgiLine, clean
from ivr.fastagi.pipe import TextPipe
from ivr.fastagi.session import HearStep, MenuSession, Now, Tell
from ivr.fastagi.verbs import AgiVerbs
from ivr.flow.asked import Answered, KeepMessage, Question
from ivr.flow.loader import load_flow
from ivr.flow.model import Flow, linked
from ivr.furniture import our_calendars
from ivr.service import OUR_FLOWS
from tests.unit.ivr.fake_asterisk import FakeAsterisk
from tests.unit.ivr.flows import ending_flows, small_flow

MAIN = replace(load_flow(OUR_FLOWS / "main.json"), calendars=our_calendars())
PROMPTS = Path("/prompts")
KEPT = Path("/recordings")
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday."""


async def visit(
    fake: FakeAsterisk,
    flow: Flow = MAIN,
    *,
    now: Now = lambda: NOON,
    tell: Tell | None = None,
    kept: Path = KEPT,
    language: str = "",
    hear_step: HearStep | None = None,
    after_call: bool = False,
) -> Counter[str]:
    errors: Counter[str] = Counter()
    limits = Limits()
    line = AgiLine(AgiVerbs(fake, {}, limits), limits)  # type: ignore[arg-type]

    def count(code: str) -> None:
        errors[code] += 1

    session = MenuSession(
        line,
        flow,
        CallId("pbx-1"),
        prompts=PROMPTS,
        recordings=kept,
        count=count,
        now=now,
        tell=tell,
        language=language,
        hear_step=hear_step,
        after_call=after_call,
    )
    await session.run()
    return errors


class Telephony:
    """Of the same process: hears each step, but for the ones with these numbers."""

    def __init__(self, *unheard: int) -> None:
        self._unheard = unheard
        self.asked = 0
        self.heard: list[CallStepped] = []

    def hear(self, stepped: CallStepped) -> bool:
        self.asked += 1
        if self.asked in self._unheard:
            return False
        self.heard.append(stepped)
        return True

    def words(self) -> list[str]:
        """As they would have been said over the line."""
        return [
            f"CwMenu,Call: {one.call},Flow: {one.flow},Node: {one.node},Input: {clean(one.entered)},Label: {one.label}"
            for one in self.heard
        ]


async def test_a_repair_in_english() -> None:
    fake = FakeAsterisk(keys=["", "", "2", "", "", "2"])
    assert not await visit(fake)
    assert fake.played[-1] == "/prompts/en/connecting"
    assert fake.events == [
        "CwMenu,Call: pbx-1,Flow: main,Node: language,Input: 2,Label: en",
        "CwMenu,Call: pbx-1,Flow: main,Node: main,Input: 2,Label: repair",
    ]
    assert fake.variables == {
        "CW_QUEUE": "repair",
        "CW_SKILLS": "en:1/repair:1",
        "CW_PRIORITY": "0",
        "CW_LANG": "en",
        "CW_INTENT": "repair",
        "CHANNEL(language)": "en",
    }


async def test_steps_that_telephony_hears_in_our_process_cost_no_command() -> None:
    keys, house = ["", "", "2", "", "", "2"], Telephony()
    near, line = FakeAsterisk(keys=keys), FakeAsterisk(keys=keys)
    assert not await visit(near, hear_step=house.hear)
    await visit(line)
    assert house.words() == line.events
    assert house.heard[0].at == NOON
    assert [one for one in line.commands if "UserEvent" not in one] == near.commands


async def test_once_a_step_went_over_the_line_the_next_one_does_not_overtake_it() -> None:
    fake, house = FakeAsterisk(keys=["", "", "2", "", "", "9", "2"]), Telephony(2)
    assert not await visit(fake, hear_step=house.hear)
    assert [one.entered for one in house.heard] == ["2"]
    assert [one.partition("Input: ")[2][0] for one in fake.events] == ["9", "2"]
    assert house.asked == 2


async def test_behind_a_conversation_steps_go_over_the_line() -> None:
    """Only Asterisk can say it in order with the end of the conversation."""
    fake, house = FakeAsterisk(keys=["", "", "2", "", "", "2"]), Telephony()
    await visit(fake, hear_step=house.hear, after_call=True)
    assert (len(fake.events), house.asked) == (3, 0)


@settings(max_examples=15)
@given(flow=ending_flows(), keys=st.lists(st.sampled_from(["", *"0123456789*#"])))
async def test_either_way_the_same_steps_are_told_in_the_same_order(flow: Flow, keys: list[str]) -> None:
    near, line, house = FakeAsterisk(keys=keys), FakeAsterisk(keys=keys), Telephony()
    await visit(near, flow, hear_step=house.hear)
    await visit(line, flow)
    assert (house.words(), near.events) == (line.events, [])


@settings(max_examples=15)
@given(flow=ending_flows(), keys=st.lists(st.sampled_from(["", *"0123456789*#"])), at=st.integers(0, 40))
async def test_whoever_hangs_up_anywhere_has_told_what_he_did_until_then(flow: Flow, keys: list[str], at: int) -> None:
    told: list[Event] = []
    fake, house = FakeAsterisk(keys=keys, hang_up_at=at), Telephony()
    await visit(fake, flow, hear_step=house.hear, tell=told.append)
    walked = [key for one in told if isinstance(one, CallWalked) for visited in one.visits for key in visited.entered]
    stepped = [one.entered for one in house.heard if one.entered]
    assert [key for key in walked if key] == stepped


async def test_a_key_ends_the_prompt_and_those_after_it() -> None:
    fake = FakeAsterisk(keys=["1", "2"])
    await visit(fake)
    assert fake.played == ["/prompts/zh/welcome", "/prompts/zh/recording_notice", "/prompts/zh/connecting"]
    assert fake.variables["CW_SKILLS"] == "zh:1/repair:1"


async def test_the_language_is_kept_at_once() -> None:
    """If we die in the next moment, the queue still speaks it."""
    fake = FakeAsterisk(keys=["2"], hang_up_at=5)
    await visit(fake)
    of_every_call = {"CW_QUEUE": "service", "CW_PRIORITY": "0", "CW_INTENT": "other"}
    assert fake.variables == {"CW_LANG": "en", "CW_SKILLS": "en:1", "CHANNEL(language)": "en"} | of_every_call


def _learns() -> Flow:
    return small_flow(
        nodes={
            "hello": {"kind": "set", "queue": "repair", "skills": {"repair": 3}, "next": "speak"},
            "speak": {"kind": "language", "language": "en", "next": "again"},
            "again": {"kind": "set", "queue": "repair", "next": "ask"},
            "ask": {"kind": "menu", "prompts": ["ask"], "choices": {"1": "vip"}, "exhausted": "person"},
            "vip": {"kind": "set", "priority": 7, "intent": "vip", "after_call": "rate", "next": "more"},
            "more": {"kind": "menu", "prompts": ["more"], "choices": {"1": "person"}, "exhausted": "person"},
            "person": {"kind": "queue"},
        }
    )


async def test_what_is_known_of_him_is_told_at_once_and_only_what_is_new() -> None:
    """Killed in the next moment, or with his time over: the dialplan alone takes him where he was going."""
    fake = FakeAsterisk(keys=["1"])
    await visit(fake, _learns())
    told = [one for one in fake.commands if one.startswith("EXEC MSet")]
    assert told == [
        'EXEC MSet "CW_QUEUE=repair"',
        'EXEC MSet "CW_LANG=en,CW_SKILLS=en:1/repair:3,CHANNEL(language)=en"',
        'EXEC MSet "CW_PRIORITY=7,CW_INTENT=vip,CW_AFTER=rate"',
        told[-1],
    ]
    assert "CW_QUEUE=repair" in told[-1], "all of it once more, when he goes there"


async def test_what_cannot_be_told_at_once_is_no_trouble_of_his() -> None:
    fake = FakeAsterisk()
    fake.failing = {"MSet"}
    nodes = {
        "hello": {"kind": "set", "queue": "repair", "next": "more"},
        "more": {"kind": "play", "prompts": ["more"], "next": "person"},
        "person": {"kind": "queue"},
    }
    await visit(fake, small_flow(nodes=nodes))
    assert fake.played[0] == "/prompts/zh/more"


async def test_out_of_his_line_nothing_is_told_before_the_end() -> None:
    """The dialplan has kept his place, and knows itself where he goes."""
    fake = FakeAsterisk(keys=["1"])
    await visit(fake, _learns(), language="en")
    told = [one for one in fake.commands if one.startswith("EXEC MSet")]
    assert [one.partition("=")[0] for one in told] == ['EXEC MSet "CW_LANG', 'EXEC MSet "CW_LANG']


def _by_number() -> Flow:
    when = [{"value": "ani", "is": "begins_with", "this": ["021"]}, {"value": "dnis", "is": "equals", "this": ["8000"]}]
    nodes = {
        "who": {"kind": "condition", "cases": [{"when": when, "to": "shanghai"}], "otherwise": "pin"},
        "shanghai": {"kind": "queue", "intent": "shanghai"},
        "pin": {
            "kind": "collect",
            "into": "pin",
            "prompts": ["ask"],
            "longest": 4,
            "secret": True,
            "next": {"to": "person", "label": "known"},
            "exhausted": "person",
        },
        "person": {"kind": "queue"},
    }
    return small_flow(start="who", nodes=nodes)


async def test_who_calls_and_what_was_dialled_are_asked_of_the_line() -> None:
    fake = FakeAsterisk()
    fake.variables = {"CALLERID(num)": "02164881234", "CW_DNIS": "8000"}
    assert not await visit(fake, _by_number())
    assert fake.variables["CW_INTENT"] == "shanghai"
    assert fake.commands[:2] == ['GET VARIABLE "CALLERID(num)"', 'GET VARIABLE "CW_DNIS"']


@pytest.mark.parametrize(("number", "intent"), [("02164881234", "known"), ("anonymous", "withheld"), ("", "withheld")])
async def test_a_word_that_stands_for_a_number_is_no_number(number: str, intent: str) -> None:
    """Who withholds his is not asked whether he wants to be called there."""
    fake = FakeAsterisk()
    fake.variables = {"CALLERID(num)": number}
    nodes = {
        "who": {
            "kind": "condition",
            "cases": [{"when": [{"value": "ani", "is": "known"}], "to": "known"}],
            "otherwise": "withheld",
        },
        "known": {"kind": "queue", "intent": "known"},
        "withheld": {"kind": "queue", "intent": "withheld"},
    }
    await visit(fake, small_flow(start="who", nodes=nodes))
    assert fake.variables["CW_INTENT"] == intent


async def test_what_cannot_be_asked_takes_nothing_else_away() -> None:
    fake = FakeAsterisk()
    fake.variables = {"CALLERID(num)": "02164881234", "CW_DNIS": "8000"}
    fake.failing = {"CW_DNIS"}
    when = [{"value": "ani", "is": "known"}, {"value": "dnis", "is": "known", "not": True}]
    nodes = {
        "who": {"kind": "condition", "cases": [{"when": when, "to": "caller"}], "otherwise": "person"},
        "caller": {"kind": "queue", "intent": "caller"},
        "person": {"kind": "queue"},
    }
    assert await visit(fake, small_flow(start="who", nodes=nodes)) == {"ivr.command_refused": 1}
    assert fake.variables["CW_INTENT"] == "caller"


async def test_a_clock_that_fails_is_apologised_for() -> None:
    def no_time() -> datetime:
        raise OSError

    fake = FakeAsterisk()
    assert await visit(fake, now=no_time) == {"ivr.bug": 1}
    assert fake.played == ["/prompts/zh/trouble"]


async def test_nothing_is_asked_that_the_flow_does_not_read() -> None:
    fake = FakeAsterisk()
    await visit(fake, small_flow())
    assert not [command for command in fake.commands if command.startswith("GET")]


async def test_what_is_secret_is_told_to_nobody() -> None:
    fake = FakeAsterisk(keys=["8", "6", "4", "2", "#"])
    assert not await visit(fake, _by_number())
    assert fake.events == ["CwMenu,Call: pbx-1,Flow: small,Node: pin,Input: ****,Label: known"]
    assert not [line for line in fake.commands if "8642" in line]


async def test_a_step_inside_another_flow_names_that_flow() -> None:
    inside = small_flow(nodes={"hello": _menu_back(), "back": {"kind": "return"}}, error="back")
    call = {"kind": "sub_flow", "flow": "inside", "next": "person"}
    outer = small_flow(start="call", nodes={"call": call, "person": {"kind": "queue"}})
    fake = FakeAsterisk(keys=["1"])
    assert not await visit(fake, linked({"small": outer, "inside": replace(inside, name="inside")})["small"])
    assert fake.events == ["CwMenu,Call: pbx-1,Flow: inside,Node: hello,Input: 1,Label: "]


def _menu_back() -> dict[str, Any]:
    return {"kind": "menu", "prompts": ["ask"], "choices": {"1": "back"}, "exhausted": "back"}


async def test_a_prompt_to_be_heard_to_the_end_goes_on_where_a_key_interrupted_it() -> None:
    nodes = {
        "hello": {"kind": "play", "prompts": ["hello"], "barge_in": False, "next": "menu"},
        "menu": {"kind": "menu", "prompts": ["ask"], "choices": {"1": "person"}, "exhausted": "person"},
        "person": {"kind": "queue"},
    }
    fake = FakeAsterisk(keys=["1", "", ""])
    await visit(fake, small_flow(nodes=nodes))
    assert [one for one in fake.commands if "/hello" in one] == [
        'STREAM FILE "/prompts/zh/hello" "0123456789*#" 0',
        'STREAM FILE "/prompts/zh/hello" "0123456789*#" 800',
    ]
    assert "/prompts/zh/ask" not in fake.played


async def test_a_goodbye_hangs_up() -> None:
    nodes: dict[str, Any] = {
        "bye": {"kind": "goodbye", "prompts": ["bye"], "error": "end"},
        "end": {"kind": "hangup"},
    }
    fake = FakeAsterisk()
    await visit(fake, small_flow(nodes=nodes, start="bye", error="end"))
    assert fake.variables["CW_NEXT"] == "hangup"


async def test_without_any_prompt_he_gets_to_a_person() -> None:
    fake = FakeAsterisk(sounds=[])
    errors = await visit(fake)
    assert errors == {"ivr.command_failed": 2}
    assert fake.variables["CW_QUEUE"] == "service"


async def test_a_missing_prompt_is_apologised_for() -> None:
    there = {f"/prompts/zh/{key}" for key in ("welcome", "choose_language", "recording_notice", "trouble")}
    fake = FakeAsterisk(sounds=there | {"/prompts/en/welcome", "/prompts/en/choose_language"})
    await visit(fake)
    assert fake.played[-1] == "/prompts/zh/trouble"
    assert fake.variables["CW_QUEUE"] == "service"


async def test_steps_nobody_hears_of_do_not_trouble_the_caller() -> None:
    fake = FakeAsterisk(keys=["1", "2"])
    fake.failing = {"UserEvent"}
    assert await visit(fake) == {"ivr.step_untold": 2}
    assert fake.variables["CW_QUEUE"] == "repair"


async def test_a_flow_that_fails_of_itself_apologises_and_lets_go() -> None:
    """A flow that was never proved: its first way leads nowhere, which is a KeyError inside."""
    broken = small_flow(nodes={"hello": {"kind": "play", "prompts": ["hello"], "next": "gone"}}, error="gone")
    fake = FakeAsterisk()
    assert await visit(fake, broken) == {"ivr.bug": 1}
    assert fake.played == ["/prompts/zh/hello", "/prompts/zh/sorry"]
    assert fake.variables["CW_QUEUE"] == "service"


class Slate:
    """The house, which keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    async def answer(self, call: CallId, question: Question) -> Answered:
        self.asked.append(question)
        return Answered(way="kept")


class Wire:
    """A writer of which only what was written is of interest."""

    def __init__(self) -> None:
        self.written = asyncio.Event()

    def write(self, data: bytes) -> None:
        if data.startswith(b"EXEC Record"):
            self.written.set()


async def test_a_message_is_kept_when_we_have_to_let_go_of_him_while_he_speaks() -> None:
    """Our process ends, or his time in the menu is over."""
    message = {"kind": "voicemail", "prompts": ["hello"], "type": "other", "subject": "a message"}
    ways = {"kept": "person", "empty": "person", "error": "person"}
    nodes = {"message": message | ways, "person": {"kind": "queue"}}
    said, wire, house, limits, errors = asyncio.StreamReader(), Wire(), Slate(), Limits(), list[str]()
    said.feed_data(b"200 result=1 (13800138000)\n200 result=0\n200 result=0 endpos=800\n")
    line = AgiLine(AgiVerbs(TextPipe(said, cast(asyncio.StreamWriter, wire)), {}, limits), limits)
    flow = small_flow(start="message", nodes=nodes)
    session = MenuSession(
        line,
        flow,
        CallId("pbx-1"),
        prompts=PROMPTS,
        recordings=KEPT,
        count=errors.append,
        now=lambda: NOON,
        desk=house,
    )
    visiting = asyncio.create_task(session.run())
    async with asyncio.timeout(5):
        await wire.written.wait()
    visiting.cancel()
    await asyncio.wait({visiting})
    assert visiting.cancelled()
    assert [type(one) for one in house.asked] == [KeepMessage]


async def test_the_whole_way_is_told_once_when_he_leaves_the_menu() -> None:
    told: list[Event] = []
    await visit(FakeAsterisk(keys=["", "", "2", "", "", "2"]), tell=told.append)
    (walked,) = told
    assert isinstance(walked, CallWalked)
    assert (walked.call, walked.at) == ("pbx-1", NOON)
    assert [(one.node, one.entered, one.way) for one in walked.visits if one.entered] == [
        ("language", ("2",), "choices.2"),
        ("main", ("2",), "choices.2"),
    ]
    assert (walked.visits[-1].node, walked.visits[-1].way) == ("person", "queue")


def _sent_to_a_person(fake: FakeAsterisk) -> bool:
    """With all that is known of him, and not only with what is new."""
    return any(one.startswith("EXEC MSet") and "CW_LANG" in one and "CW_QUEUE" in one for one in fake.commands)


@pytest.mark.parametrize("at", range(25))
async def test_who_hangs_up_has_a_way_too(at: int) -> None:
    told: list[Event] = []
    fake = FakeAsterisk(keys=["", "", "", "1", "", "", "9", "", "", "2"], hang_up_at=at)
    await visit(fake, tell=told.append)
    ends = [one.visits[-1].way for one in told if isinstance(one, CallWalked)]
    assert ends == (["queue"] if _sent_to_a_person(fake) else ["hung_up"])


async def test_a_bug_of_ours_is_no_hang_up_of_his() -> None:
    told: list[Event] = []
    moments = [NOON, NOON]

    def soon_no_time() -> datetime:
        return moments.pop()  # IndexError, once there are no more

    assert await visit(FakeAsterisk(keys=[""]), now=soon_no_time, tell=told.append) == {"ivr.bug": 1}
    assert [one.visits[-1].way for one in told if isinstance(one, CallWalked)] == ["cut"]


async def test_who_hangs_up_when_he_hears_of_our_trouble_has_a_way_too() -> None:
    told: list[Event] = []
    broken = small_flow(nodes={"hello": {"kind": "play", "prompts": ["hello"], "next": "gone"}}, error="gone")
    stays = FakeAsterisk()
    await visit(stays, broken)
    [at] = [number for number, command in enumerate(stays.commands) if "/sorry" in command]
    with contextlib.suppress(CallerHungUp):
        await visit(FakeAsterisk(hang_up_at=at), broken, tell=told.append)
    assert [one.visits[-1].way for one in told if isinstance(one, CallWalked)] == ["cut"]


async def test_a_way_that_cannot_be_told_is_no_trouble_of_his() -> None:
    def refuses(_: Event) -> None:
        raise RuntimeError

    fake = FakeAsterisk(keys=["", "", "2", "", "", "2"])
    assert await visit(fake, tell=refuses) == {"ivr.bug": 1}
    assert fake.played[-1] == "/prompts/en/connecting"
    assert fake.variables["CW_QUEUE"] == "repair"


def _message() -> Flow:
    message = {"kind": "voicemail", "prompts": ["hello"], "type": "other", "subject": "a message"}
    ways = {"kept": "person", "empty": "person", "error": "person"}
    return small_flow(start="message", nodes={"message": message | ways, "person": {"kind": "queue"}})


@pytest.mark.parametrize(("there", "next_one"), [([], 1), ([1], 2), ([2], 3), ([1, 2, 3], 4)])
async def test_a_message_takes_no_place_of_one_he_left_in_a_menu_before(
    tmp_path: Path, there: list[int], next_one: int
) -> None:
    """He left one in the menu, and leaves another while he waits: that is another visit."""
    (tmp_path / "messages").mkdir()
    for take in there:
        (tmp_path / message_file(CallId("pbx-1"), take)).touch()
    (tmp_path / message_file(CallId("pbx-2"), 8)).touch()
    fake = FakeAsterisk()
    await visit(fake, _message(), kept=tmp_path, language="zh")
    (recorded,) = (one for one in fake.commands if one.startswith("EXEC Record"))
    assert f"/messages/pbx-1-{next_one}.wav" in recorded


@pytest.mark.parametrize("at", range(25))
async def test_a_hang_up_at_any_command(at: int) -> None:
    fake = FakeAsterisk(keys=["", "", "", "1", "", "", "9", "", "", "2"], hang_up_at=at)
    assert not await visit(fake)


@given(flow=ending_flows(), keys=st.lists(st.sampled_from(["", *"0123456789*#"])), at=st.none() | st.integers(0, 60))
async def test_every_visit_ends_with_a_person_a_goodbye_or_a_hang_up(
    flow: Flow, keys: list[str], at: int | None
) -> None:
    fake = FakeAsterisk(keys=keys, hang_up_at=at)
    await visit(fake, flow)
    settled = "CW_LANG" in fake.variables or fake.variables.get("CW_NEXT") == "hangup"
    assert settled or not fake.up


@given(st.text())
def test_no_field_can_break_out(text: str) -> None:
    assert not set(clean(text)) & set('",;\\()[]{}$\r\n\0')
