"""What a tried day says to who asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent_console.pages.calls.cast import Cast
from agent_console.trials.rules import rules_of
from agent_console.trials.trying import Tried, with_queue
from agent_console.trials.words import changes, columns, notes, people_rows, queue_rows
from agent_console.words import Named, Sentence, load_words
from crm_core.domain.floor import FloorPlan, Queue
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, QueueKey
from crm_core.kernel.language import Language
from routing.simulation.comparing import Comparison, Pair
from routing.simulation.limits import Way, Why

ENGLISH = load_words(timezone="UTC", home_region="CN")[Language.EN]
SERVICE, REPAIR, IDLE = QueueKey("service"), QueueKey("repair"), QueueKey("idle")
NAMES = Cast(queues={SERVICE: Named(names={"en": "Service"}), REPAIR: Named(names={"en": "Repair"})})


def pair(now: float, draft: float, *, differs: bool = True) -> Pair:
    return Pair(now=now, draft=draft, differs=differs)


def measures(**of: Pair) -> dict[str, Pair]:
    usual = {"offered": pair(40, 40, differs=False), "answered": pair(36, 36, differs=False)}
    return {**usual, "moved_on": pair(0, 0, differs=False), **of}


def tried(*, service: dict[str, Pair], repair: dict[str, Pair] | None = None, **of: Any) -> Tried:
    queues = {SERVICE: service, IDLE: measures(offered=pair(0, 0, differs=False))}
    queues |= {REPAIR: repair} if repair else {}
    found = Comparison(
        runs=8,
        total=service,
        queues=queues,
        occupancy={"mean_share": pair(0.5, 0.55)},
        agents={AgentId("a"): pair(0.4, 0.45)},
    )
    usual: dict[str, Any] = {"calls": 40, "gave_up": 4, "answered": 36, "gone": (), "slow": {}, "sticky": False}
    return Tried(day=date(2026, 11, 27), comparison=found, **{**usual, **of})


def spoken(*sentences: Sentence) -> list[str]:
    return [ENGLISH.speak(one) for one in sentences]


def test_each_queue_that_had_callers_is_a_row_of_both() -> None:
    service = measures(
        abandoned=pair(4, 1.5),
        mean_time_in_line_s=pair(62, 30),
        p95_wait_s=pair(200, 210),
        service_level=pair(0.7, 0.9),
    )
    [row] = queue_rows(tried(service=service), NAMES)
    assert spoken(row.name) == ["Service"]
    assert spoken(*(one.text for one in row.now)) == ["40", "36", "4", "1:02", "3:20", "70 %"]
    assert [(ENGLISH.speak(one.text), one.mark, one.up) for one in row.draft] == [
        ("40", "", False),
        ("36", "", False),
        ("1.5", "better", False),
        ("0:30", "better", False),
        ("3:30", "worse", True),
        ("90 %", "better", True),
    ]


def test_what_is_luck_or_too_small_to_be_seen_bears_no_mark() -> None:
    service = measures(mean_time_in_line_s=pair(62, 50, differs=False), service_level=pair(0.701, 0.703))
    [row] = queue_rows(tried(service=service), NAMES)
    assert [one.mark for one in row.draft] == [""] * 6


def test_of_several_queues_all_together_is_told_and_columns_only_where_there_is_something() -> None:
    found = tried(service=measures(moved_on=pair(0, 3)), repair=measures())
    assert [one.name for one in columns(found)][3] == "moved_on"
    assert [ENGLISH.speak(one.name) for one in queue_rows(found, NAMES)] == ["Service", "Repair", "All together"]
    first = next(iter(queue_rows(found, NAMES)))
    assert first.draft[3].mark == "other", "neither good nor bad"


def test_people_are_told_too() -> None:
    rows = list(people_rows(tried(service=measures()), NAMES))
    assert [(ENGLISH.speak(row.draft[0].text), row.draft[0].mark) for row in rows] == [
        ("45 %", "other"),
        ("55 %", "other"),
    ]


def test_the_sentence_names_what_would_have_been_otherwise() -> None:
    found = tried(
        service=measures(mean_time_in_line_s=pair(62, 30), abandoned=pair(4, 1), service_level=pair(0.7, 0.9)),
        repair=measures(sent_away=pair(0, 3.4)),
    )
    assert spoken(*changes(found, NAMES, same=False)) == [
        "Service: callers would have waited for 0:30 on average instead of 1:02.",
        "Service: 1 would have given up instead of 4.",
        "Repair: 3.4 would have been sent on or told good-bye instead of 0.",
    ]
    in_time = tried(service=measures(service_level=pair(0.9, 0.85), mean_time_in_line_s=pair(30.1, 30.2)))
    assert spoken(*changes(in_time, NAMES, same=False)) == [
        "Service: of a hundred callers 85 would have been answered in time instead of 90."
    ]


def test_where_nothing_differs_it_says_so() -> None:
    nothing = tried(service=measures(mean_time_in_line_s=pair(62, 61, differs=False)))
    assert spoken(*changes(nothing, NAMES, same=False)) == [
        "As far as can be told, that day would have gone the same way with the draft."
    ]
    assert spoken(*changes(nothing, NAMES, same=True)) == [
        "The draft is what holds already, so there is nothing that could differ."
    ]


def test_what_nobody_can_know_is_said() -> None:
    plain = spoken(*notes(tried(service=measures()), NAMES))
    assert any("Of that day's calls 4 gave up, so their patience is known." in one for one in plain)
    more = spoken(*notes(tried(service=measures(), gone=(AgentId("x"),), slow={SERVICE: 2}, sticky=True), NAMES))
    assert len(more) == len(plain) + 3
    assert any(one.startswith("Service: that day 2 calls were answered only after") for one in more)


# --- a plan as rules

BEGINS = datetime(2026, 11, 26, 16, tzinfo=UTC)
CHAIN = (Overflow(kind=OverflowKind.QUEUE, to="repair", when=(OverflowWhy.FULL,)),)


def plan(*queues: Queue) -> FloorPlan:
    return FloorPlan(agents=(), skills=(), queues=queues, dids=(), departments=(), timezone="Asia/Shanghai")


def test_limits_and_chains_are_those_of_the_plan() -> None:
    terms = Queue(
        key=SERVICE,
        names={},
        max_waiting=3,
        max_wait_s=60,
        overflow=CHAIN,
        overflow_when=(OverflowWhy.PAUSED,),
        asks="zh >= 2",
        service_level_s=15,
    )
    found = rules_of(plan(terms), BEGINS, BEGINS + timedelta(days=1))
    limits = found.limits[SERVICE]
    assert (limits.max_waiting, limits.max_wait_s, limits.leaves_when) == (3, 60, {Why.PAUSED})
    assert (limits.chain[0].kind, limits.chain[0].to, limits.chain[0].when) == (Way.QUEUE, "repair", {Why.FULL})
    assert (limits.asks, limits.opens, found.within_s[SERVICE]) == (terms.wish, None, 15)


def test_opening_hours_are_those_of_that_day_by_the_clocks_of_the_house() -> None:
    """Begins is midnight in Shanghai, a Friday."""
    hours = OpeningHours(week={"fri": ("09:00-12:00", "13:00-18:00")})
    found = rules_of(plan(Queue(key=SERVICE, names={}, open_hours=hours)), BEGINS, BEGINS + timedelta(days=1))
    assert found.limits[SERVICE].opens == ((9 * 3600, 12 * 3600), (13 * 3600, 18 * 3600))
    shut = OpeningHours(week={"mon": ("09:00-12:00",)})
    closed = rules_of(plan(Queue(key=SERVICE, names={}, open_hours=shut)), BEGINS, BEGINS + timedelta(days=1))
    assert closed.limits[SERVICE].opens == ()
    always = OpeningHours(week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("00:00-24:00",)))
    opened = rules_of(plan(Queue(key=SERVICE, names={}, open_hours=always)), BEGINS, BEGINS + timedelta(days=1))
    assert opened.limits[SERVICE].open_at(86_000)


def test_a_draft_stands_where_its_queue_stood() -> None:
    whole = plan(Queue(key=SERVICE, names={}), Queue(key=REPAIR, names={}))
    draft = Queue(key=SERVICE, names={}, weight=9)
    assert [one.weight for one in with_queue(whole, draft).queues] == [9, 1]
    assert [one.key for one in with_queue(plan(), draft).queues] == [SERVICE]
