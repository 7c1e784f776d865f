"""Whether an agent may do something in a conversation: it is his, it lives, and Asterisk hears us."""

from __future__ import annotations

from crm_core.kernel.ids import AgentId, CallId
from cti.calls.channel import Leg
from cti.switchboard.house import House
from cti.switchboard.promises import Answer, refused


def out_of_reach(house: House, call: CallId) -> Answer | None:
    """Why nothing can be done about this call now; None: it can."""
    story = house.stories.get(call)
    if story is None:
        return refused("call.unknown", call=call)
    return None if house.line_up(story.server) else refused("link.down", server=story.server)


def not_his(house: House, agent: AgentId, call: CallId) -> Answer | None:
    """Why he can do nothing in this conversation; None: he talks in it."""
    refusal = out_of_reach(house, call)
    if refusal is not None:
        return refusal
    if agent in house.stories[call].talking.values():
        return None
    at_work = house.engine.agents.get(agent)
    his = house.legs_of(agent, call) or (at_work is not None and at_work.call == call)
    return refused("call.not_talking" if his else "call.not_yours", call=call)


def leg_in(house: House, agent: AgentId, call: CallId) -> Leg | None:
    """By which he takes part in the conversation."""
    tracked = house.tracked(call)
    legs = [*tracked.present.values(), *tracked.aside.values()] if tracked is not None else []
    return next((leg for leg in legs if house.agent_at(leg.extension) == agent), None)
