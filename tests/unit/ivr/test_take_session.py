"""What the page is told while a prompt is spoken into a phone."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import UserId
from crm_core.kernel.language import Language
from ivr.prompts.sound import write_wav
from ivr.takes.commands import Take, TakeState
from ivr.takes.machine import State
from ivr.takes.session import TakeSession


class Phone:
    """A line whose person presses these keys, and says something whenever he is recorded."""

    def __init__(self, *keys: str) -> None:
        self._keys = list(keys)

    async def play(self, sound: str) -> str:
        return ""

    async def read_digit(self, timeout_s: float) -> str:
        return self._keys.pop(0)

    async def record(self, file: str, longest_s: int, silence_s: int) -> str:
        Path(file).write_bytes(write_wav(array("h", (int(9000 * math.sin(n / 3)) for n in range(16_000)))))
        return "DTMF"


async def test_while_it_is_kept_the_page_is_told_so(tmp_path: Path) -> None:
    """Whoever looked just then would else see a phone that rings, and give up what is being kept."""
    take = Take(
        id="1x1", prompt="welcome", language=Language.EN, by=UserId("sam"), guidance=Language.EN,
        state=TakeState.RINGING, since=ManualClock().now(),
    )  # fmt: skip
    told: list[TakeState] = []

    def tell(state: State) -> bool:
        told.append(state.at)
        return True

    kept: list[bytes] = []

    async def keep(_: Take, sound: bytes) -> None:
        assert told[-1] is TakeState.SAVING
        kept.append(sound)

    session = TakeSession(Phone("1"), take, prompts=tmp_path, file=tmp_path / "1x1.wav", keep=keep, tell=tell)
    await session.run()
    assert told[-1] is TakeState.KEPT
    assert len(kept) == 1
