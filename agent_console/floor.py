"""The floor as it is now, asked over the bus."""

from __future__ import annotations

from aiohttp import web

from agent_console.errors import refusal
from agent_console.keys import BUS
from cti.commands import Floor, GetFloor


async def floor_now(request: web.Request) -> Floor:
    """Raises NobodyServes while the telephone side is away."""
    answer = await request.config_dict[BUS].request(GetFloor())
    if not isinstance(answer, Floor):
        raise refusal(answer)
    return answer
