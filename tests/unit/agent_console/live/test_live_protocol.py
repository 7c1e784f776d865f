"""Messages as they stand on the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.live.asks import FinishAsk, SetPausedAsk, Unreadable, decode
from agent_console.live.protocol import AgentSaid, Answer, OwnState, Tick, encode
from routing.states import AgentState

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_a_message_names_itself_first() -> None:
    line = encode(AgentSaid(agent=OwnState(state=AgentState.READY, since=NOW)))
    assert line.startswith('{"t":"agent",')
    assert json.loads(line)["agent"] == {
        "state": "ready", "since": "2026-01-05T09:00:00Z", "reason": "", "call": None, "reachable": False,
        "wrap_up_until": None,
    }  # fmt: skip


def test_a_message_with_one_field_is_json() -> None:
    assert json.loads(encode(Tick(at=NOW))) == {"t": "tick", "at": "2026-01-05T09:00:00Z"}


def test_whatever_a_caller_is_called_stays_text() -> None:
    line = encode(Answer(id="1", ok=True, value={"name": "</script><b>\u2028\ud7ff"}))
    assert json.loads(line)["value"]["name"] == "</script><b>\u2028\ud7ff"


def test_wishes_are_told_apart() -> None:
    assert decode('{"id":"1","do":"set_paused","reason":"lunch"}') == SetPausedAsk(
        id="1", do="set_paused", reason="lunch"
    )
    finish = decode('{"id":"1","do":"finish","call":"c","ticket":{"key":"k","subject":"s","type":"repair"}}')
    assert isinstance(finish, FinishAsk)
    assert finish.ticket is not None
    assert finish.callback is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"do":"set_ready"}',
        '{"id":"1","do":"no_such_wish"}',
        '{"id":"1","do":"set_paused","reason":""}',
        '{"id":"1","do":"set_ready","more":1}',
        '{"id":"1","do":"finish","call":"c","note":"' + "x" * 10_001 + '"}',
    ],
)
def test_what_is_no_wish_is_answered_not_believed(text: str) -> None:
    assert isinstance(decode(text), Unreadable)


def test_the_id_is_kept_for_the_answer() -> None:
    found = decode('{"id":"abc","do":"set_paused"}')
    assert isinstance(found, Unreadable)
    assert found.id == "abc"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    decode(text)
