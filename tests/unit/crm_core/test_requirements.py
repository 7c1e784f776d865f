"""What calls ask for: one value for one wish, however it is written, and clear words for what cannot be read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.kernel.ids import SkillKey
from crm_core.kernel.requirements import MOST_WAYS, NOTHING, Requirements, asking, packed, unpacked, written
from crm_core.kernel.requirements_text import Problem, Unreadable, read
from tests.unit.routing.wishes import Leaf, Tree, leaves, met, trees

ZH, EN, REPAIR = SkillKey("zh"), SkillKey("en"), SkillKey("repair")
SAME = (
    "repair >= 3 and (zh >= 2 or en >= 3)",
    "(en>=3 or zh>=2) and repair>=3",
    "repair:3/zh:2|repair:3/en:3",
    "repair ≥ 3 AND （zh ≥ 2 OR en ≥ 3）",
    "repair >= 3 and zh >= 2 or repair >= 3 and en >= 3 or repair >= 4 and en >= 5 and zh",
)
levels = st.dictionaries(st.sampled_from((ZH, EN, REPAIR)), st.integers(1, 5))


@pytest.mark.parametrize("text", SAME)
def test_equal_wishes_are_equal_values(text: str) -> None:
    assert read(text) == read(SAME[0])
    assert hash(read(text)) == hash(read(SAME[0]))


def test_a_mapping_is_the_plain_and() -> None:
    assert (
        asking({ZH: 2, REPAIR: 3}) == read("repair >= 3 and zh >= 2") == read("zh:2/repair:3") == read("zh:2,repair:3")
    )
    assert asking({ZH: 2}).plain
    assert asking({ZH: 0, EN: 9}) == read("zh >= 1 and en >= 5")
    assert asking({}) == read("") == read("  ") == NOTHING


def test_preferences_score_in_their_order_and_demand_nothing() -> None:
    wish = read("zh >= 2 prefer zh >= 4, en")
    assert wish == Requirements((((ZH, 2),),), ((ZH, 4), (EN, 1)))
    assert wish != read("zh >= 2 prefer en, zh >= 4")
    assert not wish.plain
    assert read("prefer zh >= 4").ways == NOTHING.ways


@pytest.mark.parametrize(
    ("text", "problem", "position"),
    [
        ("repair >= 6", Problem.LEVEL_EXPECTED, 11),
        ("repair >= ", Problem.LEVEL_EXPECTED, 11),
        ("repair >= 3 and", Problem.SKILL_EXPECTED, 16),
        ("repair >= 3 (zh)", Problem.LINK_EXPECTED, 13),
        ("(repair or zh", Problem.BRACKET_EXPECTED, 14),
        ("repair)", Problem.LINK_EXPECTED, 7),
        ("prefer", Problem.SKILL_EXPECTED, 7),
        ("维修 >= 3", Problem.SKILL_EXPECTED, 1),
        ("zh;en", Problem.LINK_EXPECTED, 3),
        ("(" * 13 + "zh", Problem.TOO_MUCH, 14),
        (" or ".join(f"s{number}" for number in range(17)), Problem.TOO_MUCH, None),
        (" and ".join(f"s{number}" for number in range(17)), Problem.TOO_MUCH, None),
        ("prefer " + ", ".join(f"s{number}" for number in range(9)), Problem.TOO_MUCH, None),
        ("z" * 1001, Problem.TOO_MUCH, 1001),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, problem: Problem, position: int | None) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.problem is problem
    assert position is None or caught.value.position == position
    assert f"at sign {caught.value.position}: " in str(caught.value)


def test_an_explosion_of_ways_is_refused_while_it_grows() -> None:
    with pytest.raises(Unreadable) as caught:
        read(" and ".join(f"(a{number} or b{number})" for number in range(40)))
    assert caught.value.problem is Problem.TOO_MUCH


def test_the_levels_every_way_asks_for() -> None:
    assert read(SAME[0]).levels == {REPAIR: 3}
    assert read("zh >= 2 and en >= 4").levels == {ZH: 2, EN: 4}
    assert read("zh >= 2 and en or zh >= 4").levels == {ZH: 2}
    assert read(SAME[0] + " prefer zh >= 5").skills == {ZH, EN, REPAIR}


@given(trees, st.lists(leaves, max_size=3), levels)
def test_the_fixed_form_says_what_was_written(tree: Tree, prefers: list[Leaf], has: dict[SkillKey, int]) -> None:
    wish = read(f"{tree} prefer {', '.join(map(str, prefers))}" if prefers else str(tree))
    able = any(all(has.get(skill, 0) >= level for skill, level in way) for way in wish.ways)
    assert able == met(tree, has)
    assert read(packed(wish)) == read(written(wish)) == wish
    assert unpacked(packed(wish)) == wish
    assert not set(packed(wish)) & set(" ,;=()$\\\"'")


@given(trees, trees, levels)
def test_both_wishes_together(one: Tree, two: Tree, has: dict[SkillKey, int]) -> None:
    both = read(str(one)).and_also(read(str(two)))
    assert len(both.ways) <= MOST_WAYS
    able = any(all(has.get(skill, 0) >= level for skill, level in way) for way in both.ways)
    assert able or not (met(one, has) and met(two, has))


def test_what_two_wishes_became_is_read_again_however_long() -> None:
    many = {SkillKey(f"something_special_{each}"): 5 for each in range(40)}
    both = read("zh >= 2 and en or repair >= 3").and_also(asking({**many, SkillKey("or"): 2}))
    assert len(packed(both)) > 1000
    assert unpacked(packed(both)) == both


def test_what_a_person_wrote_is_not_taken_for_ours() -> None:
    assert [unpacked(text) for text in ("repair >= 3", "zh:9", "zh:2 or en:3", "(zh:2)", "zh", "~")] == [None] * 6
    assert unpacked("") == NOTHING


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Unreadable):
        wish = read(text)
        assert read(packed(wish)) == wish


@pytest.mark.parametrize(
    ("told", "other", "own"),
    [
        ("repair >= 3 and zh >= 4", "repair >= 3", "zh >= 4"),
        ("repair >= 5", "repair >= 3", "repair >= 5"),
        (SAME[0], SAME[0], ""),
        ("zh >= 2 or en >= 3 prefer zh >= 4", "", "zh >= 2 or en >= 3 prefer zh >= 4"),
        ("repair >= 3 prefer zh >= 4, en >= 2", "repair >= 3 prefer en >= 2", "prefer zh >= 4"),
        ("zh >= 4", "repair >= 3", None),
    ],
)
def test_what_stands_beside_another_wish_is_told_where_it_can_be(told: str, other: str, own: str | None) -> None:
    assert read(told).beside(read(other)) == (read(own) if own is not None else None)


@given(levels, levels)
def test_together_with_the_other_it_is_what_was_told(mine: dict[SkillKey, int], others: dict[SkillKey, int]) -> None:
    told = asking(mine).and_also(asking(others))
    own = told.beside(asking(others))
    assert own is not None
    assert own.and_also(asking(others)) == told
