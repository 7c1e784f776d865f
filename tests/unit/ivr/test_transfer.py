"""A caller is led on to somebody's phone: to whom, and what becomes of him when nobody takes the call."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId
from crm_core.kernel.requirements_text import read
from ivr.flow.asked import Answered, Whither
from ivr.flow.interpreter import advance, begin
from ivr.flow.messages import Ask, EnterQueue, Failed, HandOver, Input, Step
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems
from ivr.handed_over import KEPT_S, HandedOver
from tests.unit.ivr.flows import SOUNDS, small_flow
from tests.unit.ivr.test_errands import QUEUES, end, play, steps


def transferring(**changes: Any) -> Flow:
    to = {"kind": "transfer", "number": "ani", "unusable": "no", "error": "house", **changes}
    return small_flow(start="to", nodes={"to": to, **QUEUES})


@pytest.mark.parametrize("where", ["agent", "number"])
def test_he_is_handed_over_and_back_when_nobody_takes_the_call(where: str) -> None:
    effects = play(transferring(within_s=2), Answered(way=where, values={"to": "1001"}))
    assert effects[0] == Ask(question=Whither(number="13800138000"), within_s=2)
    assert effects[-1] == HandOver(where=where, to="1001")
    assert steps(effects) == [("to", "", f"transfer_{where}")]
    effects = play(transferring(), Answered(way=where, values={"to": "1001"}), Failed())
    assert steps(effects)[-1] == ("to", "", "transfer_failed")
    assert end(effects) == "house"


def test_a_number_that_leads_to_a_queue_leads_there() -> None:
    effects = play(transferring(), Answered(way="queue", values={"to": "vip", "asks": "zh:3"}))
    assert steps(effects) == [("to", "", "transfer_queue")]
    last = effects[-1]
    assert isinstance(last, EnterQueue)
    assert (last.queue, last.asks) == ("vip", read("zh >= 3"))


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [
        (Answered(way="unusable"), "transfer_unusable", "no"),
        (Failed(), "transfer_failed", "house"),
        (Answered(way="agent"), "transfer_failed", "house"),
        (Answered(way="queue"), "transfer_failed", "house"),
        (Answered(way="elsewhere", values={"to": "1"}), "transfer_failed", "house"),
    ],
)
def test_each_other_answer_has_its_way(answer: Input, label: str, to: str) -> None:
    effects = play(transferring(), answer)
    assert steps(effects) == [("to", "", label)]
    assert end(effects) == to


def test_the_flow_is_not_over_while_a_phone_rings_for_him() -> None:
    flow = transferring()
    turn = advance(flow, begin(flow).state, Answered(way="agent", values={"to": "1001"}))
    assert not turn.state.over
    turn = advance(flow, turn.state, Failed())
    assert turn.state.over
    assert [type(one) for one in turn.effects] == [Step, EnterQueue]


def test_a_secret_is_no_number_to_be_dialled() -> None:
    pin = {
        "kind": "collect",
        "into": "pin",
        "prompts": ["ask"],
        "longest": 4,
        "secret": True,
        "next": "to",
        "exhausted": "person",
    }
    to = {"kind": "transfer", "number": "pin", "unusable": "person"}
    flow = small_flow(start="pin", nodes={"pin": pin, "to": to, "person": {"kind": "queue"}})
    (problem,) = find_problems(flow, SOUNDS)
    assert str(problem) == "node “to”, field “number”: “pin” is secret and is not written"


def test_a_transfer_that_fails_back_into_itself_is_refused() -> None:
    flow = small_flow(start="to", nodes={"to": {"kind": "transfer", "number": "ani", "unusable": "to", "error": "to"}})
    assert any("round in a circle" in str(one) for one in find_problems(flow, SOUNDS))


# Where he stood ------------------------------------------------------------------------------------------------------


def test_a_place_is_kept_once_for_its_call_in_the_menu_as_it_was_and_not_for_ever() -> None:
    clock, call = ManualClock(), CallId("pbx-1")
    flow = transferring()
    state = begin(flow).state
    places = HandedOver(clock)
    places.keep(call, flow, state)
    assert places.fetch(CallId("pbx-2")) is None
    place = places.fetch(call)
    assert place is not None
    assert (place.flow, place.state) == (flow, state)
    assert places.fetch(call) is None
    places.keep(call, flow, state)
    clock.advance(KEPT_S)
    assert places.fetch(call) is None
