"""Call control for the screens and the API alike: what a supervisor may be in."""

from __future__ import annotations

from agent_console.auth.permissions import may_monitor
from agent_console.errors import Forbidden
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, UserId
from crm_core.services.bundle import Services


async def monitored(services: Services, user: User, agent: str) -> AgentId:
    """The agent into whose call this person wishes to be; Forbidden unless he may."""
    found = await services.users.get(UserId(agent))
    departments = {queue.key: queue.department for queue in (await services.floor_plans.load()).queues}
    if not may_monitor(user, found, departments):
        raise Forbidden()
    return AgentId(found.id)
