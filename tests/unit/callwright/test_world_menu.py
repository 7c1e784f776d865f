"""Invented callers go through the real menu: what is told of them is what it would have told."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callwright.demo.world_menu import Deed, serves_himself, through_the_menu, wrong_key_before
from crm_core.kernel.ids import CallId

CALL, ZONE = CallId("demo-1"), ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_a_repair_in_english() -> None:
    went = through_the_menu(CALL, BEGAN, [Deed(at=at(5), keys="2"), Deed(at=at(14), keys="2")], ZONE)
    assert [(one.at, one.node, one.entered, one.label) for one in went.steps] == [
        (at(5), "language", "2", "en"),
        (at(14), "main", "2", "repair"),
    ]
    assert [(one.node, one.way) for one in went.walked.visits][-2:] == [("connecting", "next"), ("person", "queue")]
    assert {one.version for one in went.walked.visits} == {1}
    assert went.left_at == at(16)


def test_who_presses_no_more_has_gone() -> None:
    went = through_the_menu(CALL, BEGAN, [Deed(at=at(5), keys="1"), Deed(at=at(20))], ZONE)
    last = went.walked.visits[-1]
    assert (last.node, last.way, went.left_at) == ("main", "hung_up", at(20))


@pytest.mark.parametrize("seed", range(40))
def test_whoever_serves_himself_reaches_nobody(seed: int) -> None:
    dice = random.Random(seed)
    deeds = [Deed(at=at(5), keys="1"), *serves_himself(at(5), dice)]
    went = through_the_menu(CALL, BEGAN, deeds, ZONE)
    assert went.walked.visits[-1].way == "hung_up"
    assert [one.at for one in went.walked.visits] == sorted(one.at for one in went.walked.visits)
    assert not any(one.way == "error" for one in went.walked.visits)


def test_they_are_told_of_their_tickets_and_of_their_orders() -> None:
    told = set()
    for seed in range(60):
        deeds = [Deed(at=at(5), keys="1"), *serves_himself(at(5), random.Random(seed))]
        told |= {one.label for one in through_the_menu(CALL, BEGAN, deeds, ZONE).steps if one.label.endswith("_told")}
    assert told == {"ticket_told", "order_told"}


def test_some_press_what_means_nothing_before_what_they_mean() -> None:
    found = [wrong_key_before(at(20), at(5), random.Random(seed)) for seed in range(60)]
    assert {len(one) for one in found} == {0, 1}
    assert all(at(5) < one.at < at(20) for deeds in found for one in deeds)
