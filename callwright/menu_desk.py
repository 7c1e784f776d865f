"""Who answers when a voice menu asks: the customers, tickets and callbacks of the core, for a caller with ten keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta, tzinfo

from callwright.elsewhere import Elsewhere
from crm_core.domain.callbacks import Callback, CallbackFilter, CallbackState
from crm_core.domain.floor import Did, DidTarget, FloorPlan
from crm_core.domain.tickets import Ticket, TicketType
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, QueueKey
from crm_core.kernel.phone import NumberKind, PhoneNumber
from crm_core.kernel.requirements import packed
from crm_core.services.bundle import Services
from cti.dialling import FORBIDDEN, DialRules
from ivr.desk import comment_file, message_file
from ivr.enquiries import Enquiries
from ivr.errors import NotAnswered
from ivr.flow.asked import (
    Answered,
    Fetch,
    HowIs,
    KeepComment,
    KeepMessage,
    NewCallback,
    NewTicket,
    ProveWho,
    Question,
    Rate,
    ReadArticle,
    Whither,
    WhoIs,
)
from ivr.prompts.narrator import Narrator
from recordings.errors import RecordingError
from recordings.storage import RecordingFolder, Sound

SHORTEST_COMMENT_S = 1.0
"""Less is a cough, or a hang-up."""
InLine = Callable[[CallId, NewCallback], Awaitable[bool]]
"""Whether this caller keeps a place in a line, and is called when it is his turn."""


async def nobody_waits(_call: CallId, _asked: NewCallback) -> bool:
    return False


class MenuDesk:
    """The menus' desk. A caller is who his number says only where a person has confirmed that number."""

    def __init__(
        self,
        services: Services,
        clock: Clock,
        zone: tzinfo,
        elsewhere: Elsewhere,
        rules: DialRules,
        *,
        transfers_to: tuple[str, ...] = (),
        recordings: RecordingFolder | None = None,
        in_line: InLine = nobody_waits,
        narrator: Narrator | None = None,
    ) -> None:
        """`transfers_to`: beginnings of the numbers outside to which menus may lead callers. `recordings`: where their
        messages lie. `narrator`: who speaks what is written."""
        self._services, self._clock, self._elsewhere, self._in_line = services, clock, elsewhere, in_line
        self._enquiries = Enquiries(services, clock.now, zone, narrator)
        self._rules, self._transfers_to, self._recordings = rules, transfers_to, recordings

    async def answer(self, call: CallId, question: Question) -> Answered:  # noqa: PLR0911 - one for each question
        match question:
            case WhoIs() | HowIs() | ReadArticle():
                return await self._enquiries.answer(call, question)
            case ProveWho():
                return await self._prove(question)
            case NewTicket():
                return await self._open(call, question)
            case NewCallback():
                return await self._promise(call, question)
            case Rate(score=score):
                await self._services.calls.rate(call, score)
                return Answered(way="rated")
            case KeepMessage():
                return await self._keep(call, question)
            case KeepComment(take=take):
                return await self._keep_comment(call, take)
            case Whither(number=number):
                return await self._whither(number)
            case Fetch():
                return await self._elsewhere.fetch(question)

    # ---- who is it

    async def _prove(self, asked: ProveWho) -> Answered:
        """Whoever is locked out has to talk with a person."""
        number = self._services.customers.number(asked.caller)
        proof, customer = await self._services.customer_pins.prove(asked.account, asked.pin, caller=number.key)
        return Answered(way=proof) if customer is None else await self._enquiries.about(customer)

    # ---- where does it lead

    async def _whither(self, number: str) -> Answered:
        plan = await self._services.floor_plans.load()
        if any(agent.extension == number for agent in plan.agents):
            return Answered(way="agent", values={"to": number})
        lead = next((did for did in plan.dids if did.number == number), None)
        if lead is not None:
            return self._of_the_house(lead, plan)
        digits = self._rules.digits(number)
        if self._rules.refusal(digits) is not None or not digits.startswith(self._transfers_to):
            return Answered(way="unusable")
        return Answered(way="number", values={"to": digits})

    def _of_the_house(self, lead: Did, plan: FloorPlan) -> Answered:
        """To a menu nobody is transferred: a menu would lead back into itself, and a call would never end."""
        queue = next((one for one in plan.queues if lead.target is DidTarget.QUEUE and one.key == lead.to), None)
        if queue is None:
            return Answered(way="unusable")
        return Answered(way="queue", values={"to": queue.key, "asks": packed(queue.wish)})

    # ---- what shall be done

    async def _open(self, call: CallId, asked: NewTicket) -> Answered:
        await self._services.calls.expect(call, self._clock.now())
        description = "\n".join(f"{name}: {text}" for name, text in asked.details.items())
        made = await self._opened(call, asked, description) or await self._services.tickets.create(
            subject=asked.subject,
            description=description,
            type=TicketType(asked.matter),
            customer=await self._enquiries.customer(asked.customer, asked.caller),
            call=call,
            queue=await self._line(asked.queue),
        )
        return Answered(way="opened", values={"number": _digits(made.number)})

    async def _line(self, queue: str) -> QueueKey | None:
        """In whose line a ticket waits; a queue there is not (any more) is no reason to lose it."""
        plan = await self._services.floor_plans.load()
        return next((one.key for one in plan.queues if one.key == queue), None) if queue else None

    async def _opened(self, call: CallId, asked: NewTicket, description: str) -> Ticket | None:
        """Who says the same twice in one call, perhaps because the first answer came too late, has one ticket."""
        same = (TicketType(asked.matter), " ".join(asked.subject.split()), description.strip())
        of_this_call = await self._services.tickets.of_call(call)
        return next((one for one in of_this_call if (one.type, one.subject, one.description) == same), None)

    # ---- what he said

    async def _keep(self, call: CallId, asked: KeepMessage) -> Answered:
        file, folder = message_file(call, asked.take), self._recordings
        if folder is None:
            raise NotAnswered(why="there is no folder for messages")
        try:
            sound = await asyncio.to_thread(folder.look, file)
        except RecordingError:
            return Answered(way="empty")
        if (sound.duration_s or 0) < asked.shortest_s:
            await asyncio.to_thread(folder.forget, file)
            return Answered(way="empty")
        ticket = await self._kept(call, asked, file, sound)
        return Answered(way="kept", values={"number": _digits(ticket.number)})

    async def _keep_comment(self, call: CallId, take: int) -> Answered:
        """It belongs to the call, and is heard by those who may hear the call."""
        file, folder, now = comment_file(call, take), self._recordings, self._clock.now()
        if folder is None:
            raise NotAnswered(why="there is no folder for comments")
        try:
            sound = await asyncio.to_thread(folder.look, file)
        except RecordingError:
            return Answered(way="empty")
        if (sound.duration_s or 0) < SHORTEST_COMMENT_S:
            await asyncio.to_thread(folder.forget, file)
            return Answered(way="empty")
        kept = self._services.recordings
        await kept.start(call, file, now - timedelta(seconds=sound.duration_s or 0), comment=True)
        await kept.finish(file, now, duration_s=sound.duration_s, size_bytes=sound.size_bytes)
        return Answered(way="commented")

    async def _kept(self, call: CallId, asked: KeepMessage, file: str, sound: Sound) -> Ticket:
        """Kept twice, perhaps because the first answer came too late, it is one ticket."""
        kept, now = self._services.recordings, self._clock.now()
        message = await kept.start(call, file, now - timedelta(seconds=sound.duration_s or 0))
        await kept.finish(file, now, duration_s=sound.duration_s, size_bytes=sound.size_bytes)
        if message.ticket is not None:
            return await self._services.tickets.get(message.ticket)
        ticket = await self._services.tickets.create(
            subject=asked.subject,
            type=TicketType(asked.matter),
            customer=await self._enquiries.customer(asked.customer, asked.caller),
            call=call,
            queue=await self._line(asked.queue),
        )
        await kept.belongs_to(file, ticket.id)
        return ticket

    async def _promise(self, call: CallId, asked: NewCallback) -> Answered:
        number = self._services.customers.number(asked.number)
        if number.kind is not NumberKind.E164 or self._forbidden(asked.number):
            return Answered(way="unusable")
        if await self._in_line(call, asked):
            return Answered(way="promised", values={"due": self._enquiries.here(asked.due_at)})
        await self._services.calls.expect(call, self._clock.now())
        made = await self._already(call, number) or await self._services.callbacks.schedule(
            due_at=asked.due_at,
            why=asked.why,
            number=asked.number,
            customer=await self._enquiries.customer(asked.customer, asked.caller),
            call=call,
        )
        return Answered(way="promised", values={"due": self._enquiries.here(made.due_at)})

    async def _already(self, call: CallId, number: PhoneNumber) -> Callback | None:
        """Who asks twice in one call is promised one callback."""
        of_this_call = CallbackFilter(call=call, states=(CallbackState.SCHEDULED,))
        found = await self._services.callbacks.search(of_this_call)
        return next((one for one in found if one.number.key == number.key), None)

    def _forbidden(self, number: str) -> bool:
        """A promise that the house does not let anybody keep; and what frauds would have it dial."""
        return self._rules.refusal(self._rules.digits(number)) == FORBIDDEN


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
