"""The OpenAPI document is true: a fuzzer that knows nothing but the document finds no answer it does not tell of."""

from __future__ import annotations

import asyncio
import sys

import pytest
from aiohttp.test_utils import TestServer

from agent_console.phones import PhoneAnswered, PhoneAsked
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import (
    CallPlaced,
    ExplainIdle,
    ExplainWait,
    Floor,
    ForceAgentState,
    GetFloor,
    IdleExplained,
    PlaceCall,
    ReloadFloor,
    SetPaused,
    SetReady,
    SignOff,
    WaitExplained,
)
from routing.explaining import IdleReason, NoCalls, WaitReason
from routing.reasons import WhyWaiting
from tests.integration.console.stage import People
from tests.integration.console.test_call_control_api import CONTROL

_COMMANDS = (ReloadFloor, GetFloor, ExplainIdle, ExplainWait, SetReady, SetPaused, SignOff, ForceAgentState, *CONTROL)


async def _telephony(command: Command) -> CommandResult:
    if isinstance(command, PlaceCall):
        return CallPlaced(ok=True, call=CallId("placed"))
    match command:
        case GetFloor():
            return Floor(ok=True, links={"test": True})
        case ExplainIdle():
            return IdleExplained(ok=True, reason=IdleReason(code=NoCalls.NOBODY_WAITS))
        case ExplainWait():
            return WaitExplained(ok=True, reason=WaitReason(code=WhyWaiting.ALL_BUSY, ahead=1))
        case _:
            return CommandResult(ok=True)


async def _browsers(bus: Bus) -> None:
    """Every phone in a browser does what it is asked."""
    async with bus.subscribe(PhoneAsked) as wishes:
        async for wish in wishes:
            assert isinstance(wish, PhoneAsked)
            bus.publish(PhoneAnswered(at=wish.at, order=wish.order))


@pytest.mark.timeout(300)
async def test_what_it_says_is_what_the_server_does(
    server: TestServer, services: Services, bus: Bus, people: People, a_call: CallId
) -> None:
    token = (await services.api_tokens.create("fuzzer", people.admin.id)).token
    await services.customers.create(name="张伟", number="13800138000")
    async with bus.serve(_telephony, *_COMMANDS):
        fuzzer = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            str(server.make_url("/api/v1/openapi.json")),
            "--header",
            f"Authorization: Bearer {token}",
            "--max-examples=5",
            "--phases=coverage,fuzzing",
            "--seed=1",
            "--no-color",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        phones = asyncio.create_task(_browsers(bus))
        told, _ = await fuzzer.communicate()
        phones.cancel()
    assert fuzzer.returncode == 0, told.decode()[-6000:]
