"""Carries out what a screen asks: telephony by commands on the bus, the rest by the core's services.

Every answer is a sentence in the asker's language when something was refused. Whatever creates something is done once
per key, however often it is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from pydantic import BaseModel

from agent_console.auth.permissions import May, allowed, may_ask_about
from agent_console.control import directed
from agent_console.errors import DispositionMissing, Forbidden, NotFound
from agent_console.explained import idle_reason, names_of_floor, no_calls, still_waits, ticket_waits, wait_reason
from agent_console.floor import state_command
from agent_console.line import tell_line
from agent_console.live.asks import (
    AddContactAsk,
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
    HandBackTicketAsk,
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
    SolveTicketAsk,
    TakeTicketAsk,
    TicketForm,
    WhyNoCallsAsk,
    WhyTicketWaitsAsk,
    WhyWaitingAsk,
)
from agent_console.live.cases import Phase
from agent_console.live.client import Client
from agent_console.live.control_actions import ControlActions
from agent_console.live.control_protocol import ControlAsk
from agent_console.live.directory import Directory
from agent_console.live.hub import Hub
from agent_console.live.once import Once
from agent_console.live.protocol import Answer
from agent_console.live.screen_pop import Chosen, names
from agent_console.live.sentences import error_sentence, refusal
from agent_console.pages.demo.commands import HangUpTestCall, PlaceTestCall, TestCallPlaced
from agent_console.words import Words
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import CallDirection, CallRecord
from crm_core.domain.customers import Customer
from crm_core.domain.floor import Paperwork
from crm_core.domain.tickets import Ticket, TicketStatus
from crm_core.domain.users import User
from crm_core.errors import CallNotFound
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import AgentId, CallbackId, CallId, ContactId, CustomerId, TicketId
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
_WORDS: Final = "words"
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Something to be made once; `change` makes of it what the form says by now, and is told its id."""

    kind: str
    key: str
    form: BaseModel
    make: Callable[[], Awaitable[dict[str, Any]]]
    change: Callable[[str], Awaitable[dict[str, Any]]]

    @property
    def words(self) -> str:
        """The form in short: what tells it from another one."""
        said = self.form.model_dump_json(exclude={"id", "key"})
        return hashlib.sha256(said.encode()).hexdigest()


class Actions:
    def __init__(
        self, services: Services, bus: Bus, hub: Hub, clock: Clock, directory: Directory, *, demo: bool
    ) -> None:
        self._services, self._bus, self._hub, self._demo = services, bus, hub, demo
        self._directory = directory
        self._control = ControlActions(services, bus, hub, clock)
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
        """A call that is seen on the floor may not be in the log yet: room is made for it there."""
        answer = await self._tried(ask, asker)
        if answer.code == CallNotFound.code and await self._made_room(ask):
            return await self._tried(ask, asker)
        return answer

    async def _made_room(self, ask: Ask) -> bool:
        facts = self._hub.cases.calls.get(getattr(ask, "call", CallId("")))
        if facts is not None:
            await self._services.calls.expect(facts.call, facts.arrived_at)
        return facts is not None

    async def _tried(self, ask: Ask, asker: Asker) -> Answer:
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
                ok = self._hub.desks.claim_phone(asker.agent, ask.holder, asker.client, force=ask.force)
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
            case TakeTicketAsk() | HandBackTicketAsk() | SolveTicketAsk():
                return await self._about_ticket(ask, asker)
            case WhyWaitingAsk() | WhyNoCallsAsk() | WhyTicketWaitsAsk():
                return await self._explain(ask, asker)
            case ControlAsk():
                return await self._control.carry_out(ask, asker)

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
        agent = await directed(self._services, asker.user, ask.agent)
        return await self._command(ask, asker, state_command(asker.user, agent, ask.state, ask.reason))

    async def _explain(self, ask: WhyWaitingAsk | WhyNoCallsAsk | WhyTicketWaitsAsk, asker: Asker) -> Answer:
        """In sentences of the asker's language, the first of which says it."""
        house = names_of_floor(await self._services.floor_plans.load())
        if isinstance(ask, WhyTicketWaitsAsk):
            said = ticket_waits(await wait_reason(self._bus, CallId(ask.ticket)), house)
        elif isinstance(ask, WhyWaitingAsk):
            if not allowed(asker.user, May.SEE_FLOOR):
                raise Forbidden()
            said = still_waits(await wait_reason(self._bus, ask.call), house)
        else:
            if not may_ask_about(asker.user, ask.agent):
                raise Forbidden()
            said = no_calls(await idle_reason(self._bus, ask.agent), house)
        return Answer(id=ask.id, ok=True, value={"lines": [asker.words.speak(one) for one in said]})

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

    # Tickets out of the line ------------------------------------------------------------------------------------------

    async def _about_ticket(self, ask: TakeTicketAsk | HandBackTicketAsk | SolveTicketAsk, asker: Asker) -> Answer:
        """Written down first, so that nobody else can have it; then whoever serves the line is told."""
        tickets, by = self._services.tickets, asker.user.id
        match ask:
            case TakeTicketAsk():
                ticket = await tickets.take(ask.ticket, by=by)
            case HandBackTicketAsk():
                ticket = await tickets.hand_back(ask.ticket, ask.reason, by=by)
            case SolveTicketAsk():
                ticket = await tickets.update(ask.ticket, status=TicketStatus.SOLVED, by=by)
        await tell_line(self._bus, tickets, ticket)
        self._hub.renew_work_soon(asker.user)
        return Answer(id=ask.id, ok=True, value=_ticket(ticket))

    # The end of a call ------------------------------------------------------------------------------------------------

    async def _finish(self, ask: FinishAsk, asker: Asker) -> Answer:
        """All the sheet holds, then free. What was saved before something failed is told, and not saved twice."""
        saved: dict[str, Any] = {}
        try:
            await self._refuse_unsaid(ask, asker)
            if ask.disposition or ask.note.strip():
                code = ask.disposition or None
                await self._services.calls.set_disposition(ask.call, code, ask.note, by=asker.user.id)
                self._hub.noted(asker.agent, ask.call)
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
            self._hub.finish(asker.agent, ask.call)
            return Answer(id=ask.id, ok=True, value=saved)
        return Answer(id=ask.id, ok=False, code=result.code, sentence=refusal(result.code, asker.words), value=saved)

    async def _refuse_unsaid(self, ask: FinishAsk, asker: Asker) -> None:
        """Where a queue wants it, nobody is done before he has said what came of the call."""
        case = self._hub.cases.get(asker.agent, ask.call)
        if ask.disposition or case is None or case.phase is not Phase.WRAP_UP or case.facts.queue is None:
            return
        wanted = (await self._directory.vocabulary()).wrap_up.get(case.facts.queue) is Paperwork.MANDATORY
        if not wanted or not await self._directory.dispositions():
            return
        notes = await self._services.calls.notes(ask.call)
        if not any(one.by == asker.user.id and one.disposition for one in notes):
            raise DispositionMissing()

    async def _create_ticket(self, call: CallId, form: TicketForm, asker: Asker) -> dict[str, Any]:
        tickets, by = self._services.tickets, asker.user.id
        chosen = await self._hub.lookup.whose(call)
        said: dict[str, Any] = {
            "subject": form.subject,
            "description": form.description,
            "type": form.type,
            "priority": form.priority,
            "customer": chosen.customer if chosen else None,
            "contact": chosen.contact if chosen else None,
        }

        async def create() -> dict[str, Any]:
            department = asker.user.department
            return _ticket(await tickets.create(**said, call=call, assignee=by, department=department, by=by))

        async def change(made: str) -> dict[str, Any]:
            return _ticket(await tickets.update(TicketId(made), **said, by=by))

        return await self._kept(_Wanted("ticket", form.key, form, create, change), call, asker)

    async def _schedule(self, call: CallId, form: CallbackForm, asker: Asker) -> dict[str, Any]:
        callbacks, by = self._services.callbacks, asker.user.id
        assignee = by if form.mine else None

        async def schedule() -> dict[str, Any]:
            chosen = await self._hub.lookup.whose(call)
            return _callback(
                await callbacks.schedule(
                    due_at=form.due_at,
                    why=form.why,
                    number=form.number,
                    customer=chosen.customer if chosen else None,
                    contact=chosen.contact if chosen else None,
                    call=call,
                    assignee=assignee,
                    by=by,
                )
            )

        async def change(made: str) -> dict[str, Any]:
            callback = CallbackId(made)
            changed = await callbacks.reschedule(callback, form.due_at, why=form.why, number=form.number or None, by=by)
            if changed.assignee != assignee:
                changed = await callbacks.assign(callback, assignee, by=by)
            return _callback(changed)

        return await self._kept(_Wanted("callback", form.key, form, schedule, change), call, asker)

    async def _kept(self, wanted: _Wanted, call: CallId, asker: Asker) -> dict[str, Any]:
        """Made once per key, even across a restart of ours, then changed when it comes with other words.

        Afterwards the screens show it."""
        keys, name, words = self._services.idempotency, f"live:{wanted.kind}:{wanted.key}", wanted.words
        before = await keys.claim(asker.user.id, name, wanted.kind)
        found: dict[str, Any] = json.loads(before.body) if before else {}
        if before is not None and before.headers.get(_WORDS) == words:
            return found
        try:
            made = await (wanted.change(found["id"]) if found else wanted.make())
        except BaseException:
            await keys.release(asker.user.id, name)
            raise
        await keys.keep(asker.user.id, name, KeptAnswer(status=201, headers={_WORDS: words}, body=json.dumps(made)))
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
        if number := await self._number_of(call):
            await self._services.customers.attach_number(number, chosen.customer, chosen.contact, by=by)
        await self._hub.lookup.choose(call, chosen)
        self._hub.named(call)

    async def _number_of(self, call: CallId) -> str:
        """The customer's, when it can be somebody's: a name or nothing at all cannot."""
        facts = self._hub.cases.calls.get(call)
        number = (
            facts.customers_number if facts is not None else _customers_number(await self._services.calls.get(call))
        )
        return number if self._services.customers.number(number).linkable else ""

    async def _detach(self, ask: DetachAsk, asker: Asker) -> Answer:
        """It is somebody else: the number stays with its customer, this call does not."""
        await self._services.calls.set_customer(ask.call, None, by=asker.user.id)
        await self._hub.lookup.disown(ask.call)
        self._hub.named(ask.call)
        return Answer(id=ask.id, ok=True)

    async def _create_customer(self, ask: CreateCustomerAsk, asker: Asker) -> Answer:
        customers, by = self._services.customers, asker.user.id

        async def create() -> dict[str, Any]:
            number = await self._number_of(ask.call)
            customer = await customers.create(
                name=ask.name, kind=ask.kind, city=ask.city, number=number, call=ask.call, by=by
            )
            await self._hub.lookup.choose(ask.call, Chosen(customer=customer.id))
            self._hub.named(ask.call)
            return {"id": customer.id}

        async def change(made: str) -> dict[str, Any]:
            await customers.update(CustomerId(made), name=ask.name, kind=ask.kind, city=ask.city, by=by)
            return {"id": made}

        wanted = _Wanted("customer", ask.key or ask.id, ask, create, change)
        return Answer(id=ask.id, ok=True, value=await self._kept(wanted, ask.call, asker))

    async def _add_contact(self, ask: AddContactAsk, asker: Asker) -> Answer:
        customers, by = self._services.customers, asker.user.id

        async def add() -> dict[str, Any]:
            number = await self._number_of(ask.call)
            contact = await customers.add_contact(
                ask.customer, name=ask.name, title=ask.title, number=number, call=ask.call, by=by
            )
            await self._hub.lookup.choose(ask.call, Chosen(customer=ask.customer, contact=contact.id))
            self._hub.named(ask.call)
            return {"id": contact.id}

        async def change(made: str) -> dict[str, Any]:
            await customers.update_contact(ContactId(made), name=ask.name, title=ask.title, by=by)
            return {"id": made}

        wanted = _Wanted("contact", f"{ask.customer}:{ask.key or ask.id}", ask, add, change)
        return Answer(id=ask.id, ok=True, value=await self._kept(wanted, ask.call, asker))

    async def _search(self, text: str) -> list[dict[str, Any]]:
        if not text.strip():
            return []
        page = await self._services.customers.search(text.strip(), limit=FOUND_AT_MOST)
        return [_found(one) for one in page]


def _customers_number(call: CallRecord) -> str:
    return call.dnis if call.direction is CallDirection.OUTBOUND else call.ani


def _ticket(one: Ticket) -> dict[str, Any]:
    return {"id": one.id, "number": one.number, "subject": one.subject}


def _callback(one: Callback) -> dict[str, Any]:
    return {"id": one.id, "due_at": one.due_at.isoformat()}


def _found(one: Customer) -> dict[str, Any]:
    return {
        "customer": one.id,
        "names": names(one.name, one.name_en),
        "kind": one.kind.value,
        "level": one.level.value,
        "city": one.city,
    }
