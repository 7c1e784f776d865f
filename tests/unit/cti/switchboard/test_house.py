"""What the parts of the switchboard know together."""

from __future__ import annotations

from datetime import timedelta

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from cti.floor import Seating
from cti.switchboard.house import Offer, OpenOffers
from routing.queues import WrapUpKind
from tests.unit.cti.calls.scenes import START
from tests.unit.cti.switchboard.playbook import ALICE, BOB, floor_plan


def offer(call: str, agent: AgentId) -> Offer:
    return Offer(
        id=OfferId("o"), call=CallId(call), agent=agent, extension="1001", queue=QueueKey("service"), ring_s=20
    )


def test_an_open_offer_is_found_from_both_sides_until_it_is_closed() -> None:
    offers, one = OpenOffers(), offer("c", ALICE)
    offers.open(one)
    assert offers.of_call(CallId("c")) is offers.to(ALICE) is offers.to(ALICE, CallId("c")) is one
    assert offers.to(ALICE, CallId("other")) is offers.to(BOB) is offers.to(None) is None
    assert offers.close(one)
    assert not offers.close(one)
    assert list(offers) == []


def test_offer_ids_are_new_even_after_a_restart() -> None:
    ids = {OpenOffers().new_id(START + timedelta(milliseconds=number)) for number in range(100)}
    again = OpenOffers()
    ids |= {again.new_id(START) for _ in range(100)}
    assert len(ids) == 199  # the first of each life at the same instant is the same
    assert all(new.isalnum() for new in ids)


def test_extensions_and_people_are_known_by_each_other() -> None:
    seating = Seating.of(floor_plan())
    assert seating.agents["1001"] == ALICE
    assert seating.extensions[BOB] == "1002"
    kinds = {key: queue.wrap_up.kind for key, queue in seating.floor.queues.items()}
    assert kinds == {"service": WrapUpKind.OPTIONAL, "vip": WrapUpKind.NONE}


def test_a_leaver_sits_on_unless_his_place_was_given_away() -> None:
    former, fewer = Seating.of(floor_plan()), Seating.of(floor_plan(without=[ALICE]))
    stays = fewer.with_leavers(former, [ALICE])
    assert stays.agents["1001"] == ALICE
    assert ALICE not in stays.floor.agents
