"""How effects are carried out that ask for no line."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import ManualClock
from crm_core.runtime.in_process_bus import InProcessBus
from cti import effects as fx
from cti.performer import Performer
from cti.recorder import Recorder
from cti.switchboard import FloorLoaded, Heard
from cti.timers import Timers
from tests.unit.cti.switchboard.playbook import floor_plan


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
