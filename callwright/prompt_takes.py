"""A prompt spoken by phone, kept as an uploaded one is: converted, the one before set aside, and noted who did it."""

from __future__ import annotations

from agent_console.floor import tell_asterisk
from agent_console.prompts import subject
from crm_core.domain.audit import Audited
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import MessageId, new_id
from crm_core.services.bundle import Services
from ivr.prompts.house import PromptHouse
from ivr.takes.commands import Take


class TakeKeeper:
    """Its call is `ivr.takes.session.KeepTake`."""

    def __init__(self, house: PromptHouse, services: Services, bus: Bus, clock: Clock) -> None:
        self._house, self._services, self._bus, self._clock = house, services, bus, clock

    async def __call__(self, take: Take, sound: bytes) -> None:
        await self._house.record(take.prompt, take.language, sound)
        entry = Audited(
            at=self._clock.now(),
            action="prompt.recorded_by_phone",
            subject=subject(take.prompt),
            by=take.by,
            details={"language": take.language},
        )
        await self._services.event_log.append(entry, message_id=MessageId(new_id("msg")))
        queues = (await self._services.floor_plans.load()).queues
        if any(take.prompt in queue.music for queue in queues):
            await tell_asterisk(self._bus)
