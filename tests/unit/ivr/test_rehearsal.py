"""A menu talked through without a telephone: what is heard, which way it goes, and that nothing is really done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.kernel.ids import CustomerId, QueueKey, SkillKey
from crm_core.kernel.language import Language
from ivr.flow.asked import Answered, KeepMessage, NewCallback, WhoIs
from ivr.flow.messages import Disconnect, EnterQueue, HandOver, HungUp, Known, Sound
from ivr.flow.model import Flow, linked
from ivr.furniture import our_calendars
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.wordings import sounds_in
from ivr.rehearsal.deeds import Deed, deed
from ivr.rehearsal.heard import Spoken, spoken
from ivr.rehearsal.transcript import (
    AKey,
    AnAnswer,
    AnOutcome,
    Answers,
    Asked,
    Ended,
    Entered,
    Message,
    Transcript,
    rehearse,
)
from ivr.service import our_documents
from ivr.shelf import shelf
from tests.unit.ivr.flows import ending_flows, small_flow
from tests.unit.ivr.test_errands import QUEUES

CATALOGUE = load_catalogue()
OPEN = datetime(2026, 11, 27, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CLOSED = datetime(2026, 11, 28, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MAIN = shelf(our_documents(), sounds_in(Path("/nowhere")), calendars=our_calendars()).flows["main"]


def deeds(*texts: str) -> tuple[Deed, ...]:
    found = [deed(text) for text in texts]
    assert None not in found
    return tuple(one for one in found if one is not None)


def talk(
    *texts: str, flow: Flow = MAIN, at: datetime = OPEN, ani: str = "13800138000", answers: Answers | None = None
) -> Transcript:
    return rehearse(flow, Known(ani=ani, at=at), deeds(*texts), answers or {}, CATALOGUE)


def heard(transcript: Transcript) -> list[str]:
    return [one.text for one in transcript.lines if isinstance(one, Spoken)]


def path(transcript: Transcript) -> list[str]:
    return [one.node for one in transcript.lines if isinstance(one, Entered)]


def end(transcript: Transcript) -> object:
    last = transcript.lines[-1]
    assert isinstance(last, Ended)
    assert transcript.waits is None
    return last.by


def test_before_the_first_key_the_greeting_is_heard_and_a_key_is_waited_for() -> None:
    begun = talk()
    assert begun.waits == AKey(timeout_s=4)
    assert path(begun) == ["welcome", "language"]
    assert heard(begun)[0] == "您好，欢迎致电客户服务热线。"
    assert "For English, please press 2." in heard(begun)
    assert begun.used == 0


def test_every_node_he_comes_to_is_told_and_at_the_end_which_queue() -> None:
    talked = talk("2", "2")
    assert path(talked) == [
        *("welcome", "language", "english", "hours", "notice", "main", "repair", "connecting", "person"),
    ]
    assert end(talked) == EnterQueue(
        language=Language.EN,
        skills={SkillKey("en"): 1, SkillKey("repair"): 1},
        queue=QueueKey("repair"),
        priority=0,
        intent="repair",
    )


def test_at_another_time_he_is_told_when_it_is_open_again_in_the_words_of_his_language() -> None:
    english, chinese = heard(talk("2", at=CLOSED)), heard(talk("1", at=CLOSED))
    assert english[4].endswith("We are open again on November thirtieth twenty twenty six nine a.m.")
    assert chinese[4].endswith("我们恢复服务的时间是二零二六年十一月三十日九点")


def test_silence_goes_where_silence_leads() -> None:
    assert path(talk("silence"))[2] == "chinese"
    assert path(talk("silence", *["silence"] * 3))[-2:] == ["ask_operator", "person"]


def test_what_comes_after_the_end_or_does_not_fit_is_not_used() -> None:
    assert talk("2", "2", "7", "7").used == 2
    assert talk("2", "way:promised", "2").used == 1


def test_a_promise_is_only_told_and_somebody_says_how_it_went() -> None:
    asked = talk("2", "8", "1")
    assert asked.waits is not None
    assert isinstance(asked.waits, AnOutcome)
    assert isinstance(asked.waits.question, NewCallback)
    assert asked.waits.ways == ("promised", "unusable", "error")
    promised = talk("2", "8", "1", "way:promised")
    by = "We will call you back by November twenty seventh twenty twenty six eleven a.m."
    assert heard(promised)[-2].endswith(by)
    assert "我们会在二零二六年十一月二十七日十一点之前给您回电" in heard(talk("1", "8", "1", "way:promised"))[-2]
    assert end(promised) == Disconnect()
    assert path(talk("2", "8", "1", "way:unusable"))[-2:] == ["unusable", "other_number"]


def test_a_failure_of_the_house_leads_to_the_error() -> None:
    failed = talk("2", "8", "1", "way:error")
    assert path(failed)[-2:] == ["trouble", "person"]
    assert [one.failed for one in failed.lines if isinstance(one, Asked)] == [True]


def test_a_message_is_spoken_heard_again_and_kept_by_nobody() -> None:
    kept = talk("1", "6", "1", "3", "way:kept")
    assert [one.heard for one in kept.lines if isinstance(one, Message)] == [False, True]
    assert path(kept)[-2:] == ["message_kept", "goodbye"]


def test_who_hangs_up_after_the_tone_has_left_a_message() -> None:
    gone = talk("1", "6", "hang_up")
    assert end(gone) == HungUp()
    asked = gone.lines[-2]
    assert isinstance(asked, Asked)
    assert isinstance(asked.question, KeepMessage)
    assert not asked.really
    assert end(talk("1", "hang_up")) == HungUp()


def looking_up() -> Flow:
    node = {
        "kind": "look_up",
        "found": "greet",
        "several": "no",
        "unknown": "no",
        "error": "house",
    }
    transfer = {"kind": "transfer", "number": "ani", "unusable": "no", "error": "house"}
    ends = {name: QUEUES[name] for name in ("no", "house", "person")}
    return small_flow(start="who", nodes={"who": node, "greet": transfer, **ends})


def test_the_house_is_asked_in_earnest_only_for_what_changes_nothing() -> None:
    flow, asked = looking_up(), WhoIs(number="1001")
    first = talk(flow=flow, ani="1001")
    assert isinstance(first.waits, AnAnswer)
    assert first.waits.ask.question == asked
    found = Answered(way="found", values={"name": "Li"}, customer=CustomerId("c1"))
    second = talk(flow=flow, ani="1001", answers={asked: found})
    assert isinstance(second.waits, AnOutcome)
    assert end(talk("way:number", flow=flow, ani="1001", answers={asked: found})) == HandOver(where="number", to="1001")
    assert path(talk(flow=flow, ani="1001", answers={asked: None}))[-1] == "house"


def test_in_a_sub_flow_it_is_known_where_on_the_drawing_he_stands() -> None:
    called = small_flow(start="back", nodes={"back": {"kind": "return"}, "person": QUEUES["person"]})
    sub = {"kind": "sub_flow", "flow": "called", "next": "person"}
    caller = small_flow(start="sub", nodes={"sub": sub, "person": QUEUES["person"]})
    flows = linked({"caller": caller, "called": called})
    entered = [one for one in talk(flow=flows["caller"]).lines if isinstance(one, Entered)]
    assert [(one.node, one.drawn) for one in entered] == [("sub", "sub"), ("back", "sub"), ("person", "person")]


def test_a_recording_without_words_is_told_by_its_name() -> None:
    sounds = [Sound(language=Language.EN, key=key) for key in ("n_2", "jingle")]
    assert list(spoken(sounds, CATALOGUE)) == [Spoken(language=Language.EN, text="two [jingle]")]


@pytest.mark.parametrize("text", ["", "12", "way:", "way:1", "Silence", "2\n", "x", "１"])
def test_what_is_no_deed_is_none(text: str) -> None:
    assert deed(text) is None


DEEDS = st.lists(st.sampled_from([*"0123456789*#", "silence", "hang_up", "way:kept", "way:error", "way:rated"]))


@given(ending_flows(), DEEDS)
def test_whatever_is_done_it_comes_to_a_wait_or_an_end_and_more_deeds_change_nothing_before(
    flow: Flow, texts: list[str]
) -> None:
    whole, part = talk(*texts, flow=flow), talk(*texts[:-1], flow=flow)
    assert whole.used <= len(texts)
    assert (whole.waits is None) == isinstance(whole.lines[-1], Ended)
    told = part.lines[:-1] if isinstance(part.waits, AnOutcome) else part.lines
    assert whole.lines[: len(told)] == told
