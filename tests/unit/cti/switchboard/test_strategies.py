"""Each queue says who of several free agents gets the call: from the plan to the reason that is told."""

from __future__ import annotations

from dataclasses import replace

from crm_core.domain.floor import FloorPlan, Strategy
from cti import events as e
from routing.strategies import StrategyName
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook, floor_plan


def choosing(strategy: Strategy, *ring_order: str) -> FloorPlan:
    plan = floor_plan()
    service, *others = plan.queues
    return replace(plan, queues=(replace(service, strategy=strategy, ring_order=ring_order), *others))


def test_every_strategy_of_the_plan_is_one_of_the_engine() -> None:
    assert {str(one) for one in Strategy} == {str(one) for one in StrategyName}


def test_a_queues_own_order_names_extensions_and_whom_nobody_knows_is_passed_over() -> None:
    play = Playbook(choosing(Strategy.FIXED_ORDER, "1999", "1002"))
    play.ready(ALICE)
    play.wait(60)
    play.ready(BOB)
    play.caller_waits(skills="zh:1")
    [told] = play.said(e.CallOffered)
    assert (told.agent, told.because.rule) == (BOB, "fixed_order")


def test_without_a_word_the_lowest_extension_comes_first_and_the_board_knows_the_strategy() -> None:
    play = Playbook(choosing(Strategy.FIXED_ORDER))
    play.ready(BOB)
    play.wait(60)
    play.ready(ALICE)
    play.caller_waits(skills="zh:1")
    assert play.said(e.CallOffered)[-1].agent == ALICE
    assert [queue.strategy for queue in play.floor().queues if queue.queue == "service"] == [StrategyName.FIXED_ORDER]
