"""What the call log has heard of calls, as who closes and enters them needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crm_core.domain.calls import CallOutcome
from crm_core.kernel.ids import AgentId
from crm_core.services.call_proof import CallInBrief, CallProof
from crm_core.services.floor_plans import FloorPlans
from cti.reconcile import Known, Logged


async def known_calls(log: CallProof, ids: Sequence[str]) -> Mapping[str, Known]:
    """Of those that are there."""
    found = [call async for piece in log.of_ids(ids) for call in piece]
    last = await log.last_told([call.id for call in found if call.ended_at is None])
    return {call.id: _known(call, last.get(call.id)) for call in found}


def logged_of(call: CallInBrief, last: datetime | None = None) -> Logged:
    return Logged(
        call=call.id,
        server=call.server,
        start=call.started_at.timestamp(),
        end=call.ended_at.timestamp() if call.ended_at is not None else None,
        answered=call.connected_at is not None or call.outcome is CallOutcome.ANSWERED,
        guessed=bool(call.closed_by),
        last=last.timestamp() if last is not None else 0.0,
    )


def _known(call: CallInBrief, last: datetime | None) -> Known:
    return Known(
        logged=logged_of(call, last),
        queued_at=call.queued_at,
        connected_at=call.connected_at,
        agents=call.agents,
    )


async def extensions(plans: FloorPlans) -> dict[str, AgentId]:
    """Extension -> who sits there."""
    floor = await plans.load()
    return {agent.extension: agent.id for agent in floor.agents}
