"""Who records prompts by phone: one take of a prompt and of a person at a time, its phone called, its state told.

Telephony calls the phone, and leads it to our FastAGI server when it answers; `speak` is its visit there. All of it is
in memory: a take is a matter of minutes, and after our death whoever looks is told that there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut, Subscription
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Command, CommandResult
from cti.commands import CallForPrompt, EndPromptCall
from cti.events import Outcome, PromptCallOver
from ivr.fastagi.line import AgiLine
from ivr.takes.commands import UNDER_WAY, EndTake, LookAtTake, RecordByPhone, Take, TakeState, TakeTold
from ivr.takes.machine import State
from ivr.takes.session import LONGEST_TAKE_S, KeepTake, TakeSession

FOLDER: Final = "takes"
"""Where what is spoken lies in the folder of recordings, until it is kept or not."""
UNHEARD_OF = timedelta(seconds=60)
"""Who rings for longer rings no more, whatever we did not hear."""
_ENDS: Final = {
    Outcome.BUSY: TakeState.BUSY,
    Outcome.NO_ANSWER: TakeState.NO_ANSWER,
    Outcome.REJECTED: TakeState.DECLINED,
}

_log = structlog.get_logger(__name__)


class Studio:
    """`async with Studio(…)`: answers the commands of `ivr.takes.commands` until the block ends."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        *,
        prompts_dir: Path,
        recordings_dir: Path,
        keep: KeepTake,
        longest_s: int = LONGEST_TAKE_S,
    ) -> None:
        self._bus, self._clock, self._keep, self._longest_s = bus, clock, keep, longest_s
        self._prompts, self._folder = prompts_dir.absolute(), recordings_dir.absolute() / FOLDER
        self._takes: dict[tuple[str, Language], Take] = {}
        """The last of each prompt."""
        self._made = 0
        self._parts = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as parts:
            await asyncio.to_thread(self._clear)
            overs = await parts.enter_async_context(self._bus.subscribe(PromptCallOver))
            hearing = asyncio.create_task(self._hear(overs), name="prompt calls")
            parts.push_async_callback(_stop, hearing)
            await parts.enter_async_context(self._bus.serve(self.obey, RecordByPhone, LookAtTake, EndTake))
            self._parts = parts.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()

    async def obey(self, command: Command) -> CommandResult:
        match command:
            case RecordByPhone():
                return await self._begin(command)
            case LookAtTake(prompt=prompt, language=language):
                return TakeTold(ok=True, take=self._look(prompt, language))
            case EndTake(prompt=prompt, language=language, take=wanted):
                take = self._look(prompt, language)
                return await self._end(take if take is not None and wanted in ("", take.id) else None)
            case _:
                return CommandResult(ok=False, code="command.unknown")

    # ---- asked for

    async def _begin(self, command: RecordByPhone) -> CommandResult:
        """The place is taken before anybody is asked, so of two requests at once one is refused."""
        mine = (command.prompt, command.language)
        found = [take for key in list(self._takes) if (take := self._look(*key)) is not None and take.running]
        if any(take.by == command.by or (take.prompt, take.language) == mine for take in found):
            return CommandResult(ok=False, code="take.running")
        take = self._takes[mine] = Take(
            id=self._new_id(),
            prompt=command.prompt,
            language=command.language,
            by=command.by,
            guidance=command.guidance,
            number=command.number,
            state=TakeState.RINGING,
            since=self._clock.now(),
        )
        call = CallForPrompt(agent=AgentId(command.by), take=take.id, prompt=take.prompt, number=take.number)
        try:
            answer = await self._bus.request(call)
        except NobodyServes:
            self._takes.pop(mine)
            raise
        except RequestTimedOut:
            answer = CommandResult(ok=False, code="command.timed_out")
        if answer.ok or answer.code == "command.timed_out":  # it may ring: then what is heard of it tells
            return TakeTold(ok=True, take=self._takes[mine])
        self._takes.pop(mine)
        return answer

    def _look(self, prompt: str, language: Language) -> Take | None:
        take = self._takes.get((prompt, language))
        if take is not None and take.state is TakeState.RINGING and self._clock.now() - take.since > UNHEARD_OF:
            self._turn(take.id, TakeState.NOT_REACHED)
            take = self._takes[prompt, language]
        return take

    async def _end(self, take: Take | None) -> CommandResult:
        if take is None or not take.running or take.state is TakeState.SAVING:
            return CommandResult(ok=False, code="take.none")
        self._turn(take.id, TakeState.GIVEN_UP)
        try:
            await self._bus.request(EndPromptCall(take=take.id))
        except (NobodyServes, RequestTimedOut) as error:  # nothing he says is kept any more, on the phone either
            _log.warning("the phone was not hung up", action="take", take=take.id, why=str(error))
        return TakeTold(ok=True, take=self._find(take.id))

    # ---- on the phone

    async def speak(self, take_id: str, line: AgiLine) -> None:
        """Somebody's phone has come to us. Of a take nobody knows (any more) it is hung up."""
        take = self._find(take_id)
        if take is None or take.state is not TakeState.RINGING:
            _log.warning("nobody asked for this take", action="take", take=take_id)
            return
        file = self._folder / f"{take.id}.wav"

        def tell(state: State) -> bool:
            return self._turn(take.id, state.at, state.reason)

        session = TakeSession(
            line, take, prompts=self._prompts, file=file, keep=self._keep, tell=tell, longest_s=self._longest_s
        )
        try:
            await session.run()
        finally:
            self._turn(take.id, TakeState.BROKEN_OFF)
            await asyncio.to_thread(_forget, file)

    async def _hear(self, overs: Subscription) -> None:
        """Whoever speaks already hears by himself that the line is gone."""
        async for over in overs:
            take = self._find(over.take) if isinstance(over, PromptCallOver) else None
            if isinstance(over, PromptCallOver) and take is not None and take.state is TakeState.RINGING:
                unanswered = _ENDS.get(over.why, TakeState.NOT_REACHED)
                self._turn(take.id, TakeState.BROKEN_OFF if over.answered else unanswered)

    # ---- details

    def _turn(self, take_id: str, state: TakeState, reason: str = "") -> bool:
        """What is over stays so. Whether it goes on."""
        take = self._find(take_id)
        if take is None or not take.running:
            return False
        if take.state is not state:
            _log.info(f"{take.state} -> {state}", action="take", take=take.id, prompt=take.prompt, reason=reason)
            now = replace(take, state=state, since=self._clock.now(), reason=reason)
            self._takes[take.prompt, take.language] = now
        return state in UNDER_WAY

    def _find(self, take_id: str) -> Take | None:
        return next((one for one in self._takes.values() if one.id == take_id), None)

    def _new_id(self) -> str:
        """Also a place of the dialplan; unique over restarts."""
        self._made += 1
        return f"{int(self._clock.now().timestamp() * 1000)}x{self._made}"

    def _clear(self) -> None:
        """What our former life left behind was not kept."""
        for file in self._folder.glob("*.wav"):
            _forget(file)


def _forget(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
