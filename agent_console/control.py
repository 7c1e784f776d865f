"""Call control for the screens and the API alike: what a supervisor may be in, and whom he may direct."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent_console.auth.permissions import may_act_for, may_direct, may_monitor
from agent_console.errors import Forbidden
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, QueueKey, UserId
from crm_core.services.bundle import Services


async def monitored(services: Services, user: User, agent: str) -> AgentId:
    """The agent into whose call this person wishes to be; Forbidden unless he may."""
    return AgentId((await _looked_after(services, user, agent, may_monitor)).id)


async def directed(services: Services, user: User, agent: str) -> AgentId:
    """The agent whose state this person wishes to change; Forbidden unless he may."""
    return AgentId((await _looked_after(services, user, agent, may_direct)).id)


async def acted_for(services: Services, user: User, agent: str) -> User:
    """The agent at whose phone this person wishes to handle a call; Forbidden unless he may."""
    return await _looked_after(services, user, agent, may_act_for)


async def _looked_after(
    services: Services, user: User, agent: str, may: Callable[[User, User, Mapping[QueueKey, str | None]], bool]
) -> User:
    found = await services.users.get(UserId(agent))
    departments = {queue.key: queue.department for queue in (await services.floor_plans.load()).queues}
    if not may(user, found, departments):
        raise Forbidden()
    return found
