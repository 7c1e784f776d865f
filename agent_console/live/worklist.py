"""The left column of the desk: this agent's open tickets, promised callbacks, and callers nobody reached."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from agent_console.live.protocol import MissedCall, Names, Work, WorkCallback, WorkTicket
from agent_console.live.screen_pop import names, shown
from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.domain.calls import CallFilter, CallOutcome, CallRecord
from crm_core.domain.tickets import OPEN_STATUSES, TicketFilter
from crm_core.domain.users import User
from crm_core.errors import NotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CustomerId
from crm_core.services.bundle import Services

MOST: Final = 12
AHEAD: Final = timedelta(hours=36)
"""How far into the future a promised callback is shown."""
BACK: Final = timedelta(hours=24)
"""How long a caller who gave up stays on the list."""


async def worklist(services: Services, user: User, clock: Clock) -> Work:
    now, region = clock.now(), services.customers.region
    tickets, callbacks, missed = await asyncio.gather(
        services.tickets.search(TicketFilter(assignee=user.id, statuses=OPEN_STATUSES), limit=MOST),
        services.callbacks.search(
            CallbackFilter(assignee=user.id, or_unassigned=True, states=(CallbackState.SCHEDULED,), until=now + AHEAD),
            limit=MOST,
        ),
        services.calls.search(CallFilter(outcome=CallOutcome.ABANDONED, since=now - BACK), limit=50),
    )
    everybody = _unreached(missed.items, user)
    unreached = everybody[:MOST]
    called = await _customer_names(
        services,
        [one.customer for one in tickets] + [one.customer for one in callbacks] + [one.customer for one in unreached],
    )
    return Work(
        tickets=tuple(
            WorkTicket(
                id=one.id,
                number=one.number,
                subject=one.subject,
                status=one.status.value,
                priority=one.priority.value,
                customer=_name(called, one.customer),
                updated_at=one.updated_at,
                queue=one.queue,
            )
            for one in tickets
        ),
        callbacks=tuple(
            WorkCallback(
                id=one.id,
                shown=shown(one.number, region),
                due_at=one.due_at,
                why=one.why,
                customer=_name(called, one.customer),
                mine=one.assignee == user.id,
            )
            for one in callbacks
        ),
        missed=tuple(
            MissedCall(
                call=one.id,
                at=one.ended_at or one.started_at,
                shown=shown(one.number, region),
                customer=_name(called, one.customer),
                why=one.outcome.value if one.outcome else "",
            )
            for one in unreached
        ),
        all_tickets=tickets.total or len(tickets),
        all_callbacks=callbacks.total or len(callbacks),
        all_missed=len(everybody),
    )


def _unreached(calls: Iterable[CallRecord], user: User) -> tuple[CallRecord, ...]:
    """One line a number, the latest try, of the queues this agent serves."""
    found: dict[str, CallRecord] = {}
    for one in calls:
        if not user.queues or one.queue is None or one.queue in user.queues:
            found.setdefault(one.number.key or one.id, one)
    return tuple(found.values())


async def _customer_names(services: Services, wanted: Iterable[CustomerId | None]) -> dict[CustomerId, Names]:
    found: dict[CustomerId, Names] = {}
    for one in {customer for customer in wanted if customer is not None}:
        try:
            customer = await services.customers.get(one)
        except NotFound:
            continue
        found[one] = names(customer.name, customer.name_en)
    return found


def _name(called: Mapping[CustomerId, Names], customer: CustomerId | None) -> Names:
    return called.get(customer, {}) if customer else {}
