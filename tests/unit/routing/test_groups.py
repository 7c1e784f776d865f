"""The index: who is able to serve whom, and that it does not grow for ever."""

from math import inf

from crm_core.kernel.ids import CallId, SkillKey
from crm_core.kernel.requirements import Requirements
from routing.floor import Floor
from routing.groups import Groups
from routing.lines import ONE_SERVER, Caller
from routing.queues import Queue
from routing.skills import requirements
from routing.strategies import Idle
from tests.unit.routing.floors import ALICE, BOB, CAROL, QUEUES, SERVICE, START, VIP, agent

FLOOR = Floor.of(
    (agent(ALICE, zh=5, en=3), agent(BOB, zh=2), agent(CAROL, queues=[VIP], zh=5)),
    QUEUES,
)


def wish(**levels: int) -> Requirements:
    return requirements({SkillKey(key): level for key, level in levels.items()})


def test_able_are_members_good_enough_the_best_first() -> None:
    groups = Groups(FLOOR)
    assert list(groups.of(SERVICE, wish(zh=1)).able) == [ALICE, BOB]
    assert list(groups.of(SERVICE, wish(zh=3)).able) == [ALICE]
    assert list(groups.of(VIP, wish(zh=1)).able) == [ALICE, CAROL, BOB]
    assert list(groups.of(SERVICE, wish(zh=1, en=4)).able) == []
    assert list(groups.of(SERVICE, wish()).able) == [ALICE, BOB]


def test_a_queue_nobody_drew_is_served_by_everybody() -> None:
    assert set(Groups(FLOOR).of(type(SERVICE)("elsewhere"), wish(zh=1)).able) == {ALICE, BOB, CAROL}


def test_an_idle_agent_is_found_by_groups_made_before_and_after() -> None:
    groups = Groups(FLOOR)
    before = groups.of(SERVICE, wish(zh=1))
    groups.sit(ALICE, Idle(START))
    after = groups.of(SERVICE, wish(en=1))
    assert len(before.bench) == len(after.bench) == 1
    groups.rise(ALICE)
    assert len(before.bench) == len(after.bench) == 0


def test_wishes_nobody_has_any_more_are_forgotten() -> None:
    groups = Groups(FLOOR)
    for level in range(2_000):
        groups.of(SERVICE, requirements({SkillKey(f"skill-{level}"): 1}))
    assert len(list(groups)) < 300


def test_the_least_needed_is_whom_the_other_wishes_can_spare() -> None:
    groups = Groups(FLOOR)
    zh, _ = groups.of(SERVICE, wish(zh=1)), groups.of(SERVICE, wish(en=1))
    groups.sit(ALICE, Idle(START))
    assert groups.least_needed(zh) is None, "there is no choice"
    groups.sit(BOB, Idle(START))
    assert groups.least_needed(zh) == {BOB: inf, ALICE: 1}, "only Alice speaks English"


def test_nobody_is_less_needed_where_all_can_the_same() -> None:
    groups = Groups(FLOOR)
    zh = groups.of(SERVICE, wish(zh=1))
    groups.sit(ALICE, Idle(START))
    groups.sit(BOB, Idle(START))
    assert groups.least_needed(zh) is None


def test_a_crowd_makes_its_first_more_urgent_until_it_has_gone() -> None:
    crowded = Queue(key=SERVICE, crowd_s=10)
    groups = Groups(Floor.of((agent(ALICE, zh=5, en=5),), [crowded]))
    callers = [
        Caller(
            call=CallId(name),
            queue=SERVICE,
            asked=(asked := wish(**{skill: 1})),
            requires=asked,
            priority=0,
            since=START,
            place=(0, at, number),
        )
        for number, (name, skill, at) in enumerate((("a", "en", 1.0), ("b", "zh", 5.0), ("c", "zh", 6.0)))
    ]
    for caller in callers:
        groups.join(caller)
    here = frozenset({ONE_SERVER})
    assert groups.first_for(ALICE, here) is callers[1]
    groups.leave(callers[2])
    assert groups.first_for(ALICE, here) is callers[0]
