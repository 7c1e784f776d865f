"""How true the waits were that callers were told, as a supervisor reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent_console.pages.queues.told import how_true
from agent_console.words import load_words
from crm_core.domain.service_level import Left
from crm_core.domain.told_waits import ToldWait, WaitAccuracy
from crm_core.kernel.language import Language

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
LAST = ToldWait(told_at=AT, told_wait_s=151, left_at=AT + timedelta(seconds=160), left=Left.ANSWERED)


@pytest.mark.parametrize(
    ("found", "english", "chinese"),
    [
        (
            WaitAccuracy(not_answered=2),
            ["Nobody who was told how long it will take has been answered within the last seven days."],
            ["最近七天内，听过等待时间播报的来电者还没有人被接听。"],
        ),
        (
            WaitAccuracy(answered=1, typical_error_s=9, bias_s=-9, last=LAST),
            [
                "Within the last seven days one caller who was told how long it will take was answered. The estimate "
                "was off by 0:09.",
                "The last of them was told about 3:00 (estimated: 2:31), and waited 2:40 more.",
            ],
            [
                "最近七天内，有一位来电者听过等待时间播报并被接听，预计与实际相差 0:09。",
                "最近一位听到的是约 3:00（预计 2:31），此后实际又等了 2:40。",
            ],
        ),
        (
            WaitAccuracy(answered=40, not_answered=3, typical_error_s=35, bias_s=-20, last=LAST),
            [
                "Of the last 40 callers who were told how long it will take and were answered, half had an estimate "
                "that was off by 0:35 at most.",
                "On average the estimates were 0:20 too short.",
                "The last of them was told about 3:00 (estimated: 2:31), and waited 2:40 more.",
            ],
            [
                "最近 40 位听过等待时间播报并被接听的来电者中，一半的预计与实际相差不超过 0:35。",
                "平均而言，预计短了 0:20。",
                "最近一位听到的是约 3:00（预计 2:31），此后实际又等了 2:40。",
            ],
        ),
    ],
)
def test_it_is_told_in_sentences(found: WaitAccuracy, english: list[str], chinese: list[str]) -> None:
    spoken = load_words(timezone="Asia/Shanghai", home_region="CN")
    assert [spoken[Language.EN].speak(one) for one in how_true(found)] == english
    assert [spoken[Language.ZH].speak(one) for one in how_true(found)] == chinese


@pytest.mark.parametrize(
    ("bias_s", "english"),
    [
        (0.2, "On average the estimates were neither too long nor too short."),
        (61, "On average the estimates were 1:01 too long."),
    ],
)
def test_which_way_they_lean(bias_s: float, english: str) -> None:
    spoken = load_words(timezone="Asia/Shanghai", home_region="CN")
    found = WaitAccuracy(answered=2, typical_error_s=61, bias_s=bias_s, last=LAST)
    assert [spoken[Language.EN].speak(one) for one in how_true(found)][1] == english
