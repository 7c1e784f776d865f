"""The demo's world outside: whoever is called back there has a telephone, and a way with it that his number tells.

A number that ends in 7 is engaged, at one that ends in 8 nobody is at home, and one that ends in 9 is no longer in use;
everybody else picks up after some seconds, speaks, and hangs up after a while.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from callwright.demo.phones import Answer, AsDialled, PhoneProcess, PhoneProcessGone, Reject, Ring

PICKS_UP_AFTER_S = 3.0
TALKS_S = 90.0
_LIFE_S = 7 * 24 * 3600.0
_TRY_AGAIN_S = 3.0

MANNERS = AsDialled(
    by_last_digit={"7": Reject(code=486), "8": Ring(), "9": Reject(code=404)},
    otherwise=Answer(after_s=PICKS_UP_AFTER_S, talk_s=TALKS_S),
)


class Outside:
    """`run` lasts until it is cancelled. `port` is where calls to the outside come to, `voice` what is said there."""

    def __init__(self, *, port: int, server: str, voice: Path, manners: AsDialled = MANNERS) -> None:
        self._port = port
        self._server = server
        self._voice = voice
        self._manners = manners
        self.answers = asyncio.Event()
        """Set as soon as it can be called."""

    async def run(self) -> None:
        while True:
            try:
                await self._answer_telephones()
            except PhoneProcessGone:
                await asyncio.sleep(_TRY_AGAIN_S)  # it crashed: a new one

    async def _answer_telephones(self) -> None:
        async with PhoneProcess(life_s=_LIFE_S, port=self._port) as process:
            everybody = await process.add("everybody", server=self._server, number="outside", when_called=self._manners)
            await everybody.play(self._voice)
            self.answers.set()
            await process.watch()
