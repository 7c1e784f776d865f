"""An offer made before our time, found in the call log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent_console.live.past_offers import last_offer
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from crm_core.persistence.log import logged
from cti.events import CallOffered, CallRinging
from routing.reasons import Because

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL, ALICE, BOB = CallId("c1"), AgentId("alice"), AgentId("bob")


def offered(agent: AgentId, second: int) -> CallOffered:
    return CallOffered(
        at=START + timedelta(seconds=second), call=CALL, agent=agent, extension="1001", offer=OfferId(f"o{second}"),
        queue=QueueKey("repair"), because=Because(rule="longest_idle", waited_s=float(second)),
    )  # fmt: skip


def test_the_last_offer_to_this_agent_is_whole() -> None:
    mine, later = offered(ALICE, 10), offered(ALICE, 40)
    ringing = CallRinging(at=START, call=CALL, agent=ALICE, offer=OfferId("o10"))
    assert last_offer(map(logged, (mine, ringing, offered(BOB, 20), later, offered(BOB, 50))), ALICE) == later


def test_a_call_never_offered_to_him_has_none() -> None:
    assert last_offer([logged(offered(BOB, 20))], ALICE) is None
