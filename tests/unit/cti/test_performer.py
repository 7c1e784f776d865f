"""How effects are carried out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, OfferId, ServerId
from crm_core.runtime.in_process_bus import InProcessBus
from cti import effects as fx
from cti.ami.wire import Response
from cti.performer import LEADING_S, Performer
from cti.recorder import Recorder
from cti.switchboard import FloorLoaded, Heard
from cti.timers import Timers
from tests.unit.cti.switchboard.playbook import floor_plan

if TYPE_CHECKING:
    from cti.ami.connection import AmiLink


async def test_the_floor_is_read_once_at_a_time_and_the_last_reading_begins_after_the_last_word() -> None:
    begun, may_go_on = list[str](), asyncio.Event()
    heard: asyncio.Queue[Heard] = asyncio.Queue()

    async def load() -> FloorPlan:
        begun.append(f"rev_{len(begun)}")
        plan = replace(floor_plan(), revision=begun[-1])
        await may_go_on.wait()
        return plan

    performer = Performer(
        bus=InProcessBus(),
        timers=Timers(ManualClock(), lambda _token: None),
        recorder=Recorder(Path("/rec")),
        load_floor=load,
        post=heard.put_nowait,
        reply=lambda _reply: None,
    )
    performer.carry_out([fx.LoadFloor()])
    while not begun:
        await asyncio.sleep(0)
    performer.carry_out([fx.LoadFloor(), fx.LoadFloor(), fx.LoadFloor()])
    may_go_on.set()
    read = [await heard.get(), await heard.get()]
    await performer.close()
    assert [one.plan.revision for one in read if isinstance(one, FloorLoaded)] == begun == ["rev_0", "rev_1"]


class Line:
    """What would be written to Asterisk, and when."""

    server = ServerId("a")

    def __init__(self) -> None:
        self.written: list[tuple[float, str]] = []

    def redirect(self, channel: str, context: str, extension: str) -> asyncio.Future[Response]:
        return self._write(f"{channel} {context},{extension}")

    def setvar(self, name: str, value: str, channel: str) -> asyncio.Future[Response]:
        return self._write(f"{channel} {name}={value}")

    def _write(self, what: str) -> asyncio.Future[Response]:
        loop = asyncio.get_running_loop()
        self.written.append((loop.time(), what))
        answer = loop.create_future()
        answer.set_result(Response(headers={"Response": "Success"}))
        return answer


async def test_who_is_led_to_an_announcement_is_led_elsewhere_only_when_he_is_there_in_the_same_order() -> None:
    line = Line()
    performer = Performer(
        bus=InProcessBus(),
        timers=Timers(ManualClock(), lambda _token: None),
        recorder=Recorder(Path("/rec")),
        load_floor=no_floor,
        post=lambda _heard: None,
        reply=lambda _reply: None,
        announcement=lambda _language, _position, _wait, *_keys: ["you_are_next"],
    )
    performer.attach([cast("AmiLink", line)])
    his: dict[str, Any] = {"server": line.server, "channel": "c1", "call": CallId("k1")}
    other: dict[str, Any] = {"server": line.server, "channel": "c2", "call": CallId("k2")}
    performer.carry_out(
        [
            fx.Announce(**his, language="en", position=1, wait_s=None, comfort=""),
            fx.OfferCall(**his, offer=OfferId("o1"), extension="1001"),
            fx.WithdrawOffer(**his, offer=OfferId("o1")),
            fx.OfferCall(**other, offer=OfferId("o2"), extension="1002"),
        ]
    )
    await asyncio.sleep(LEADING_S)
    while len(line.written) < 5:
        await asyncio.sleep(0.01)
    await performer.close()
    said, led, others, *behind = line.written
    assert [what for _, what in (said, led, others)] == [
        "c1 CW_SAY=callwright/en/you_are_next",
        "c1 cw-say,s",
        "c2 cw-offer,1002-o2",
    ]
    assert [what for _, what in behind] == ["c1 cw-offer,1001-o1", "c1 cw-hold,back-o1"]
    assert all(at - led[0] >= LEADING_S * 0.99 for at, _ in behind)


async def test_whose_phones_ring_at_once_is_said_before_the_caller_is_sent_there() -> None:
    line = Line()
    performer = Performer(
        bus=InProcessBus(),
        timers=Timers(ManualClock(), lambda _token: None),
        recorder=Recorder(Path("/rec")),
        load_floor=no_floor,
        post=lambda _heard: None,
        reply=lambda _reply: None,
    )
    performer.attach([cast("AmiLink", line)])
    ring = fx.RingAll(
        server=line.server, channel="c1", call=CallId("k1"), offer=OfferId("o1"), extensions=("1001", "1002")
    )
    performer.carry_out([ring])
    assert [what for _, what in line.written] == ["c1 CW_ALL=o1:PJSIP/1001&PJSIP/1002", "c1 cw-offer,all-o1"]
    await performer.close()


async def no_floor() -> FloorPlan:
    raise AssertionError("nobody asks for the floor")
