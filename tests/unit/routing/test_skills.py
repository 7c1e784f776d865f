"""Skill requirements: one form for equal wishes, and what is missing."""

from crm_core.kernel.ids import SkillKey
from crm_core.kernel.requirements import Requirements
from routing.reasons import SkillMatch
from routing.skills import mastery, matches, missing, requirements

ZH, REPAIR = SkillKey("zh"), SkillKey("repair")
HAS = {ZH: 5, REPAIR: 2}


def test_equal_wishes_have_one_form() -> None:
    assert (
        requirements({ZH: 1, REPAIR: 3}) == requirements({REPAIR: 3, ZH: 1}) == Requirements((((REPAIR, 3), (ZH, 1)),))
    )


def test_levels_that_do_not_exist_become_the_nearest() -> None:
    assert requirements({ZH: 0, REPAIR: 9}) == Requirements((((REPAIR, 5), (ZH, 1)),))


def test_nothing_is_missing_for_who_is_good_enough() -> None:
    assert missing(HAS, requirements({ZH: 5, REPAIR: 2})) is None


def test_the_first_lack_is_told_with_both_levels() -> None:
    assert missing(HAS, requirements({ZH: 1, REPAIR: 3})) == SkillMatch(skill=REPAIR, asked=3, has=2)
    assert missing({}, requirements({ZH: 1})) == SkillMatch(skill=ZH, asked=1, has=0)


def test_mastery_counts_only_what_was_asked() -> None:
    assert mastery(HAS, requirements({REPAIR: 1})) == 2
    assert mastery(HAS, requirements({})) == 0
    assert matches(HAS, requirements({REPAIR: 1})) == (SkillMatch(skill=REPAIR, asked=1, has=2),)
