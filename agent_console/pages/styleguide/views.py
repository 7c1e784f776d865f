"""`/styleguide`: every piece pages are made of, shown with the real macros, in the reader's language and theme."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.render import now_of, render
from agent_console.words import say
from crm_core.domain.callbacks import Callback, CallbackState
from crm_core.domain.calls import CallOutcome
from crm_core.domain.customers import Certainty, CustomerLevel
from crm_core.domain.orders import OrderState
from crm_core.domain.tickets import TicketPriority, TicketStatus
from crm_core.kernel.ids import CallbackId
from crm_core.kernel.phone import PhoneNumber, normalise
from routing.states import AgentState

routes = web.RouteTableDef()


@routes.get("/styleguide")
@needs(May.WORK)
async def styleguide(request: web.Request) -> web.Response:
    now = now_of(request)
    number = normalise("+8613800138000")
    return render(
        request,
        "styleguide/page.html",
        agent_states=[*(state.value for state in AgentState), "held"],
        ticket_statuses=tuple(TicketStatus),
        priorities=tuple(TicketPriority),
        order_states=tuple(OrderState),
        certainties=tuple(Certainty),
        levels=tuple(CustomerLevel),
        outcomes=(*CallOutcome, None),
        callbacks=[
            _callback(number, now, CallbackState.SCHEDULED, 2),
            _callback(number, now, CallbackState.SCHEDULED, -1),
            _callback(number, now, CallbackState.DONE, -2),
        ],
        moments=[now + timedelta(minutes=minutes) for minutes in (-0.1, -12, 180, -4000)],
        numbers=[number, normalise("+862164881234"), normalise("+442079460123"), normalise("1001"), normalise("")],
        fault=say("At most %(bound)s characters, please.", bound=200),
    )


def _callback(number: PhoneNumber, now: datetime, state: CallbackState, hours: int) -> Callback:
    due = now + timedelta(hours=hours)
    return Callback(id=CallbackId(state), number=number, due_at=due, why="", state=state, created_at=now)
