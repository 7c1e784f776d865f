"""Who of us knows this caller: asked while he waits, so that he need not tell everything anew."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.acquaintances import Acquaintance
from crm_core.kernel.ids import AgentId, CallId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.services.customers import Customers


class Acquaintances:
    def __init__(self, database: Database, customers: Customers) -> None:
        self._db, self._customers = database, customers

    async def of(self, number: str, call: CallId) -> Acquaintance:
        """`number` as the caller showed it, in this call. Who is known only perhaps counts by his number alone."""
        match = await self._customers.who_is(number)
        customer = await self._customers.get(match.customer) if match.customer is not None else None
        if customer is not None:
            of_him = t.call.c.customer_id == customer.id
        elif match.number.key:
            of_him = t.call.c.number_key == match.number.key
        else:
            return Acquaintance()
        owner = AgentId(customer.owner) if customer is not None and customer.owner else None
        async with self._db.reading() as connection:
            return Acquaintance(owner=owner, last=await _last(connection, of_him, call))


async def _last(connection: AsyncConnection, of_him: ColumnElement[bool], call: CallId) -> AgentId | None:
    """Whoever joined the conversation last of the last call in which somebody did."""
    leg = t.call_leg.c
    talked = leg.connected_at.is_not(None) & leg.agent.is_not(None)
    found = (
        select(leg.agent)
        .join(t.call, t.call.c.id == leg.call_id)
        .where(of_him, t.call.c.id != call, talked)
        .order_by(t.call.c.started_at.desc(), leg.connected_at.desc())
        .limit(1)
    )
    agent = await connection.scalar(found)
    return AgentId(agent) if agent is not None else None
