"""The callback form, and the time it proposes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.pages.callbacks.forms import read_due, read_new, sensible_time
from agent_console.pages.callbacks.views import filters_of
from agent_console.words import Words, load_words
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.users import User
from crm_core.kernel.ids import UserId
from crm_core.kernel.language import Language

NOW = datetime(2026, 1, 5, 2, 7, tzinfo=UTC)  # 10:07 in Shanghai
FORM = {"number": "13800138000", "due_at": "2026-01-05T14:30", "why": "确认时间"}


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]


def test_a_time_is_the_houses_time(words: Words) -> None:
    assert read_new(FORM, words, NOW).due_at == datetime(2026, 1, 5, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": ""}, "number"),
        ({"due_at": ""}, "due_at"),
        ({"due_at": "tomorrow"}, "due_at"),
        ({"due_at": "2026-01-05T09:00"}, "due_at"),
        ({"why": "  "}, "why"),
    ],
)
def test_what_is_missing_is_said_beside_it(change: dict[str, str], field: str, words: Words) -> None:
    with pytest.raises(Invalid) as caught:
        read_new({**FORM, **change}, words, NOW)
    assert set(by_field(caught.value.faults)) == {field}


def test_everything_that_is_wrong_is_said_at_once(words: Words) -> None:
    with pytest.raises(Invalid) as caught:
        read_new({}, words, NOW)
    assert {"due_at", "why"} <= set(by_field(caught.value.faults))


def test_a_new_time_must_be_still_to_come(words: Words) -> None:
    with pytest.raises(Invalid):
        read_due({"due_at": "2026-01-05T10:00"}, words, NOW)


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        (datetime(2026, 1, 5, 2, 7, tzinfo=UTC), "2026-01-05T12:00"),  # 10:07: in two hours, at a full quarter
        (datetime(2026, 1, 4, 21, 0, tzinfo=UTC), "2026-01-05T09:00"),  # 05:00: when the day begins
        (datetime(2026, 1, 5, 9, 0, tzinfo=UTC), "2026-01-06T09:00"),  # 17:00: tomorrow
        (datetime(2026, 1, 5, 15, 30, tzinfo=UTC), "2026-01-06T09:00"),  # 23:30: tomorrow, not the day after
    ],
)
def test_the_form_proposes_a_sensible_time(now: datetime, proposed: str, words: Words) -> None:
    assert words.input_value(sensible_time(words, now)) == proposed


def test_each_view_shows_what_it_says() -> None:
    me = User(id=UserId("u"), login="alice", name="Alice", created_at=NOW)
    assert filters_of("due", "", me, NOW).until == NOW
    assert filters_of("mine", "", me, NOW).assignee == "u"
    assert filters_of("mine", "", me, NOW).or_unassigned
    assert filters_of("coming", "", me, NOW).states == (CallbackState.SCHEDULED,)
    assert filters_of("all", "x", me, NOW).states == ()


def test_what_is_chosen_narrows_a_view_and_never_widens_it() -> None:
    me = User(id=UserId("u"), login="alice", name="Alice", created_at=NOW)
    tomorrow, yesterday = NOW + timedelta(days=1), NOW - timedelta(days=1)
    assert filters_of("due", "", me, NOW, until=tomorrow).until == NOW
    assert filters_of("due", "", me, NOW, until=yesterday).until == yesterday
    assert filters_of("coming", "", me, NOW, since=yesterday).since == NOW
    assert filters_of("coming", "", me, NOW, states=(CallbackState.DONE,)).states == (CallbackState.SCHEDULED,)
    assert filters_of("due", "", me, NOW, states=(CallbackState.MISSED,)).states == (CallbackState.MISSED,)
    mine = filters_of("mine", "", me, NOW, assignee="nobody")
    assert (mine.assignee, mine.or_unassigned, mine.unassigned) == ("u", True, False)
    everybodys = filters_of("all", "", me, NOW, assignee="nobody")
    assert (everybodys.assignee, everybodys.unassigned) == (None, True)


@pytest.mark.parametrize(
    "typed", ["2026-01-05T14:30", "2026-01-05 14:30", " 2026/1/5 14:30", "2026.01.05, 14:30", "2026年1月5日 14:30"]
)
def test_a_time_is_read_as_people_type_it(typed: str, words: Words) -> None:
    assert read_due({"due_at": typed}, words, NOW) == datetime(2026, 1, 5, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "2026-01-06", "2026-02-30 10:00", "05/01/2026 14:30", "2026-01-05 25:00"]
)
def test_what_is_no_time_is_asked_for(typed: str, words: Words) -> None:
    with pytest.raises(Invalid) as caught:
        read_due({"due_at": typed}, words, NOW)
    assert [fault.code for fault in caught.value.faults] == ["callback.when"]
