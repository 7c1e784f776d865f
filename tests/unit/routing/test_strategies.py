"""Ways of choosing between able agents: every name has one, and each orders as it says."""

from datetime import timedelta

from crm_core.kernel.ids import AgentId, CallId
from routing import messages as m
from routing.floor import Floor
from routing.occupancy import Occupancy
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.strategies import STRATEGIES, Idle, StrategyName
from tests.unit.routing.floors import ALICE, BOB, CAROL, SERVICE, START, Shift, agent, assigned

LATER = START + timedelta(minutes=1)
LONG, SHORT = Idle(START), Idle(LATER)


def test_every_name_has_a_strategy() -> None:
    assert set(STRATEGIES) == set(StrategyName)


def test_best_skill_goes_by_mastery_and_then_by_idle_time() -> None:
    strategy = STRATEGIES[StrategyName.BEST_SKILL]
    best, longest, last = strategy.rank(5, SHORT, 0), strategy.rank(3, LONG, 0), strategy.rank(3, SHORT, 0)
    assert sorted([last, longest, best]) == [best, longest, last]
    assert strategy.rule(best, longest) == "best_skill"
    assert strategy.rule(longest, last) == "longest_idle"


def test_longest_idle_does_not_look_at_mastery() -> None:
    strategy = STRATEGIES[StrategyName.LONGEST_IDLE]
    assert strategy.rank(1, LONG, 0) < strategy.rank(5, SHORT, 0)


def test_only_the_least_needed_looks_around() -> None:
    assert [name for name, one in STRATEGIES.items() if one.looks_around] == [StrategyName.LEAST_NEEDED]


def floor(strategy: StrategyName, **more: object) -> Shift:
    """Everybody can the same and has no paperwork."""
    queue = Queue(key=SERVICE, strategy=strategy, wrap_up=WrapUp(kind=WrapUpKind.NONE), **more)  # type: ignore[arg-type]
    return Shift(Floor.of([agent(name, zh=3) for name in (ALICE, BOB, CAROL)], [queue]))


def serve(shift: Shift, call: str, seconds: float) -> tuple[str, str]:
    """The caller gets somebody, who talks with him for so long: to whom, and by which rule."""
    got = assigned(shift.waits(call, zh=1))
    shift.talks(call, got.agent)
    shift.wait(seconds)
    shift.tell(m.CallFinished(agent=got.agent, call=CallId(call)))
    return got.agent, got.because.rule


def test_round_robin_goes_by_who_took_a_call_longest_ago_however_long_it_was() -> None:
    shift = floor(StrategyName.ROUND_ROBIN)
    shift.ready(CAROL, BOB, ALICE)
    assert [serve(shift, f"c{n}", seconds)[0] for n, seconds in enumerate((500, 5, 5))] == [CAROL, BOB, ALICE]
    assert serve(shift, "c3", 5) == (CAROL, "round_robin")
    assert serve(shift, "c4", 5) == (BOB, "round_robin")


def test_who_did_not_take_the_call_keeps_his_turn() -> None:
    shift = floor(StrategyName.ROUND_ROBIN)
    shift.ready(ALICE, BOB)
    serve(shift, "c0", 5)
    shift.waits("c1", zh=1)
    shift.tell(m.CallGone(call=CallId("c1")))
    assert serve(shift, "c2", 5) == (BOB, "round_robin")


def test_the_least_occupied_is_whoever_talked_least_lately() -> None:
    shift = floor(StrategyName.LEAST_OCCUPIED)
    shift.ready(ALICE, BOB)
    assert serve(shift, "c0", 300) == (ALICE, "longest_idle")
    assert serve(shift, "c1", 20) == (BOB, "least_occupied")
    assert serve(shift, "c2", 20) == (BOB, "least_occupied"), "though Alice has been idle for longer"


def test_what_was_long_ago_counts_less() -> None:
    long_ago, lately = Occupancy(at=START), Occupancy(at=START)
    long_ago.passed(START + timedelta(minutes=20), busy=True)
    lately.passed(START + timedelta(hours=3), busy=False)
    lately.passed(START + timedelta(hours=3, minutes=5), busy=True)
    assert long_ago.rank < lately.rank
    long_ago.passed(lately.at, busy=False)
    assert long_ago.share < lately.share, "compared at one moment it is the same"


def test_a_fixed_order_asks_the_first_who_is_free() -> None:
    shift = floor(StrategyName.FIXED_ORDER, order=(CAROL, AgentId("gone"), ALICE))
    shift.ready(ALICE, BOB, CAROL)
    assert [serve(shift, f"c{n}", 60) for n in range(2)] == [(CAROL, "fixed_order")] * 2
    shift.tell(m.SignedOff(agent=CAROL))
    assert serve(shift, "c2", 60) == (ALICE, "fixed_order")
    shift.tell(m.SignedOff(agent=ALICE))
    assert serve(shift, "c3", 60) == (BOB, "only_one")
