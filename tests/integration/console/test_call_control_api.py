"""Call control over REST: every operation becomes its command, and what came of it is told apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientResponse

from agent_console.phones import PhoneAnswered, PhoneAsked, PhoneOrder
from crm_core.domain.users import PhoneKind, User
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti import commands as c
from cti.events import MonitorMode
from tests.integration.console.stage import Api, People

CALL = CallId("call-1")
CONTROL = (
    c.PlaceCall, c.HangUp, c.Transfer, c.Consult, c.CompleteTransfer, c.CancelTransfer, c.Conference, c.Park,
    c.Retrieve, c.PauseRecording, c.ResumeRecording, c.Mute, c.SendDigits, c.AnswerCall, c.HoldCall, c.Monitor,
    c.StopMonitoring, c.TakeOver,
)  # fmt: skip
TO_REPAIR = {"to": {"kind": "queue", "value": "repair"}}


class Telephony:
    """Keeps what it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.code = ""

    async def __call__(self, command: Command) -> CommandResult:
        self.asked.append(command)
        if self.code:
            return CommandResult(ok=False, code=self.code)
        if isinstance(command, c.PlaceCall):
            return c.CallPlaced(ok=True, call=CALL)
        return CommandResult(ok=True)


@pytest.fixture
async def telephony(bus: Bus) -> AsyncIterator[Telephony]:
    plays = Telephony()
    async with bus.serve(plays, *CONTROL):
        yield plays


@pytest.fixture
async def api(api: Api, services: Services, people: People) -> Api:
    """The administrator's program."""
    api.token = (await services.api_tokens.create("admin", people.admin.id)).token
    return api


async def _problem(response: ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    return response.status, (await response.json())["code"]


_EACH: list[tuple[str, Any, Any]] = [
    ("hangup", None, c.HangUp),
    ("transfer", TO_REPAIR, partial(c.Transfer, to=c.Target(kind=c.TargetKind.QUEUE, value="repair"))),
    ("consult", TO_REPAIR, partial(c.Consult, to=c.Target(kind=c.TargetKind.QUEUE, value="repair"))),
    ("consult/complete", None, c.CompleteTransfer),
    ("consult/cancel", None, c.CancelTransfer),
    ("conference", None, c.Conference),
    ("park", None, c.Park),
    ("retrieve", None, c.Retrieve),
    ("recording/pause", None, c.PauseRecording),
    ("recording/resume", None, c.ResumeRecording),
    ("mute", {"muted": True}, partial(c.Mute, muted=True)),
    ("digits", {"digits": "12#"}, partial(c.SendDigits, digits="12#")),
    ("answer", None, c.AnswerCall),
    ("hold", {"held": True}, partial(c.HoldCall, held=True)),
]


@pytest.mark.parametrize("each", _EACH, ids=[path for path, _, _ in _EACH])
async def test_each_operation_is_its_command(
    api: Api, services: Services, telephony: Telephony, each: tuple[str, Any, Any]
) -> None:
    path, body, command = each
    agent = AgentId((await _hire(services, PhoneKind.SIP)).id)
    done = await api.call("POST", f"/calls/{CALL}/{path}?agent={agent}", json=body)
    assert done.status == 204
    assert telephony.asked == [command(agent=agent, call=CALL)]


async def _hire(services: Services, phone: PhoneKind) -> User:
    return await services.users.create(
        login="dora", password="a long password", name="Dora", extension="1077", phone_kind=phone
    )


async def test_a_call_is_placed_once(api: Api, people: People, telephony: Telephony) -> None:
    for _ in range(2):
        placed = await api.call(
            "POST", "/calls", json={"number": "138 0013 8000"}, headers={"Idempotency-Key": "click-1"}
        )
        assert placed.status == 201
        assert await placed.json() == {"call": CALL}
        assert placed.headers["Location"] == f"/api/v1/calls/{CALL}"
    assert telephony.asked == [c.PlaceCall(agent=AgentId(people.admin.id), number="138 0013 8000")]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("target.busy", 409), ("number.invalid", 409), ("consult.none", 409), ("command.failed", 409),
        ("command.timed_out", 504), ("command.unknown", 503), ("link.down", 503), ("call.not_yours", 403),
        ("call.unknown", 404),
    ],
)  # fmt: skip
async def test_refused_and_not_known_in_time_are_told_apart(
    api: Api, telephony: Telephony, code: str, status: int
) -> None:
    telephony.code = code
    assert await _problem(await api.call("POST", f"/calls/{CALL}/transfer", json=TO_REPAIR)) == (status, code)


async def test_without_a_telephone_side_nothing_is_promised(api: Api, people: People) -> None:
    assert await _problem(await api.call("POST", f"/calls/{CALL}/park")) == (503, "bus.nobody_serves")


async def test_an_agent_acts_at_his_own_phone_only(services: Services, people: People, api: Api) -> None:
    token = (await services.api_tokens.create("alice", people.alice.id)).token
    as_alice = {"Authorization": f"Bearer {token}"}
    others = await api.call("POST", f"/calls/{CALL}/park?agent={people.bob.id}", headers=as_alice)
    assert await _problem(others) == (403, "auth.forbidden")
    listening = await api.call("POST", f"/agents/{people.bob.id}/monitor", json={}, headers=as_alice)
    assert await _problem(listening) == (403, "auth.forbidden")


async def test_a_supervisor_listens_changes_over_stops_and_takes_over(
    api: Api, people: People, telephony: Telephony
) -> None:
    admin, bob = AgentId(people.admin.id), AgentId(people.bob.id)
    for body in ({}, {"mode": "whisper"}, {"mode": "barge"}):
        assert (await api.call("POST", f"/agents/{bob}/monitor", json=body)).status == 204
    assert (await api.call("POST", f"/agents/{bob}/monitor/stop")).status == 204
    assert (await api.call("POST", f"/agents/{bob}/take-over")).status == 204
    assert telephony.asked == [
        *(c.Monitor(agent=admin, of=bob, mode=mode) for mode in MonitorMode),
        c.StopMonitoring(agent=admin),
        c.TakeOver(agent=admin, of=bob),
    ]


async def test_nobody_listens_to_himself_or_to_somebody_unknown(api: Api, people: People, telephony: Telephony) -> None:
    himself = await api.call("POST", f"/agents/{people.admin.id}/monitor", json={})
    assert await _problem(himself) == (403, "auth.forbidden")
    assert await _problem(await api.call("POST", "/agents/usr_nobody/monitor", json={})) == (404, "user.not_found")
    assert telephony.asked == []


@pytest.mark.parametrize(("code", "status"), [("", 204), ("call.unknown", 404)])
async def test_a_phone_in_the_browser_does_it_itself(
    api: Api, services: Services, bus: Bus, code: str, status: int
) -> None:
    agent = (await _hire(services, PhoneKind.WEBRTC)).id
    async with bus.subscribe(PhoneAsked) as wishes:
        asking = asyncio.create_task(api.call("POST", f"/calls/{CALL}/hold?agent={agent}", json={"held": True}))
        wish = await anext(aiter(wishes))
        assert isinstance(wish, PhoneAsked)
        assert (str(wish.agent), wish.call, wish.do) == (agent, CALL, PhoneOrder.HOLD)
        bus.publish(PhoneAnswered(at=wish.at, order=wish.order, code=code))
        assert (await asking).status == status
