"""What was done within a call, as its page tells it: pauses of the recording, parking, supervisors."""

from __future__ import annotations

import pytest

from agent_console.pages.calls.story import story
from agent_console.pages.calls.within import FOR_EVERYBODY, FOR_SUPERVISORS, Gap, gaps
from agent_console.words import Words, load_words
from crm_core.kernel.ids import AgentId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Event
from cti.events import (
    CallMonitored,
    CallMuted,
    CallParked,
    CallTakenOver,
    CallUnparked,
    DigitsSent,
    MonitorMode,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    ResumedBy,
    UnparkedBy,
)
from tests.unit.agent_console.test_story import ALICE, BOB, CALL, CAST, at, logged

FILE = "c1.wav"


@pytest.fixture(scope="module")
def spoken() -> dict[Language, Words]:
    return dict(load_words(timezone="Asia/Shanghai", home_region="CN"))


def started(seconds: float) -> Event:
    return RecordingStarted(call=CALL, at=at(seconds), file=FILE)


def stopped(seconds: float) -> Event:
    return RecordingStopped(call=CALL, at=at(seconds), file=FILE)


def paused(seconds: float, agent: AgentId = ALICE) -> Event:
    return RecordingPaused(call=CALL, at=at(seconds), agent=agent, until=at(seconds + 60))


def resumed(seconds: float, by: ResumedBy = ResumedBy.AGENT) -> Event:
    return RecordingResumed(call=CALL, at=at(seconds), by=by, agent=ALICE)


def stretches(*events: Event) -> list[tuple[float, float | None]]:
    return [(gap.begins_s, gap.ends_s) for gap in gaps(logged(*events), CAST)]


def test_a_pause_is_where_the_file_is_silent() -> None:
    assert stretches(started(10), paused(22), resumed(50), paused(60), resumed(61)) == [(12, 40), (50, 51)]


def test_while_a_recording_was_stopped_its_file_did_not_grow() -> None:
    assert stretches(started(10), stopped(20), started(100), paused(105), resumed(115)) == [(15, 25)]


def test_a_pause_that_is_still_on_has_no_end() -> None:
    assert stretches(started(0), paused(5)) == [(5, None)]


def test_one_that_nobody_began_is_none() -> None:
    assert stretches(started(0), resumed(5)) == []


def test_who_paused_stands_beside_the_player(spoken: dict[Language, Words]) -> None:
    [gap] = gaps(logged(started(0), paused(5), resumed(9)), CAST)
    assert isinstance(gap, Gap)
    assert spoken[Language.EN].speak(gap.said) == "Paused by Alice Wang: nothing that was said is in here."
    assert spoken[Language.ZH].speak(gap.said) == "由王爱丽暂停，此段没有录音。"


EVENTS = (
    paused(1),
    resumed(2, ResumedBy.TIME),
    CallParked(call=CALL, at=at(3), lot="701", agent=ALICE, party="1001"),
    CallUnparked(call=CALL, at=at(4), lot="701", by=UnparkedBy.AGENT, agent=BOB),
    CallUnparked(call=CALL, at=at(5), lot="701", by=UnparkedBy.TIME),
    CallMuted(call=CALL, at=at(6), agent=ALICE, muted=True),
    CallMuted(call=CALL, at=at(7), agent=ALICE, muted=False),
    DigitsSent(call=CALL, at=at(8), agent=ALICE, digits="••••"),
    CallTakenOver(call=CALL, at=at(9), by=BOB, of=ALICE),
)
LISTENING = (
    CallMonitored(call=CALL, at=at(10), by=BOB, of=ALICE, mode=MonitorMode.WHISPER, since=at(10)),
    CallMonitored(
        call=CALL, at=at(20), by=BOB, of=ALICE, mode=MonitorMode.WHISPER, since=at(10), until=at(20)
    ),
)  # fmt: skip


def test_each_is_told_in_both_languages(spoken: dict[Language, Words]) -> None:
    beats = story(logged(*EVENTS, *LISTENING), CAST, FOR_SUPERVISORS)
    english = [spoken[Language.EN].speak(beat.told.sentence) for beat in beats]
    assert english == [
        "Alice Wang paused the recording.",
        "The recording went on by itself: its pause had lasted long enough.",
        "Alice Wang parked the caller at 701.",
        "Bob Chen fetched the parked caller.",
        "Nobody fetched the parked caller in time: he went back to who had parked him.",
        "Alice Wang was muted.",
        "Alice Wang could be heard again.",
        "Alice Wang pressed ••••.",
        "Bob Chen took the caller over from Alice Wang.",
        "Bob Chen spoke to Alice Wang without the caller hearing it.",
        "Bob Chen did so for 0:10.",
    ]
    chinese = [spoken[Language.ZH].speak(beat.told.sentence) for beat in beats]
    assert not set(chinese) & set(english)
    assert chinese[2] == "王爱丽将来电人驻留在701。"


def test_who_listened_is_for_supervisors_alone() -> None:
    assert len(story(logged(*LISTENING), CAST, FOR_SUPERVISORS)) == 2
    assert story(logged(*LISTENING), CAST, FOR_EVERYBODY) == ()
