"""Simulated colleagues: SIP phones that take their share of the calls, so that a visitor is not alone on the floor.

Each signs on, answers after a moment, talks, hangs up, does some paperwork and now and then fetches a coffee or misses
a call. They use the same commands on the bus as a person at a desk, and phones like anybody's.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from callwright.demo.phones import (
    CALLS_A_PROCESS,
    Answer,
    PhoneProcess,
    PhoneProcessGone,
    PhoneState,
    Ring,
    SipPhone,
    WhenCalled,
)
from callwright.demo.voices import Voices
from crm_core.domain.users import PhoneKind, User
from crm_core.kernel.bus import Bus
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.language import DEFAULT_LANGUAGE
from crm_core.kernel.messages import Command
from cti.commands import FinishWrapUp, Floor, GetFloor, SetPaused, SetReady
from cti.events import AgentStateChanged
from routing.states import AgentState

MOST_PROCESSES = 2
_TRY_AGAIN_S = 3.0
_LIFE_S = 7 * 24 * 3600.0
_OWN_PAUSES = frozenset({"break", "missed_call", "rejected", "unreachable"})
"""Pauses a colleague ends himself; one that a supervisor ordered lasts until the supervisor ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a colleague works; ranges in seconds, chances from 0 to 1.

    Six of them keep up with six calls a minute and have a moment between two calls.
    """

    answer_s: tuple[float, float] = (2.0, 5.0)
    talk_s: tuple[float, float] = (15.0, 50.0)
    paperwork_s: tuple[float, float] = (4.0, 10.0)
    coffee_s: tuple[float, float] = (40.0, 80.0)
    back_after_s: tuple[float, float] = (8.0, 20.0)
    """How soon he is back after a missed call or when he was signed off."""
    misses: float = 0.05
    fetches_coffee: float = 0.05


class Colleague:
    """One of them. Told of his own state by `note`; each new state drops what he was about to do in the last."""

    def __init__(
        self, user: User, phone: SipPhone, bus: Bus, *, habits: Habits, dice: random.Random, group: asyncio.TaskGroup
    ) -> None:
        self._agent = AgentId(user.id)
        self._phone = phone
        self._bus = bus
        self._habits = habits
        self._dice = dice
        self._group = group
        self._doing: asyncio.Task[None] | None = None
        self._seen: tuple[AgentState, str, CallId | None] | None = None

    def note(self, state: AgentState, *, reason: str = "", call: CallId | None = None) -> None:
        if (state, reason, call) == self._seen:
            return
        self._seen = state, reason, call
        if self._doing is not None:
            self._doing.cancel()
        self._doing = self._group.create_task(self._react(state, reason, call))

    async def _react(self, state: AgentState, reason: str, call: CallId | None) -> None:
        with contextlib.suppress(CallwrightError):  # a broken phone or line: the next change of state begins anew
            match state:
                case AgentState.OFFLINE:
                    await self._sign_on()
                case AgentState.READY:
                    await self._phone.when_called(self._next_reaction())
                case AgentState.TALKING:
                    await self._talk()
                case AgentState.WRAP_UP if call is not None:
                    await self._finish_paperwork(call)
                case AgentState.PAUSED if reason in _OWN_PAUSES:
                    await self._sleep(self._habits.coffee_s if reason == "break" else self._habits.back_after_s)
                    await self._insist(SetReady(agent=self._agent))
                case _:
                    pass

    def _next_reaction(self) -> WhenCalled:
        if self._dice.random() < self._habits.misses:
            return Ring()
        return Answer(after_s=self._dice.uniform(*self._habits.answer_s))

    async def _sign_on(self) -> None:
        await self._sleep(self._habits.answer_s)
        await self._phone.when_called(self._next_reaction())  # whoever waits already is offered to him at once
        await self._insist(SetReady(agent=self._agent))

    async def _talk(self) -> None:
        await self._sleep(self._habits.talk_s)
        if self._phone.state in (PhoneState.TALKING, PhoneState.HELD):
            await self._phone.hang_up()

    async def _finish_paperwork(self, call: CallId) -> None:
        await self._sleep(self._habits.paperwork_s)
        if self._dice.random() < self._habits.fetches_coffee:
            await self._insist(SetPaused(agent=self._agent, reason="break"))
        await self._insist(FinishWrapUp(agent=self._agent, call=call))

    async def _sleep(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self._dice.uniform(*seconds))

    async def _insist(self, command: Command) -> None:
        """Again until it is done: the line may be down, or the phone not registered yet."""
        while True:
            with contextlib.suppress(CallwrightError):
                if (await self._bus.request(command)).ok:
                    return
            await asyncio.sleep(_TRY_AGAIN_S)


class Colleagues:
    """All simulated colleagues of the demo. `run` lasts until it is cancelled."""

    def __init__(
        self,
        users: Sequence[User],
        bus: Bus,
        *,
        sip: str,
        voices: Voices,
        habits: Habits | None = None,
        dice: random.Random | None = None,
    ) -> None:
        """`users`: those with a SIP phone are played, at most eight; `sip` is host:port."""
        played = [user for user in users if user.phone_kind is PhoneKind.SIP and user.extension and not user.disabled]
        self._users = played[: MOST_PROCESSES * CALLS_A_PROCESS]
        self._bus = bus
        self._sip = sip
        self._voices = voices
        self._habits = habits or Habits()
        self._dice = dice or random.Random()  # noqa: S311 - a demo, not a secret

    async def run(self) -> None:
        while self._users:
            try:
                await self._shift()
            except* PhoneProcessGone:
                # The phones crashed: their owners come back with new ones.
                await asyncio.sleep(_TRY_AGAIN_S)

    async def _shift(self) -> None:
        async with contextlib.AsyncExitStack() as resources:
            changes = await resources.enter_async_context(self._bus.subscribe(AgentStateChanged))
            processes = [await resources.enter_async_context(PhoneProcess(life_s=_LIFE_S)) for _ in self._processes()]
            group = await resources.enter_async_context(asyncio.TaskGroup())
            for process in processes:
                group.create_task(process.watch())
            team: dict[AgentId, Colleague] = {}
            for index, user in enumerate(self._users):
                phone = await self._phone(processes[index % len(processes)], user)
                team[AgentId(user.id)] = Colleague(
                    user, phone, self._bus, habits=self._habits, dice=self._dice, group=group
                )
            await self._look_around(team)
            async for change in changes:
                if isinstance(change, AgentStateChanged) and change.agent in team:
                    team[change.agent].note(change.state, reason=change.reason, call=change.call)

    def _processes(self) -> range:
        return range(min(MOST_PROCESSES, len(self._users)))

    async def _phone(self, process: PhoneProcess, user: User) -> SipPhone:
        extension = user.extension or ""
        phone = await process.add(extension, server=self._sip, number=extension, secret=user.sip_secret)
        await phone.play(self._voices.colleague(user.language or DEFAULT_LANGUAGE))
        return phone

    async def _look_around(self, team: dict[AgentId, Colleague]) -> None:
        """Everybody begins in the state he is really in: after a restart he may have a call in his hands."""
        while True:
            with contextlib.suppress(CallwrightError):
                floor = await self._bus.request(GetFloor())
                if isinstance(floor, Floor):
                    break
            await asyncio.sleep(_TRY_AGAIN_S)
        for row in floor.agents:
            if row.agent in team:
                team[row.agent].note(row.state, reason=row.reason, call=row.call)
