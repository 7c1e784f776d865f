"""The floor as it is now, asked over the bus, and what changes a state on it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from agent_console.errors import refusal
from agent_console.keys import BUS
from agent_console.pages.admin.commands import TellAsterisk
from crm_core.domain.users import User
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Command
from cti.commands import Floor, ForceAgentState, GetFloor, ReloadFloor, SetPaused, SetReady, SignOff
from routing.states import AgentState

_ASTERISK_PATIENCE_S: Final = 15.0


async def floor_now(request: web.Request) -> Floor:
    """Raises NobodyServes while the telephone side is away."""
    answer = await request.config_dict[BUS].request(GetFloor())
    if not isinstance(answer, Floor):
        raise refusal(answer)
    return answer


async def reload_floor(bus: Bus) -> bool:
    """The telephone side reads its plan anew. False while it is away: it will do so by itself when it comes back."""
    try:
        return (await bus.request(ReloadFloor())).ok
    except (NobodyServes, RequestTimedOut):
        return False


async def tell_asterisk(bus: Bus) -> bool:
    """Phones, queues and numbers stand in Asterisk's files. False where it is not ours, or nobody looks after it."""
    try:
        return (await bus.request(TellAsterisk(), timeout=_ASTERISK_PATIENCE_S)).ok
    except (NobodyServes, RequestTimedOut):
        return False


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
