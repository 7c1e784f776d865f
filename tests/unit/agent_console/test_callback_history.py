"""What became of a promise, told from the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent_console.pages.callbacks.history import Line, history
from agent_console.words import Words, load_words
from crm_core.domain.log import LoggedEvent
from crm_core.domain.users import User
from crm_core.kernel.ids import MessageId, UserId
from crm_core.kernel.language import Language

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
DUE, LATER = NOW.isoformat(), (NOW + timedelta(hours=2)).isoformat()
PEOPLE = {
    UserId(key): User(id=UserId(key), login=key, name=zh, name_en=en, created_at=NOW)
    for key, zh, en in (("alice", "王爱丽", "Alice Wang"), ("bob", "李博", "Bob Li"))
}


@pytest.fixture(scope="module")
def spoken() -> dict[Language, Words]:
    return dict(load_words(timezone="Asia/Shanghai", home_region="CN"))


def told(action: str, by: str | None = "alice", **details: Any) -> tuple[Line, ...]:
    body = {"action": action, "subject": "cbk_1", "by": by, "details": details}
    line = LoggedEvent(position=1, message_id=MessageId("m"), topic="audit", at=NOW, call=None, body=body)
    return history([line], PEOPLE)


@pytest.mark.parametrize(
    ("action", "details", "english", "chinese"),
    [
        ("scheduled", {"due_at": DUE, "assignee": None}, "Alice Wang promised a call for 5 Jan 2026, 10:00.", "约定"),
        ("scheduled", {"due_at": DUE, "assignee": "alice"}, "Alice Wang promised a call for 5 Jan 2026, 10:00.", ""),
        (
            "scheduled",
            {"due_at": DUE, "assignee": "bob"},
            "Alice Wang promised a call for 5 Jan 2026, 10:00 and gave it to Bob Li.",
            "交给李博",
        ),
        ("assigned", {"assignee": "alice"}, "Alice Wang took it over.", "王爱丽接手了。"),
        ("assigned", {"assignee": "bob"}, "Alice Wang gave it to Bob Li.", "王爱丽交给了李博。"),
        ("assigned", {"assignee": "gone"}, "Alice Wang gave it to a colleague who has left.", "离职"),
        ("assigned", {"assignee": None}, "Alice Wang left it to whoever is free.", "任意空闲同事"),
        ("rescheduled", {"due_at": LATER}, "Alice Wang moved it to 5 Jan 2026, 12:00.", "改到了"),
        (
            "rescheduled",
            {"due_at": LATER, "before": {"due_at": DUE}},
            "Alice Wang moved it from 5 Jan 2026, 10:00 to 5 Jan 2026, 12:00.",
            "2026年1月5日 10:00",
        ),
        (
            "rescheduled",
            {"due_at": DUE, "why": "y", "before": {"why": "x"}},
            "Alice Wang wrote down another reason.",
            "修改了事由",
        ),
        ("done", {}, "Alice Wang called back.", "王爱丽已回电。"),
        ("cancelled", {}, "Alice Wang cancelled it.", "王爱丽取消了回电。"),
    ],
)
def test_each_change_is_a_sentence(
    action: str, details: dict[str, Any], english: str, chinese: str, spoken: dict[Language, Words]
) -> None:
    (line,) = told(f"callback.{action}", **details)
    assert spoken[Language.EN].speak(line.sentence) == english
    assert chinese in spoken[Language.ZH].speak(line.sentence)
    assert line.mark == action


def test_what_the_house_does_by_itself_has_no_name(spoken: dict[Language, Words]) -> None:
    (missed,) = told("callback.missed", by=None)
    assert spoken[Language.EN].speak(missed.sentence) == "Nobody called back in time."
    (made,) = told("callback.scheduled", by=None, due_at=DUE)
    assert spoken[Language.EN].speak(made.sentence).startswith("The system promised a call")


def test_words_and_the_call_go_along() -> None:
    (done,) = told("callback.done", note="谈好了", done_call="c1", before={"note": "", "done_call": None})
    assert (done.text, done.call) == ("谈好了", "c1")
    (moved,) = told("callback.rescheduled", due_at=LATER, why="rang engaged")
    assert (moved.text, moved.call) == ("rang engaged", None)


@pytest.mark.parametrize("details", [{"due_at": "soon"}, {"due_at": 7, "before": "x"}, {}])
def test_lines_of_another_version_are_no_hindrance(details: dict[str, Any], spoken: dict[Language, Words]) -> None:
    for line in told("callback.rescheduled", **details):
        assert spoken[Language.EN].speak(line.sentence)
    assert told("callback.frobnicated", **details) == ()
    assert told("ticket.updated", **details) == ()
