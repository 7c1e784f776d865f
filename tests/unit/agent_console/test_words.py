"""How a reader sees times, lengths, numbers and sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.words import Duration, Named, Words, load_words, negotiate, say, say_n
from crm_core.errors import FieldEmpty, FieldTooLong, TicketClosed
from crm_core.kernel.language import Language
from crm_core.kernel.phone import normalise

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def spoken() -> dict[Language, Words]:
    return dict(load_words(timezone="Asia/Shanghai", home_region="CN"))


@pytest.mark.parametrize(
    ("away", "zh", "en"),
    [
        (timedelta(seconds=-5), "刚刚", "just now"),
        (timedelta(seconds=5), "马上", "in a moment"),
        (timedelta(minutes=-3), "3分钟前", "3 minutes ago"),
        (timedelta(hours=2), "2小时后", "in 2 hours"),
        (timedelta(days=-3), "1月2日 17:00", "2 Jan 17:00"),
        (timedelta(days=-400), "2024年12月1日 17:00", "1 Dec 2024 17:00"),
    ],
)
def test_time_is_relative_up_to_a_day_and_exact_after(
    spoken: dict[Language, Words], away: timedelta, zh: str, en: str
) -> None:
    assert spoken[Language.ZH].ago(NOW + away, NOW) == zh
    assert spoken[Language.EN].ago(NOW + away, NOW) == en


def test_an_error_about_a_field_names_it_as_its_form_does(spoken: dict[Language, Words]) -> None:
    empty = FieldEmpty(field="name")
    assert spoken[Language.EN].error(empty) == "Name must not be empty."
    assert spoken[Language.ZH].error(empty) == "“姓名或名称”不能为空。"
    assert spoken[Language.EN].error(FieldTooLong(field="ring_s", longest=3)).startswith("ring_s must not be longer")


def test_the_clock_on_the_wall_is_the_houses(spoken: dict[Language, Words]) -> None:
    assert spoken[Language.EN].clock(NOW) == "17:00:00"
    assert spoken[Language.EN].moment(NOW) == "5 Jan 2026, 17:00"
    assert spoken[Language.ZH].moment(NOW) == "2026年1月5日 17:00"


@given(st.integers(min_value=0, max_value=50_000_000))
def test_what_a_date_field_shows_is_read_back(minutes: int) -> None:
    words = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]
    exact = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert words.from_input(words.input_value(exact)) == exact


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (161, "2:41"), (3725, "1:02:05"), (-3, "0:00")])
def test_a_length_of_time(spoken: dict[Language, Words], seconds: float, shown: str) -> None:
    assert spoken[Language.EN].duration(seconds) == shown


def test_a_number_is_grouped_for_its_reader(spoken: dict[Language, Words]) -> None:
    number = normalise("013800138000")
    assert spoken[Language.ZH].phone(number) == "138 0013 8000"
    assert spoken[Language.EN].phone(number) == "+86 138 0013 8000"
    assert spoken[Language.EN].phone(normalise("")) == "Number withheld"


def test_a_sentence_holds_names_and_lengths_in_the_readers_form(spoken: dict[Language, Words]) -> None:
    sentence = say(
        "Because of %(candidates)s able free colleagues %(agent)s had been free longest: %(idle)s.",
        candidates=2,
        agent=Named(names={"zh": "王爱丽", "en": "Alice Wang"}),
        idle=Duration(seconds=135),
    )
    assert spoken[Language.ZH].speak(sentence) == "因为在 2 位能处理的空闲同事中，王爱丽空闲最久：2:15。"
    assert spoken[Language.EN].speak(sentence).endswith("Alice Wang had been free longest: 2:15.")


def test_counted_things(spoken: dict[Language, Words]) -> None:
    def counted(number: int) -> tuple[str, str]:
        sentence = say_n("%(num)s ticket", "%(num)s tickets", number)
        return spoken[Language.ZH].speak(sentence), spoken[Language.EN].speak(sentence)

    assert counted(1) == ("1 个工单", "1 ticket")
    assert counted(3) == ("3 个工单", "3 tickets")


def test_an_error_is_told_in_the_readers_language(spoken: dict[Language, Words]) -> None:
    error = TicketClosed(number="T-1")
    assert spoken[Language.ZH].speak(error) == "工单 T-1 已关闭，请先重新打开。"
    assert spoken[Language.EN].speak(error) == "Ticket T-1 is closed; reopen it first."


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en-GB,en;q=0.9", Language.EN),
        ("de,fr;q=0.8", Language.ZH),
        ("de,en;q=0.3,zh;q=0.2", Language.EN),
        ("en;q=0", Language.ZH),
        ("en;q=nonsense", Language.ZH),
        ("", Language.ZH),
    ],
)
def test_the_browser_says_which_language_it_likes(wanted: str, language: Language) -> None:
    assert negotiate(wanted) is language


@given(st.text())
def test_no_header_breaks_the_choice_of_language(wanted: str) -> None:
    assert negotiate(wanted) in Language
