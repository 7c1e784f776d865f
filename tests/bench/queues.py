"""How fast a caller meets an agent: our engine beside stock app_queue, on one Asterisk, in turns.

Free agent: the caller's INVITE -> the agent's INVITE, and -> the caller's 200 OK (both can talk). Backlog: an agent
hangs up while callers wait -> his next INVITE. Every time is stamped in this process, which plays callers and agents.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.ground import BenchAgent, Ground, cpu_s
from tests.bench.sip import Dialog, UserAgent

CALL_S = 0.3
TALK_S = 1.0
SETTLE_S = 1.5
STUCK_S = 30.0
REGISTER_EVERY_S = 120.0


@dataclass(slots=True)
class Times:
    """Seconds, one a call."""

    to_ring: list[float] = field(default_factory=list)
    to_talk: list[float] = field(default_factory=list)
    to_next: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    """Asterisk's processor time over the turn."""
    lost: int = 0
    retransmitted: int = 0


class Floor:
    """All agents of a measurement, and one telephone for all callers."""

    def __init__(self, ground: Ground, agents: Sequence[BenchAgent]) -> None:
        self._ground, self._agents = ground, agents
        self._asterisk = ground.asterisk_pid
        self._numbers = itertools.count(700001)
        self.agents: dict[str, UserAgent] = {}
        self.offers: dict[str, Dialog] = {}
        """Caller's number -> the agent's side of his call."""

    async def open(self) -> Floor:
        self.callers = await UserAgent(user="caller", server=self._ground.sip).open()
        for agent in self._agents:
            phone = await UserAgent(user=agent.extension, secret=agent.secret, server=self._ground.sip).open()
            phone.on_invite = self._offered
            await phone.register()
            self.agents[agent.extension] = phone
        self._registers = asyncio.create_task(self._register_again())
        return self

    async def _register_again(self) -> None:
        """Asterisk forgets a phone after five minutes."""
        while True:
            for phone in list(self.agents.values()):
                await asyncio.sleep(REGISTER_EVERY_S / len(self.agents))
                await phone.register()

    def close(self) -> None:
        self._registers.cancel()
        for phone in (self.callers, *self.agents.values()):
            phone.close()

    def _offered(self, dialog: Dialog) -> None:
        self.offers[dialog.number] = dialog

    def caller_number(self) -> str:
        return str(next(self._numbers))

    async def free_agent(self, dialled: str, *, calls: int, per_second: float) -> Times:
        """Calls at a steady pace into a queue that always has a free agent."""
        times, before = Times(), cpu_s(self._asterisk)
        async with asyncio.TaskGroup() as group:
            for _ in range(calls):
                group.create_task(self._one_call(dialled, times))
                await asyncio.sleep(1 / per_second)
        await asyncio.sleep(SETTLE_S)
        times.cpu_s = cpu_s(self._asterisk) - before
        return times

    async def _one_call(self, dialled: str, times: Times) -> None:
        number = self.caller_number()
        dialog = self.callers.call(number, dialled)
        try:
            await asyncio.wait_for(dialog.answered.wait(), STUCK_S)
        except TimeoutError:
            times.lost += 1
        else:
            times.to_ring.append(self.offers[number].invited_at - dialog.invited_at)
            times.to_talk.append(dialog.answered_at - dialog.invited_at)
            await asyncio.sleep(CALL_S)
        times.retransmitted += dialog.retransmitted
        self.callers.hang_up(dialog)

    async def backlog(self, dialled: str, *, callers: int) -> Times:
        """More callers than agents: each agent talks a while, hangs up and gets the next."""
        times, freed = Times(), dict[str, float]()

        def offered(phone: UserAgent, dialog: Dialog) -> None:
            if phone.user in freed:
                times.to_next.append(dialog.invited_at - freed.pop(phone.user))
            asyncio.get_running_loop().call_later(TALK_S, over, phone, dialog)

        def over(phone: UserAgent, dialog: Dialog) -> None:
            if not dialog.ended.is_set():
                phone.hang_up(dialog)
                freed[phone.user] = dialog.ended_at

        for phone in self.agents.values():
            phone.on_invite = lambda dialog, phone=phone: offered(phone, dialog)  # type: ignore[misc]
        dialogs = []
        for _ in range(callers):
            dialogs.append(self.callers.call(self.caller_number(), dialled))
            await asyncio.sleep(0.02)
        try:
            async with asyncio.timeout(STUCK_S + TALK_S * 3 * callers / len(self.agents)):
                for dialog in dialogs:
                    await dialog.ended.wait()
        except TimeoutError:
            times.lost += sum(not dialog.ended.is_set() for dialog in dialogs)
            for dialog in dialogs:
                self.callers.hang_up(dialog)
        for phone in self.agents.values():
            phone.on_invite = self._offered
        await asyncio.sleep(SETTLE_S)
        return times
