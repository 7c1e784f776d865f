"""A past day read off the log: what its lines say of callers and agents, and what they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_console.trials.facts import Taken, asked_by_queue, day_of, of_his_own, turns_of, visits_of
from crm_core.domain.floor import Queue, QueueVersion
from crm_core.domain.log import LoggedEvent
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, SkillKey
from crm_core.kernel.messages import Event
from crm_core.kernel.requirements_text import read
from crm_core.persistence.log import logged
from cti.events import (
    AgentStateChanged,
    CallbackPromised,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallOffered,
    CallOverflowed,
    CallPlaceGivenBack,
    CallQueued,
    CallWrappedUp,
    ClosedBy,
    HungUpBy,
    Outcome,
)
from routing.agents import Wish
from routing.reasons import Because
from routing.simulation.day import Talk, Turn, Visit
from routing.states import AgentState

BEGINS = datetime(2026, 11, 26, 16, tzinfo=UTC)
CALL, SERVICE, REPAIR = CallId("pbx-1"), QueueKey("service"), QueueKey("repair")
ALICE, BOB = AgentId("alice"), AgentId("bob")
ZH = SkillKey("zh")


def at(seconds: float) -> datetime:
    return BEGINS + timedelta(seconds=seconds)


def queued(seconds: float, queue: QueueKey = SERVICE, **of: Any) -> Event:
    return CallQueued(at=at(seconds), call=CALL, queue=queue, **{"requires": {}, **of})


def offered(seconds: float, agent: AgentId = ALICE) -> Event:
    return CallOffered(
        at=at(seconds),
        call=CALL,
        agent=agent,
        extension="1001",
        offer=OfferId("o"),
        queue=SERVICE,
        because=Because(rule="only_one"),
    )


def connected(seconds: float, agent: AgentId | None = ALICE) -> Event:
    return CallConnected(at=at(seconds), call=CALL, agent=agent, party="1001")


def left(seconds: float, agent: AgentId = ALICE) -> Event:
    return CallDisconnected(at=at(seconds), call=CALL, agent=agent, party="1001")


def ended(seconds: float, by: HungUpBy = HungUpBy.CALLER, **of: Any) -> Event:
    return CallEnded(at=at(seconds), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=by, **of)


def gone_on(seconds: float, kind: OverflowKind, to: str) -> Event:
    return CallOverflowed(at=at(seconds), call=CALL, queue=SERVICE, why=OverflowWhy.TOO_LONG, kind=kind, to=to, step=1)


def read_off(*events: Event) -> list[tuple[Visit, Taken | None]]:
    lines = [replace(logged(one), position=place) for place, one in enumerate(events, start=1)]
    return list(visits_of(lines, BEGINS))


def test_an_answered_call_tells_how_long_it_took_and_of_its_patience_only_that_it_was_more() -> None:
    [(visit, taken)] = read_off(
        queued(10, requires={"zh": 3}, priority=2),
        offered(15),
        connected(20),
        left(80),
        ended(81),
        CallWrappedUp(at=at(110), call=CALL, agent=ALICE, wrap_up_s=29.0),
    )
    assert (visit.at, visit.waited_s, visit.gave_up) == (10, 10, False)
    assert visit.talk == Talk(rang_s=5, service_s=60, after_s=29)
    assert (visit.requires.levels, visit.priority) == ({ZH: 3}, 2)
    assert taken == (ALICE, CALL)


def test_wishes_of_several_ways_are_read() -> None:
    [(visit, _)] = read_off(queued(0, asks="en:3|zh:2~zh:4"), ended(5))
    assert visit.requires == read("zh >= 2 or en >= 3 prefer zh >= 4")


def test_who_hung_up_waiting_tells_his_patience() -> None:
    [(visit, taken)] = read_off(queued(10), offered(12), ended(40))
    assert (visit.waited_s, visit.gave_up, visit.talk, taken) == (30, True, None, None)


def test_an_end_that_was_not_the_callers_or_that_nobody_heard_tells_none() -> None:
    for end in (ended(40, HungUpBy.SYSTEM), ended(40, closed_by=ClosedBy.RECONCILIATION)):
        [(visit, _)] = read_off(queued(10), end)
        assert (visit.waited_s, visit.gave_up) == (30, False)


def test_a_true_end_goes_before_a_guess() -> None:
    [(visit, _)] = read_off(queued(10), ended(40), ended(99, closed_by=ClosedBy.RECONCILIATION))
    assert (visit.waited_s, visit.gave_up) == (30, True)


def test_whom_the_house_sent_away_did_not_give_up() -> None:
    for kind, to in ((OverflowKind.MESSAGE, "all_busy"), (OverflowKind.NUMBER, "021500")):
        [(visit, _)] = read_off(queued(0), gone_on(60, kind, to), connected(70, None), ended(90))
        assert (visit.waited_s, visit.gave_up, visit.talk) == (60, False, None)


def test_who_is_to_be_called_back_did_not_give_up() -> None:
    promised = CallbackPromised(at=at(25), call=CALL, number="13800138000", queue=SERVICE, since=at(0))
    [(visit, _)] = read_off(queued(0), promised, ended(30))
    assert (visit.waited_s, visit.gave_up) == (25, False)


def test_a_number_that_did_not_take_him_and_another_queue_are_the_same_wait() -> None:
    [(visit, _)] = read_off(
        queued(0),
        gone_on(30, OverflowKind.NUMBER, "021500"),
        queued(50),
        gone_on(60, OverflowKind.QUEUE, "repair"),
        queued(61, REPAIR),
        connected(100, BOB),
        ended(160),
    )
    assert (visit.queue, visit.waited_s, visit.talk) == (SERVICE, 100, Talk(service_s=60))


def test_who_is_sent_back_into_a_line_after_a_conversation_asks_anew() -> None:
    first, second = read_off(
        queued(0), connected(10), queued(70, REPAIR), left(70), offered(75, BOB), connected(80, BOB), ended(200)
    )
    assert (first[0].talk, first[1]) == (Talk(service_s=60), (ALICE, CALL))
    assert (second[0].at, second[0].queue, second[0].waited_s) == (70, REPAIR, 10)
    assert second[0].talk == Talk(rang_s=5, service_s=120)


def test_an_older_place_is_brought_along() -> None:
    [(found_waiting, _)] = read_off(queued(10, since=at(-50)), ended(20))
    place = CallPlaceGivenBack(
        at=at(11), call=CALL, former=CallId("f"), queue=SERVICE, since=at(-90), instead_of=at(10)
    )
    [(given_back, _)] = read_off(queued(10), place, ended(20))
    assert (found_waiting.since, given_back.since) == (-50, -90)


def test_a_call_that_asked_for_nobody_is_none() -> None:
    assert read_off(connected(10), ended(20)) == []
    assert read_off() == []


# --- agents


def state(seconds: float, now: AgentState, agent: AgentId = ALICE, **of: Any) -> LoggedEvent:
    return logged(AgentStateChanged(at=at(seconds), agent=agent, state=now, **of))


def turns(lines: Sequence[LoggedEvent], *taken: Taken) -> list[Turn]:
    return list(turns_of(lines, BEGINS, frozenset(taken)))


def test_an_agent_comes_pauses_and_goes() -> None:
    found = turns(
        [
            state(100, AgentState.READY, wish=AgentState.READY, before=AgentState.OFFLINE),
            state(200, AgentState.PAUSED, wish=AgentState.PAUSED, reason="lunch"),
            state(300, AgentState.READY, wish=AgentState.READY),
            state(400, AgentState.OFFLINE, wish=AgentState.OFFLINE),
        ]
    )
    assert [(one.at, one.wish) for one in found] == [
        (100, Wish.READY),
        (200, Wish.PAUSED),
        (300, Wish.READY),
        (400, Wish.OFFLINE),
    ]


def test_what_held_when_the_day_began_holds() -> None:
    lines = [
        state(-500, AgentState.READY, wish=AgentState.READY),
        state(-400, AgentState.PAUSED, BOB, wish=AgentState.PAUSED),
        state(50, AgentState.READY, BOB, wish=AgentState.READY),
    ]
    assert [(one.at, one.agent, one.wish) for one in turns(lines)] == [
        (0, ALICE, Wish.READY),
        (0, BOB, Wish.PAUSED),
        (50, BOB, Wish.READY),
    ]
    assert [one.at for one in turns(lines[:1])] == [0], "also where nothing else was told that day"


def test_who_was_there_all_along_is_known_by_what_he_was_before() -> None:
    [first, second] = turns([state(900, AgentState.OFFLINE, before=AgentState.READY)])
    assert (first.at, first.wish, second.at, second.wish) == (0, Wish.READY, 900, Wish.OFFLINE)


def test_only_what_matters_is_a_turn() -> None:
    """Calls of the queue are replayed, so what they made of him is not."""
    lines = [
        state(10, AgentState.READY, wish=AgentState.READY),
        state(20, AgentState.RINGING, wish=AgentState.READY, call=CALL),
        state(25, AgentState.TALKING, wish=AgentState.READY, call=CALL),
        state(90, AgentState.WRAP_UP, wish=AgentState.READY, call=CALL),
        state(99, AgentState.READY, wish=AgentState.READY),
    ]
    assert [one.at for one in turns(lines, (ALICE, CALL))] == [10]


def test_a_call_that_no_queue_gave_him_keeps_him_busy() -> None:
    lines = [
        state(10, AgentState.READY, wish=AgentState.READY),
        state(25, AgentState.TALKING, wish=AgentState.READY, call=CallId("to the outside")),
        state(90, AgentState.READY, wish=AgentState.READY),
    ]
    assert [(one.at, one.beside) for one in turns(lines, (ALICE, CALL))] == [(10, False), (25, True), (90, False)]


def test_a_phone_that_goes_and_comes_back_is_told() -> None:
    lines = [
        state(10, AgentState.READY, wish=AgentState.READY),
        state(20, AgentState.READY, wish=AgentState.READY, reachable=False),
        state(30, AgentState.READY, wish=AgentState.READY, reachable=True),
    ]
    assert [one.reachable for one in turns(lines)] == [True, False, True]


def test_an_old_line_without_a_wish_is_read_by_its_state() -> None:
    found = turns([state(10, AgentState.TALKING), state(20, AgentState.PAUSED), state(30, AgentState.OFFLINE)])
    assert [one.wish for one in found] == [Wish.READY, Wish.PAUSED, Wish.OFFLINE]


def test_the_day_stands_in_order() -> None:
    late, early = (read_off(queued(seconds), ended(seconds + 1))[0][0] for seconds in (50, 10))
    found = day_of([late, early], turns([state(10, AgentState.READY)]), timedelta(hours=25))
    assert ([one.at for one in found.visits], found.length_s) == ([10, 50], 90_000)
    assert (found.gave_up, found.answered) == (2, 0)


def agreed(version: int, asks: str, seconds: float | None) -> QueueVersion:
    queue = Queue(key=REPAIR, names={}, asks=asks)
    return QueueVersion(version=version, queue=queue, at=at(seconds) if seconds is not None else None)


def test_what_a_queue_asked_for_is_what_was_agreed_while_the_day_lasted() -> None:
    versions = [agreed(4, "en >= 5", 2000), agreed(3, "en >= 3", 500), agreed(2, "en >= 2", -50), agreed(1, "", None)]
    ends = at(1000)
    assert asked_by_queue(versions, BEGINS, ends) == (read("en >= 3"), read("en >= 2"))
    assert asked_by_queue(versions[:1], BEGINS, ends) == (read("en >= 5"),), "younger than the day"
    assert asked_by_queue((), BEGINS, ends) == ()


def test_what_the_queue_asked_for_is_taken_from_what_is_told_of_a_caller() -> None:
    visit = Visit(at=0, since=0, queue=REPAIR, requires=read("repair >= 3 and zh >= 4"), waited_s=1)
    assert of_his_own(visit, [read("en >= 5"), read("repair >= 3")]).requires == read("zh >= 4")
    assert of_his_own(visit, [read("en >= 5")]).requires == visit.requires, "nobody knows who asked for what"
