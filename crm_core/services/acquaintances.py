"""Who of us knows this caller: asked while he waits, so that he need not tell everything anew."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select

from crm_core.domain.acquaintances import Acquaintance
from crm_core.kernel.ids import AgentId, CallId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.quick import QuickQuery
from crm_core.services.customers import Customers


def _last_of(whose: ColumnElement[bool]) -> Select[Any]:
    """Whoever joined the conversation last of the last call in which somebody did; bound are who, and this call."""
    leg = t.call_leg.c
    return (
        select(leg.agent)
        .join(t.call, t.call.c.id == leg.call_id)
        .where(whose, t.call.c.id != bindparam("call"), leg.connected_at.is_not(None), leg.agent.is_not(None))
        .order_by(t.call.c.started_at.desc(), leg.connected_at.desc())
        .limit(literal_column("1"))
        .offset(literal_column("0"))  # else SQLite's dialect binds it
    )


_OWNER = select(t.customer.c.owner).where(t.customer.c.id == bindparam("customer"))
_LAST_OF_CUSTOMER = _last_of(t.call.c.customer_id == bindparam("customer"))
_LAST_OF_NUMBER = _last_of(t.call.c.number_key == bindparam("number"))


class Acquaintances:
    """The caller stands in his line when this is answered, and an agent may be free: so all of it by the short way."""

    def __init__(self, database: Database, customers: Customers) -> None:
        self._customers = customers
        self._owner = database.quick(_OWNER)
        self._last_of_customer = database.quick(_LAST_OF_CUSTOMER)
        self._last_of_number = database.quick(_LAST_OF_NUMBER)

    async def of(self, number: str, call: CallId) -> Acquaintance:
        """`number` as the caller showed it, in this call. Who is known only perhaps counts by his number alone."""
        match = await self._customers.who_is(number)
        if match.customer is not None:
            owner, last = await asyncio.gather(
                _agent(self._owner, match.customer), _agent(self._last_of_customer, match.customer, call)
            )
            return Acquaintance(owner=owner, last=last)
        if match.number.key:
            return Acquaintance(last=await _agent(self._last_of_number, match.number.key, call))
        return Acquaintance()


async def _agent(query: QuickQuery, *values: str) -> AgentId | None:
    rows = await query(*values)
    return AgentId(rows[0][0]) if rows and rows[0][0] else None
