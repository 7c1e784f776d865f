"""Who else was free when a call was offered, as the table on its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from agent_console.pages.calls.cast import Cast
from agent_console.pages.calls.compared import Compared, who_was_free
from agent_console.words import Named, Words, load_words
from crm_core.kernel.ids import AgentId, SkillKey
from crm_core.kernel.language import Language
from routing.reasons import Because, Candidate, SkillMatch

ALICE, BOB = AgentId("usr_alice"), AgentId("usr_bob")
NAMES = Cast(skills={SkillKey("en"): Named(names={"zh": "英语", "en": "English"})})
ENGLISH = SkillMatch(skill=SkillKey("en"), asked=3, has=4)


@pytest.fixture(scope="module")
def spoken() -> Mapping[Language, Words]:
    return load_words(timezone="Asia/Shanghai", home_region="CN")


def table(*there: Candidate, candidates: int = 2) -> Compared:
    found = who_was_free(Because(rule="longest_idle", candidates=candidates, compared=there), NAMES)
    assert found is not None
    return found


def heads(found: Compared, words: Words) -> list[str]:
    return [words.speak(one) for one in found.heads]


def cells(found: Compared, words: Words) -> list[list[str]]:
    return [[words.speak(one) for one in row.cells] for row in found.rows]


ONE, OTHER = Candidate(agent=ALICE, idle_s=200), Candidate(agent=BOB, idle_s=65)


def test_where_nobody_else_was_free_there_is_no_table() -> None:
    assert who_was_free(Because(rule="only_one"), NAMES) is None


def test_how_long_each_was_free_is_always_told(spoken: Mapping[Language, Words]) -> None:
    found = table(ONE, OTHER, candidates=9)
    assert heads(found, spoken[Language.EN]) == ["Free for"]
    assert heads(found, spoken[Language.ZH]) == ["已空闲"]
    assert cells(found, spoken[Language.EN]) == [["3:20"], ["1:05"]]
    assert (found.others, found.unnamed) == (8, 7)


def test_without_figures_it_tells_who_they_were() -> None:
    found = who_was_free(Because(rule="longest_idle", candidates=9, compared=(ONE, OTHER)), NAMES, figures=False)
    assert found is not None
    whole = table(ONE, OTHER, candidates=9)
    assert ([row.who for row in found.rows], found.others) == ([row.who for row in whole.rows], 8)
    assert (found.heads, [row.cells for row in found.rows]) == ((), [(), ()])


@pytest.mark.parametrize(
    ("one", "other", "head", "told"),
    [
        ({"skill": 9}, {"skill": 7}, "Levels in what is asked for", ["9", "7"]),
        ({"busy": 0.0}, {"busy": 0.347}, "On calls lately", ["0%", "35%"]),
        ({"turn_s": 300.0}, {"turn_s": 40.0}, "Since the last call", ["5:00", "0:40"]),
        ({"place": 1}, {"place": 4}, "Place in the order", ["1", "4"]),
        ({"spare": None}, {"spare": 3}, "Colleagues free for the other calls they take", ["nobody asks", "2"]),
        ({"preferred": (ENGLISH,)}, {}, "Preferred skills they have", ["English 4", "–"]),
    ],
)
def test_what_the_queue_looked_at_is_told_of_each(
    spoken: Mapping[Language, Words], one: dict[str, object], other: dict[str, object], head: str, told: list[str]
) -> None:
    found = table(replace(ONE, **one), replace(OTHER, **other))  # type: ignore[arg-type]
    assert heads(found, spoken[Language.EN]) == [head, "Free for"]
    assert [row[0] for row in cells(found, spoken[Language.EN])] == told
    assert heads(found, spoken[Language.ZH]) != heads(found, spoken[Language.EN])


def test_where_calls_ask_for_no_skill_no_levels_are_shown(spoken: Mapping[Language, Words]) -> None:
    assert heads(table(replace(ONE, skill=0), replace(OTHER, skill=0)), spoken[Language.EN]) == ["Free for"]
