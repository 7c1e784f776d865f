"""What a caller who waits hears, in both languages' grammar, and that all of it can be said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.kernel.language import Language
from ivr.announcing import announcement
from ivr.prompts.catalogue import load_catalogue

ZH, EN = Language.ZH, Language.EN
CATALOGUE = load_catalogue()


def words(language: Language, position: int | None, wait_s: float | None) -> str:
    said = [CATALOGUE.prompts[key][language].text for key in announcement(language, position, wait_s)]
    return ("" if language is ZH else " ").join(said)


@pytest.mark.parametrize(
    ("language", "position", "wait_s", "said"),
    [
        (EN, 3, 230, "You are number three in the line. You will wait for about four minutes."),
        (ZH, 3, 230, "您现在排在第三位。预计还需要等待大约四分钟。"),
        (ZH, 2, 100, "您现在排在第二位。预计还需要等待大约两分钟。"),
        (EN, 1, 40, "You are next in the line. The wait should be less than a minute."),
        (ZH, 12, None, "您现在排在第十二位。"),
        (EN, None, 1_250, "You will wait for about twenty-five minutes."),
        (ZH, None, 5_000, "预计等待时间超过一小时。"),
        (EN, None, None, ""),
    ],
)
def test_what_he_hears(language: Language, position: int | None, wait_s: float | None, said: str) -> None:
    assert words(language, position, wait_s).replace("twenty five", "twenty-five") == said


@given(st.sampled_from(Language), st.integers(1, 20_000), st.floats(0, 1e6))
def test_there_is_a_prompt_for_all_of_it(language: Language, position: int, wait_s: float) -> None:
    assert set(announcement(language, position, wait_s)) <= CATALOGUE.keys()[language]
