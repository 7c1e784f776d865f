"""The floor as it is now, asked over the bus, and what changes a state on it."""

from __future__ import annotations

from aiohttp import web

from agent_console.errors import refusal
from agent_console.keys import BUS
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Command
from cti.commands import Floor, ForceAgentState, GetFloor, SetPaused, SetReady, SignOff
from routing.states import AgentState


async def floor_now(request: web.Request) -> Floor:
    """Raises NobodyServes while the telephone side is away."""
    answer = await request.config_dict[BUS].request(GetFloor())
    if not isinstance(answer, Floor):
        raise refusal(answer)
    return answer


def state_command(user: User, agent: AgentId, state: str, reason: str) -> Command:
    """One's own state is asked for; another's is set. Pure."""
    if AgentId(user.id) != agent:
        return ForceAgentState(agent=agent, state=state, reason=reason)
    match state:
        case AgentState.READY:
            return SetReady(agent=agent)
        case AgentState.PAUSED:
            return SetPaused(agent=agent, reason=reason)
        case _:
            return SignOff(agent=agent)
