"""The people of a soak: callers who dial, press keys, talk and hang up, and agents who take calls, miss or reject them.

All phones are in this process, on one clock: what they saw of each call is exact.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from tests.bench.sip import Dialog, UserAgent
from tests.soak.plan import HOTLINE, Caller, Mood, mood
from tests.soak.seen import Seen, Talk
from tests.soak.sound import Voice, Voices

LINGER_S = 30.0
"""So long after the other's goodbye one still listens, then it is said to have lingered."""
FAREWELL_S = 3.0
FORGET_S = 40.0
KEY_PAUSE_S = 1.2


@dataclass(slots=True, eq=False)
class Place:
    """What ties the two phones of one call together: the caller's number, which both know."""

    caller: Caller
    seen: Seen
    talking: asyncio.Event = field(default_factory=asyncio.Event)


class Callers:
    """All callers, on one telephone."""

    def __init__(self, server: tuple[str, int], voices: Voices) -> None:
        self.phone = UserAgent(user="caller", server=server)
        self.places: dict[str, Place] = {}
        self.seen: list[Seen] = []
        self._voices = voices
        self._lines: dict[str, Voice] = {}
        self.phone.sound_port = lambda dialog: self._lines[dialog.number].port

    async def call(self, caller: Caller) -> None:
        """From dialling to the end."""
        seen = Seen(number=caller.number, dialled=caller.dials, patient=caller.patience_s > 60, placed_at=time.time())
        self.seen.append(seen)
        place = self.places[caller.number] = Place(caller, seen)
        voice = self._lines[caller.number] = self._voices.open()
        dialog = self.phone.call(caller.number, caller.dials)
        try:
            await self._live(place, dialog, voice)
        finally:
            self.phone.hang_up(dialog)
            await _until(dialog.ended, FAREWELL_S)
            seen.ended_at, seen.status = seen.ended_at or time.time(), dialog.status
            del self.places[caller.number], self._lines[caller.number]
            self._voices.close(voice)
            asyncio.get_running_loop().call_later(FORGET_S, self.phone.calls.pop, dialog.call_id, None)

    async def _live(self, place: Place, dialog: Dialog, voice: Voice) -> None:
        caller, seen = place.caller, place.seen
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + caller.patience_s
        if await _first(dialog.answered, dialog.ended, place.talking, within=caller.patience_s):
            seen.answered_at = time.time() if dialog.answered.is_set() else 0.0
            voice.to = dialog.sound
            if caller.dials == HOTLINE:
                await self._press_keys(place, dialog, voice)
            await _first(dialog.ended, place.talking, within=patient_until - loop.time())
        if place.talking.is_set() and not dialog.ended.is_set():
            voice.to = dialog.sound
            stays = caller.talks_s if caller.hangs_up else caller.talks_s + LINGER_S
            await _until(dialog.ended, stays)
            seen.lingered = not caller.hangs_up and not dialog.ended.is_set()
        seen.hung_up = not dialog.ended.is_set()
        seen.ended_at = time.time()

    async def _press_keys(self, place: Place, dialog: Dialog, voice: Voice) -> None:
        """Into whatever is being said: keys wait for the menu that asks for them."""
        for key in place.caller.keys:
            if await _first(dialog.ended, place.talking, within=KEY_PAUSE_S):
                return
            self._voices.press(voice, key)


class Agent:
    """One agent with his phone."""

    def __init__(
        self, extension: str, secret: str, *, server: tuple[str, int], callers: Callers, voices: Voices, seed: int
    ) -> None:
        self.phone = UserAgent(user=extension, secret=secret, server=server, answer=False)
        self.phone.on_invite = self._is_called
        self.phone.sound_port = lambda dialog: self._line(dialog).port
        self._callers, self._voices = callers, voices
        self._chance = random.Random(f"{seed} agent {extension}")
        self._lines: dict[str, Voice] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._busy: Dialog | None = None
        self.missed = self.rejected = 0

    def _line(self, dialog: Dialog) -> Voice:
        if dialog.call_id not in self._lines:
            self._lines[dialog.call_id] = self._voices.open()
        return self._lines[dialog.call_id]

    def _is_called(self, dialog: Dialog) -> None:
        work = asyncio.get_running_loop().create_task(self._serve(dialog))
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def _serve(self, dialog: Dialog) -> None:
        loop = asyncio.get_running_loop()
        try:
            await self._react(dialog)
        finally:
            self.phone.hang_up(dialog)
            if dialog.call_id in self._lines:
                self._voices.close(self._lines.pop(dialog.call_id))
            loop.call_later(FORGET_S, self.phone.calls.pop, dialog.call_id, None)

    async def _react(self, dialog: Dialog) -> None:
        await asyncio.sleep(0)  # first his phone rings
        if self._busy is not None:
            self.phone.refuse(dialog, 486, "Busy Here")
            return
        self._busy = dialog
        try:
            await self._decide(dialog)
        finally:
            self._busy = None

    async def _decide(self, dialog: Dialog) -> None:
        what = mood(self._chance)
        if what is Mood.MISSES:
            await dialog.ended.wait()
            self.missed += 1
        elif not await _until(dialog.ended, self._chance.uniform(0.2, 1.0)):
            if what is Mood.REJECTS:
                self.rejected += 1
                self.phone.refuse(dialog, 603, "Decline")
            else:
                await self._talk(dialog)

    async def _talk(self, dialog: Dialog) -> None:
        self.phone.accept(dialog)
        place = self._callers.places.get(dialog.number)
        if place is None:
            return  # he hung up in this very moment
        voice = self._line(dialog)
        voice.to = dialog.sound
        conversation = dialog.invite.headers.get("x-cw-call", "") if dialog.invite else ""
        talk = Talk(agent=self.phone.user, began_at=time.time(), conversation=conversation)
        place.seen.talks.append(talk)
        place.talking.set()
        stays = place.caller.talks_s + (LINGER_S if place.caller.hangs_up else 0.0)
        if not await _until(dialog.ended, stays):
            talk.agent_hung_up = True
            talk.lingered = place.caller.hangs_up
        talk.ended_at, talk.heard = time.time(), voice.heard()


async def _until(event: asyncio.Event, seconds: float) -> bool:
    """Whether it came within so long."""
    return await _first(event, within=seconds)


async def _first(*events: asyncio.Event, within: float) -> bool:
    """Whether one of them came within so long."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=max(0.0, within), return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()
