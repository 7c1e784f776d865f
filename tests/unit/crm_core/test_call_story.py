"""A call retold: the same story in whatever order and however often its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.domain.call_story import Story, retell
from crm_core.domain.calls import CallDirection, CallOutcome
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import CallId, MessageId
from crm_core.kernel.phone import normalise

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL = CallId("pbx1-1767603600.7")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def line(seconds: float, topic: str, **body: Any) -> LoggedEvent:
    name = MessageId(f"{seconds} {topic} {sorted(body.items())}")
    return LoggedEvent(position=0, message_id=name, topic=topic, at=at(seconds), call=CALL, body=body)


CALLER = {"ani": "013800138000", "ani_name": "张伟"}
ARRIVED = line(0, "call.arrived", server="pbx1", direction="inbound", **CALLER, dnis="4008000")
WHOLE = (
    ARRIVED,
    line(2, "call.stepped", flow="main", node="language", entered="1", label="zh"),
    line(5, "call.stepped", flow="main", node="topic", entered="2", label="repair"),
    line(6, "call.queued", queue="service", requires={"zh": 1}, priority=0, language="zh", intent="repair"),
    line(7, "call.offered", agent="bob", extension="1002", offer="o1", queue="service", because={"rule": "only_one"}),
    line(8, "call.ringing", agent="bob", offer="o1"),
    line(28, "call.offer_failed", agent="bob", offer="o1", why="no_answer"),
    line(28, "call.offered", agent="alice", extension="1001", offer="o2", queue="service", because={"rule": "x"}),
    line(29, "call.ringing", agent="alice", offer="o2"),
    line(33, "call.connected", agent="alice", party="1001", offer="o2"),
    line(33, "recording.started", file="a.wav", mix_id="1"),
    line(40, "call.held", by="alice"),
    line(50, "call.resumed", by="alice"),
    line(90, "call.disconnected", agent="alice", party="1001"),
    line(90, "recording.stopped", file="a.wav"),
    line(90.5, "call.ended", outcome="answered", hung_up_by="caller", wait_s=27.0, talk_s=57.0, agents=["alice"]),
)
LENGTHS = {"wait_s": 27.0, "ring_s": 4.0, "talk_s": 47.0, "hold_s": 10.0, "consult_s": 3.0}
REFUSED = line(90.5, "call.ended", outcome="busy", hung_up_by="agent", cause=17, sip_cause=486, **LENGTHS)
HOLLOW = (
    line(91, "call.arrived", server="", direction="inbound", ani="", ani_name="", dnis=""),
    line(91, "call.queued", queue="", requires={}, priority=0, language="", intent=""),
    line(91, "call.ended", outcome="", hung_up_by="", cause=0, sip_cause=0, **dict.fromkeys(LENGTHS, 0.0)),
    line(92, "call.ended", outcome=None, hung_up_by=None, cause=None, **dict.fromkeys(LENGTHS)),
    line(93, "call.ended"),
)
"""Said later, and saying nothing."""


def told(*lines: LoggedEvent) -> Story:
    story = retell(lines, normalise)
    assert story is not None
    return story


def test_the_whole_story() -> None:
    story = told(*WHOLE)
    call = story.call
    assert (call.direction, call.server, call.dnis, call.ani_name) == (CallDirection.INBOUND, "pbx1", "4008000", "张伟")
    assert call.number.key == "+8613800138000"
    assert (call.started_at, call.queued_at, call.connected_at, call.ended_at) == (at(0), at(6), at(33), at(90.5))
    assert [step.label for step in call.path] == ["zh", "repair"]
    assert (call.queue, call.language, call.intent, call.requires) == ("service", "zh", "repair", {"zh": 1})
    assert (call.outcome, call.wait_s, call.talk_s, call.agents) == (CallOutcome.ANSWERED, 27.0, 57.0, ("alice",))
    assert call.recorded
    assert story.sounds[0].ended_at == at(90)
    bob, alice = story.legs
    assert (bob.agent, bob.failure, bob.connected_at, bob.left_at) == ("bob", "no_answer", None, at(28))
    assert (alice.agent, alice.failure, alice.talk_s, alice.because) == ("alice", "", 57.0, {"rule": "x"})


@given(st.permutations(WHOLE), st.lists(st.sampled_from(WHOLE)))
def test_order_and_repetition_do_not_matter(shuffled: list[LoggedEvent], again: list[LoggedEvent]) -> None:
    assert told(*shuffled, *again) == told(*WHOLE)


@given(st.lists(st.sampled_from(WHOLE), min_size=1), st.sampled_from(WHOLE))
def test_one_more_line_never_blanks_what_was_known(some: list[LoggedEvent], more: LoggedEvent) -> None:
    before, after = told(*some).call, told(*some, more).call
    for name in ("server", "ani", "dnis", "queued_at", "queue", "intent", "outcome", "connected_at", "ended_at"):
        assert getattr(before, name) in (None, "", getattr(after, name))


KEPT = (
    "server", "ani", "ani_name", "dnis", "queued_at", "queue", "language", "intent", "requires", "outcome",
    "connected_at", "ended_at", "hung_up_by", "cause", "sip_cause", *LENGTHS, "agents", "path",
)  # fmt: skip


@given(st.lists(st.sampled_from((*WHOLE, REFUSED)), min_size=1), st.lists(st.sampled_from(HOLLOW), min_size=1))
def test_silence_never_blanks_what_was_known(some: list[LoggedEvent], hollow: list[LoggedEvent]) -> None:
    before, after = told(*some).call, told(*some, *hollow).call
    for name in KEPT:
        known = getattr(before, name)
        assert not known or getattr(after, name) == known or name == "ended_at", name
    assert before.ended_at is None or after.ended_at is not None


def test_an_end_before_the_beginning() -> None:
    story = told(line(9, "call.ended", outcome="abandoned", hung_up_by="caller", wait_s=3.0))
    assert (story.call.outcome, story.call.number.key) == (CallOutcome.ABANDONED, "")


def test_who_rang_when_the_caller_went_is_a_leg_of_its_own() -> None:
    offered = line(1, "call.offered", agent="alice", extension="1001", offer="o1", queue="service")
    (leg,) = told(ARRIVED, offered, line(9, "call.ended", outcome="abandoned", hung_up_by="caller")).legs
    assert (leg.failure, leg.left_at, leg.talk_s) == ("caller_gone", at(9), None)


def test_the_same_agent_twice_is_two_legs_and_one_name() -> None:
    story = told(
        ARRIVED,
        line(1, "call.connected", agent="alice", party="1001", by_safety_queue=True),
        line(5, "call.disconnected", agent="alice", party="1001"),
        line(6, "call.connected", agent=None, party="+442079460123"),
        line(8, "call.disconnected", agent=None, party="+442079460123"),
        line(9, "call.connected", agent="alice", party="1001"),
        line(20, "call.ended", outcome="answered"),
    )
    assert [leg.talk_s for leg in story.legs] == [4.0, 2.0, 11.0]
    assert [leg.by_safety_queue for leg in story.legs] == [True, False, False]
    assert story.call.agents == ("alice",)


def test_a_call_out_is_known_by_the_number_dialled() -> None:
    arrived = line(0, "call.arrived", server="pbx1", direction="outbound", ani="1001", dnis="02164881234")
    assert told(arrived).call.number.key == "+862164881234"


def test_words_of_a_newer_sender_are_passed_over() -> None:
    story = told(ARRIVED, line(1, "call.ended", outcome="abducted", hung_up_by="alien", novelty=[1]))
    assert (story.call.outcome, story.call.ended_at) == (None, at(1))


def test_what_tells_of_no_call_makes_none() -> None:
    assert retell([line(0, "agent.state_changed", agent="alice"), line(1, "cti.anomaly", what="x")], normalise) is None
    assert retell([], normalise) is None


def test_long_words_are_cut() -> None:
    arrived = line(0, "call.arrived", server="pbx1", direction="inbound", ani="9" * 300, ani_name="<b>" * 200)
    call = told(arrived).call
    assert (len(call.ani), len(call.ani_name)) == (100, 100)
    assert len(call.number.key) <= 64


GUESS = line(60, "call.ended", outcome="answered", hung_up_by="system", talk_s=27.0, closed_by="reconciliation")
UNTIL_WE_DIED = WHOLE[:12]


def test_an_end_nobody_heard_is_marked_and_closes_what_was_open() -> None:
    story = told(*UNTIL_WE_DIED, GUESS)
    assert (story.call.closed_by, story.call.ended_at, story.call.outcome) == ("reconciliation", at(60), "answered")
    assert story.legs[1].left_at == at(60)


@settings(deadline=None)
@given(st.permutations((*WHOLE, GUESS)))
def test_a_true_end_replaces_a_guess_whichever_comes_first(shuffled: list[LoggedEvent]) -> None:
    assert told(*shuffled) == told(*WHOLE)
    assert told(*shuffled).call.closed_by == ""


def test_of_two_guesses_the_later_told_counts() -> None:
    first, second = replace(GUESS, position=7), replace(GUESS, position=9, at=at(50), message_id=MessageId("x"))
    for lines in ((first, second), (second, first), (second, first, first)):
        assert told(*UNTIL_WE_DIED, *lines).call.ended_at == at(50)
    newest = line(40, "call.ended", outcome="failed", closed_by="reconciliation")
    assert told(*UNTIL_WE_DIED, first, second, newest).call.ended_at == at(40)
