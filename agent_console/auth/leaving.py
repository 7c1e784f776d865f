"""Who leaves, or is shown out, leaves whole: his open screens notice at once, and he is given no more calls."""

from __future__ import annotations

from typing import Final

import structlog

from agent_console.auth.events import LoginChanged
from crm_core.domain.users import User
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId, UserId
from crm_core.kernel.messages import Command, CommandResult
from cti.commands import ForceAgentState, SignOff
from routing.states import AgentState

PATIENCE_S: Final = 2.0
"""Nobody waits longer to get out because telephony does not answer."""
_log = structlog.get_logger("agent_console")
_NOT_YET = ("agent.has_call", "agent.paperwork_first")


def look_again(bus: Bus, clock: Clock, user: UserId) -> None:
    """What this person may do has changed: every open screen of his asks before it goes on."""
    bus.publish(LoginChanged(at=clock.now(), user=user))


async def take_off_the_floor(bus: Bus, user: User) -> None:
    """Offline; with a call in hand as soon as that is over. Paperwork that had to be done stays undone."""
    if user.extension is None:
        return
    agent = AgentId(user.id)
    try:
        if (await _told(bus, SignOff(agent=agent))).code in _NOT_YET:
            await _told(bus, ForceAgentState(agent=agent, state=AgentState.OFFLINE.value))
    except (NobodyServes, RequestTimedOut) as error:
        _log.warning("could not be signed off", action="sign_off", user=user.login, error=str(error))


async def _told(bus: Bus, command: Command) -> CommandResult:
    return await bus.request(command, timeout=PATIENCE_S)
