"""A real Asterisk closes a line on which it cannot write for a moment: a slow listener of ours is no reason to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Event
from cti import events as e
from cti.ami.connection import AmiLink
from cti.telephony import AmiEndpoint
from tests.integration.ami.stage import stage
from tests.support.asterisk import given_asterisk
from tests.support.waiting import eventually

CALLS, PAUSE_S, WRITE_TIMEOUT_MS = 50, 0.02, 100
CALLER = "Local/4008001@from-trunk"
OF_A_CALL = (e.CallArrived, e.CallQueued, e.CallEnded)


def far_end(endpoint: AmiEndpoint) -> AmiLink:
    """Who makes the calls: nobody of ours."""
    return AmiLink(
        host=endpoint.host, port=endpoint.port, user=endpoint.user, secret=endpoint.secret, clock=SystemClock(),
        on_event=lambda _: None,
    )  # fmt: skip


def is_impatient(files: Path) -> None:
    manager = files / "manager.conf"
    written = manager.read_text()
    assert "writetimeout = 5000" in written
    manager.write_text(written.replace("writetimeout = 5000", f"writetimeout = {WRITE_TIMEOUT_MS}"))


async def test_a_slow_consumer_never_makes_asterisk_close_the_line(tmp_path: Path) -> None:
    slow: list[Event] = []

    async def take_time(event: Event) -> None:
        await asyncio.sleep(PAUSE_S)
        slow.append(event)

    async with given_asterisk(tmp_path, is_impatient) as asterisk:
        plan = asterisk.plan
        endpoint = AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)
        async with (
            stage(endpoint, recordings=plan.directories.recordings) as ours,
            ours.bus.consume("slow", take_time, *OF_A_CALL),
            far_end(endpoint) as far,
        ):
            await far.wait_up()
            for number in range(CALLS):
                await far.originate(CALLER, channel_id=f"slow-{number}", application="Wait", data="60")
            await ours.hears(e.CallQueued, count=CALLS)
            await asterisk.cli("channel request hangup all")
            await ours.hears(e.CallEnded, count=CALLS)
            told = [event for event in ours.told if isinstance(event, OF_A_CALL)]
            await eventually("the slow one to have taken all", lambda: len(slow) == len(told), limit_s=60)
            assert slow == told
            assert len(ours.all(e.LinkUp)) == 1
            assert not ours.all(e.LinkLost)
    by_call: dict[CallId, list[type[Event]]] = defaultdict(list)
    for event in told:
        by_call[event.call].append(type(event))
    assert list(by_call.values()) == [list(OF_A_CALL)] * CALLS
