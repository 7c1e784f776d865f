"""The invented rush of the day before: enough of it to try other rules with."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent_console.trials.facts import day_of, turns_of, visits_of
from callwright.demo.world_past import Caller
from callwright.demo.world_rush import CALLS, Rush
from crm_core.domain.floor import FloorAgent
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.persistence.log import logged
from routing.agents import Wish

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 1, tzinfo=UTC)


def agent(login: str, **skills: int) -> FloorAgent:
    return FloorAgent(
        id=AgentId(login),
        login=login,
        name=login,
        name_en=login,
        role=Role.AGENT,
        extension="1001",
        sip_secret="",
        phone_kind=PhoneKind.SIP,
        department=None,
        skills={SkillKey(skill): level for skill, level in skills.items()},
        queues=(QueueKey("service"), QueueKey("repair")),
    )


AGENTS = [agent("alice", zh=5, en=4, repair=5), agent("fang", zh=5, repair=4), agent("lili", zh=5, en=3, repair=2)]


def test_yesterday_is_a_day_that_can_be_tried() -> None:
    rush = Rush(random.Random(1), NOW, SHANGHAI, AGENTS)
    calls = rush.calls([Caller(number="13800138000", language=Language.ZH)])
    begins = datetime.combine(date(2026, 11, 27), datetime.min.time(), SHANGHAI)
    visits = [found for call in calls for found in visits_of([logged(one) for one in call.events], begins)]
    taken = frozenset(by for _, by in visits if by is not None)
    turns = list(turns_of([logged(one) for one in rush.shifts()], begins, taken))
    day = day_of([visit for visit, _ in visits], turns, timedelta(days=1))
    assert len(calls) == CALLS
    assert len(day.visits) > 90, "the others help themselves in the menu"
    assert (day.gave_up > 3, day.answered > 80) == (True, True)
    assert {by for by, _ in taken} <= {"alice", "fang"}, "the others come at noon"
    assert any(visit.talk.after_s > 0 for visit in day.visits if visit.talk)
    assert all(9 * 3600 <= visit.at <= 12 * 3600 for visit in day.visits)
    lili = [turn for turn in turns if turn.agent == "lili"]
    assert [turn.wish for turn in lili] == [Wish.READY, Wish.OFFLINE]
    assert 12.8 * 3600 < lili[0].at < 13.1 * 3600
    assert sum(turn.wish is Wish.PAUSED for turn in turns) == 2
