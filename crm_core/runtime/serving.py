"""How a command is carried out, the same on every bus: an error becomes a refusal with its code."""

from __future__ import annotations

import structlog

from crm_core.kernel.bus import Handler
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import Command, CommandResult

_log = structlog.get_logger(__name__)

HANDLER_FAILED = "bus.handler_failed"
"""The code of a refusal when the server of a command broke down over it."""


async def carry_out(handler: Handler, command: Command) -> CommandResult:
    try:
        return await handler(command)
    except CallwrightError as error:
        params = {name: str(value) for name, value in error.params.items()}
        return CommandResult(ok=False, code=error.code, params=params)
    except Exception:
        _log.exception("a command broke its server", action="bus.serve", topic=command.topic)
        return CommandResult(ok=False, code=HANDLER_FAILED, params={"topic": command.topic})
