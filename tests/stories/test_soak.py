"""`make soak` in small: two calls a second for three minutes while a fault of each kind happens once. Only counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.chaos import PUT_OFF
from tests.soak.plan import Kind
from tests.soak.soak import Plan, soak

EVERY_S = 20.0

pytestmark = [
    pytest.mark.story,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.alone,
    pytest.mark.timeout(900),
]


async def test_with_a_fault_of_each_kind_no_call_is_lost_doubled_or_cut_and_nobody_waits_in_vain(
    tmp_path: Path,
) -> None:
    plan = Plan(length_s=EVERY_S * len(Kind), rate=2.0, fault_every_s=EVERY_S, seed=4008000)
    report = await soak(plan, keep=tmp_path / "soak")
    told, words = report.verdict, report.as_markdown()
    assert {one.kind for one in report.done} == set(Kind), words
    assert PUT_OFF not in {one.words for one in report.done}, words
    assert told.offered > 100, words
    assert told.talked > 0.8 * told.offered, words
    assert told.known_to_asterisk == told.offered, words
    assert report.met, words
