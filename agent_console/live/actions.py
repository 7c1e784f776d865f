"""Carries out what a screen asks: telephony by commands on the bus, the rest by the core's services.

Every answer is a sentence in the asker's language when something was refused. Whatever creates something is done once
per key, however often it is asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from agent_console.auth.permissions import may_direct
from agent_console.errors import Forbidden, NotFound
from agent_console.floor import state_command
from agent_console.live.client import Client
from agent_console.live.hub import Hub
from agent_console.live.once import Once
from agent_console.live.protocol import (
    AddContactAsk,
    Answer,
    Ask,
    AttachAsk,
    CallbackForm,
    ClaimPhoneAsk,
    CompleteCallbackAsk,
    CreateCustomerAsk,
    CreateTicketAsk,
    DetachAsk,
    FinishAsk,
    FollowCallAsk,
    ForceStateAsk,
    HangUpAsk,
    HangUpTestCallAsk,
    KeepDraftAsk,
    PlaceTestCallAsk,
    RefreshWorkAsk,
    RejectAsk,
    ScheduleCallbackAsk,
    SearchCustomersAsk,
    SetPausedAsk,
    SetReadyAsk,
    SignOffAsk,
    TicketForm,
)
from agent_console.live.screen_pop import Chosen, names
from agent_console.live.sentences import error_sentence, refusal
from agent_console.pages.demo.commands import HangUpTestCall, PlaceTestCall, TestCallPlaced
from agent_console.words import Words
from crm_core.domain.customers import Customer
from crm_core.domain.users import User
from crm_core.kernel.bus import Bus
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command
from crm_core.services.bundle import Services
from crm_core.services.idempotency import KeptAnswer
from cti.commands import (
    FinishWrapUp,
    HangUp,
    RejectOffer,
    SetPaused,
    SetReady,
    SignOff,
)

FOUND_AT_MOST: Final = 8
PHONE_LOOKS, PHONE_LOOK_EVERY_S = 15, 0.2
"""So often and so far apart is looked whether a phone that is just registering has done so."""
_ALREADY_FINISHED: Final = ("agent.not_in_wrap_up", "call.unknown")
_log = structlog.get_logger("agent_console.live")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from which screen."""

    user: User
    words: Words
    client: Client

    @property
    def agent(self) -> AgentId:
        return AgentId(self.user.id)


class Actions:
    def __init__(self, services: Services, bus: Bus, hub: Hub, *, demo: bool) -> None:
        self._services, self._bus, self._hub, self._demo = services, bus, hub, demo
        self._once: Once[Answer] = Once()

    async def carry_out(self, ask: Ask, asker: Asker) -> Answer:
        """Once per id; never raises."""
        try:
            return await self._once(asker.user.id, ask.id, lambda: self._answer(ask, asker))
        except Exception:
            _log.exception("a wish failed", action=ask.do, user=asker.user.login)
            sentence = asker.words("Something went wrong on our side. It has been noted; please try again.")
            return Answer(id=ask.id, ok=False, code="unexpected", sentence=sentence)

    async def _answer(self, ask: Ask, asker: Asker) -> Answer:
        try:
            return await self._do(ask, asker)
        except CallwrightError as error:
            field = str(error.params.get("field", ""))
            return Answer(
                id=ask.id, ok=False, code=error.code, sentence=error_sentence(error, asker.words), field=field
            )

    async def _do(self, ask: Ask, asker: Asker) -> Answer:  # noqa: PLR0911, PLR0912 - one line a wish
        match ask:
            case SetReadyAsk():
                return await self._get_ready(ask, asker)
            case SetPausedAsk():
                return await self._command(ask, asker, SetPaused(agent=asker.agent, reason=ask.reason))
            case SignOffAsk():
                return await self._command(ask, asker, SignOff(agent=asker.agent))
            case RejectAsk():
                return await self._command(ask, asker, RejectOffer(agent=asker.agent, call=ask.call))
            case HangUpAsk():
                return await self._command(ask, asker, HangUp(agent=asker.agent, call=ask.call))
            case FinishAsk():
                return await self._finish(ask, asker)
            case CreateTicketAsk():
                return Answer(id=ask.id, ok=True, value=await self._create_ticket(ask.call, ask.ticket, asker))
            case ScheduleCallbackAsk():
                return Answer(id=ask.id, ok=True, value=await self._schedule(ask.call, ask.callback, asker))
            case CompleteCallbackAsk():
                return await self._complete_callback(ask, asker)
            case AttachAsk():
                return await self._attach(ask, asker)
            case DetachAsk():
                return await self._detach(ask, asker)
            case CreateCustomerAsk():
                return await self._create_customer(ask, asker)
            case AddContactAsk():
                return await self._add_contact(ask, asker)
            case SearchCustomersAsk():
                return Answer(id=ask.id, ok=True, value=await self._search(ask.text))
            case KeepDraftAsk():
                return Answer(id=ask.id, ok=self._hub.keep_draft(asker.agent, ask.call, ask.draft, asker.client))
            case RefreshWorkAsk():
                self._hub.renew_work_soon(asker.user)
                return Answer(id=ask.id, ok=True)
            case ClaimPhoneAsk():
                ok = self._hub.claim_phone(asker.agent, ask.holder, asker.client, force=ask.force)
                return Answer(id=ask.id, ok=ok, code="" if ok else "phone.elsewhere")
            case ForceStateAsk():
                return await self._force_state(ask, asker)
            case PlaceTestCallAsk():
                return await self._place_test_call(ask, asker)
            case HangUpTestCallAsk():
                return await self._command(ask, asker, HangUpTestCall(call=ask.call))
            case FollowCallAsk():
                self._hub.follow(ask.call, asker.client)
                return Answer(id=ask.id, ok=True)

    # Telephony --------------------------------------------------------------------------------------------------------

    async def _command(self, ask: Ask, asker: Asker, command: Command) -> Answer:
        result = await self._bus.request(command)
        if result.ok:
            return Answer(id=ask.id, ok=True)
        return Answer(id=ask.id, ok=False, code=result.code, sentence=refusal(result.code, asker.words))

    async def _get_ready(self, ask: Ask, asker: Asker) -> Answer:
        """Who presses Ready in the moment the desk opens is heard, though his phone needs a second to register."""
        for _ in range(PHONE_LOOKS):
            answer = await self._command(ask, asker, SetReady(agent=asker.agent))
            if answer.code != "phone.unreachable":
                return answer
            await asyncio.sleep(PHONE_LOOK_EVERY_S)
        return answer

    async def _force_state(self, ask: ForceStateAsk, asker: Asker) -> Answer:
        if not may_direct(asker.user, ask.agent):
            raise Forbidden()
        return await self._command(ask, asker, state_command(asker.user, ask.agent, ask.state, ask.reason))

    async def _place_test_call(self, ask: PlaceTestCallAsk, asker: Asker) -> Answer:
        if not self._demo:
            raise NotFound()
        command = PlaceTestCall(
            caller=ask.caller, name=ask.name, dnis=ask.dnis, language=ask.language, choice=ask.choice
        )
        result = await self._bus.request(command, timeout=10.0)
        if not result.ok:
            return Answer(id=ask.id, ok=False, code=result.code, sentence=refusal(result.code, asker.words))
        call = result.call if isinstance(result, TestCallPlaced) else None
        if call is not None:
            self._hub.follow(call, asker.client)
        return Answer(id=ask.id, ok=True, value={"call": call})

    # The end of a call ------------------------------------------------------------------------------------------------

    async def _finish(self, ask: FinishAsk, asker: Asker) -> Answer:
        """All the sheet holds, then free. What was saved before something failed is told, and not saved twice."""
        saved: dict[str, Any] = {}
        try:
            if ask.disposition:
                await self._services.calls.set_disposition(ask.call, ask.disposition, ask.note, by=asker.user.id)
            if ask.ticket is not None:
                saved["ticket"] = await self._create_ticket(ask.call, ask.ticket, asker)
            if ask.callback is not None:
                saved["callback"] = await self._schedule(ask.call, ask.callback, asker)
            result = await self._bus.request(FinishWrapUp(agent=asker.agent, call=ask.call))
        except CallwrightError as error:
            sentence = error_sentence(error, asker.words)
            return Answer(id=ask.id, ok=False, code=error.code, sentence=sentence, value=saved)
        self._hub.renew_work_soon(asker.user)
        if result.ok or result.code in _ALREADY_FINISHED:
            return Answer(id=ask.id, ok=True, value=saved)
        return Answer(id=ask.id, ok=False, code=result.code, sentence=refusal(result.code, asker.words), value=saved)

    async def _create_ticket(self, call: CallId, form: TicketForm, asker: Asker) -> dict[str, Any]:
        async def create() -> dict[str, Any]:
            chosen = self._hub.lookup.chosen(call)
            ticket = await self._services.tickets.create(
                subject=form.subject,
                description=form.description,
                type=form.type,
                priority=form.priority,
                customer=chosen.customer if chosen else None,
                contact=chosen.contact if chosen else None,
                call=call,
                assignee=asker.user.id,
                department=asker.user.department,
                by=asker.user.id,
            )
            return {"id": ticket.id, "number": ticket.number, "subject": ticket.subject}

        return await self._kept(asker, "ticket", form.key, create, call)

    async def _schedule(self, call: CallId, form: CallbackForm, asker: Asker) -> dict[str, Any]:
        async def schedule() -> dict[str, Any]:
            chosen = self._hub.lookup.chosen(call)
            callback = await self._services.callbacks.schedule(
                due_at=form.due_at,
                why=form.why,
                number=form.number,
                customer=chosen.customer if chosen else None,
                contact=chosen.contact if chosen else None,
                call=call,
                assignee=asker.user.id if form.mine else None,
                by=asker.user.id,
            )
            return {"id": callback.id, "due_at": callback.due_at.isoformat()}

        return await self._kept(asker, "callback", form.key, schedule, call)

    async def _kept(
        self, asker: Asker, kind: str, key: str, make: Callable[[], Awaitable[dict[str, Any]]], call: CallId
    ) -> dict[str, Any]:
        """Made once per key, even across a restart of ours; afterwards the screens show it."""
        keys, name = self._services.idempotency, f"live:{kind}:{key}"
        before = await keys.claim(asker.user.id, name, kind)
        if before is not None:
            found: dict[str, Any] = json.loads(before.body)
            return found
        try:
            made = await make()
        except BaseException:
            await keys.release(asker.user.id, name)
            raise
        await keys.keep(asker.user.id, name, KeptAnswer(status=201, headers={}, body=json.dumps(made)))
        await self._hub.lookup.refresh(call)
        self._hub.renew_work_soon(asker.user)
        return made

    async def _complete_callback(self, ask: CompleteCallbackAsk, asker: Asker) -> Answer:
        await self._services.callbacks.complete(ask.callback, call=ask.call, by=asker.user.id)
        if ask.call is not None:
            await self._hub.lookup.refresh(ask.call)
        self._hub.renew_work_soon(asker.user)
        return Answer(id=ask.id, ok=True)

    # Who it is --------------------------------------------------------------------------------------------------------

    async def _attach(self, ask: AttachAsk, asker: Asker) -> Answer:
        await self._remember(ask.call, Chosen(customer=ask.customer, contact=ask.contact), asker)
        return Answer(id=ask.id, ok=True)

    async def _remember(self, call: CallId, chosen: Chosen, asker: Asker) -> None:
        """This call is his, and so is the number it came from."""
        by = asker.user.id
        await self._services.calls.set_customer(call, chosen.customer, chosen.contact, by=by)
        facts = self._hub.cases.calls.get(call)
        if facts is not None and self._services.customers.number(facts.ani).known:
            await self._services.customers.attach_number(facts.ani, chosen.customer, chosen.contact, by=by)
        await self._hub.lookup.choose(call, chosen)

    async def _detach(self, ask: DetachAsk, asker: Asker) -> Answer:
        """It is somebody else: the number stays with its customer, this call does not."""
        await self._services.calls.set_customer(ask.call, None, by=asker.user.id)
        await self._hub.lookup.disown(ask.call)
        return Answer(id=ask.id, ok=True)

    async def _create_customer(self, ask: CreateCustomerAsk, asker: Asker) -> Answer:
        async def create() -> dict[str, Any]:
            customer = await self._services.customers.create(
                name=ask.name, kind=ask.kind, city=ask.city, by=asker.user.id
            )
            await self._remember(ask.call, Chosen(customer=customer.id), asker)
            return {"id": customer.id}

        return Answer(id=ask.id, ok=True, value=await self._kept(asker, "customer", ask.id, create, ask.call))

    async def _add_contact(self, ask: AddContactAsk, asker: Asker) -> Answer:
        async def add() -> dict[str, Any]:
            contact = await self._services.customers.add_contact(
                ask.customer, name=ask.name, title=ask.title, by=asker.user.id
            )
            await self._remember(ask.call, Chosen(customer=ask.customer, contact=contact.id), asker)
            return {"id": contact.id}

        return Answer(id=ask.id, ok=True, value=await self._kept(asker, "contact", ask.id, add, ask.call))

    async def _search(self, text: str) -> list[dict[str, Any]]:
        if not text.strip():
            return []
        page = await self._services.customers.search(text.strip(), limit=FOUND_AT_MOST)
        return [_found(one) for one in page]


def _found(one: Customer) -> dict[str, Any]:
    return {
        "customer": one.id,
        "names": names(one.name, one.name_en),
        "kind": one.kind.value,
        "level": one.level.value,
        "city": one.city,
    }
