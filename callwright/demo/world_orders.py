"""The demo's orders and repairs: invented out of its customers and tickets, each as far on its path as its age allows.

Pure dice at first, rows of the database at the end; those of the customers whom the documentation calls by number
have numbers that it names, so that they can be typed in the voice menu.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from callwright.demo.world_past import Caller, PastTicket, at_work
from callwright.demo.world_words import (
    CARRIER,
    GOODS,
    REPAIR_NOTES,
    TAKEN_BACK,
    Pair,
)
from crm_core.domain.orders import OPEN, OVER, OrderEntryKind, OrderKind, OrderState, ahead, order_number, steps
from crm_core.domain.tickets import TicketType
from crm_core.kernel.ids import CustomerId, UserId, new_id
from crm_core.kernel.language import Language
from crm_core.persistence import tables as t
from crm_core.persistence.queries import folded

SALES, REPAIRS = 70, 50
DAYS: Final = 45
_S = OrderState
_HOURS_THERE: Final = {
    _S.RECEIVED: (1, 20), _S.CONFIRMED: (4, 40), _S.PREPARING: (12, 60), _S.SHIPPED: (20, 90),
    _S.DIAGNOSED: (2, 30), _S.WAITING_FOR_PARTS: (48, 200), _S.REPAIRING: (3, 50), _S.READY: (10, 120),
}  # fmt: skip
"""How long each state lasts."""
_DRAGS_ON: Final = 0.15
"""How many take four times as long."""
_PROMISED_AFTER: Final = {OrderKind.SALE: (4, 9), OrderKind.REPAIR: (5, 16)}
"""Days, as the customer is told at the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An order that the documentation names."""

    digits: str
    kind: OrderKind
    words: Pair
    state: OrderState
    days_ago: float
    expected_in: int
    """Days from now."""
    amount: int


KNOWN: Final = (
    (
        Known(
            digits="4839201756", kind=OrderKind.SALE, words=("清风 35 空调 × 2", "2 × Breeze 35 air conditioner"),
            state=_S.SHIPPED, days_ago=4, expected_in=2, amount=6598,
        ),
        Known(
            digits="6172940385", kind=OrderKind.REPAIR,
            words=("轻舟 8 洗衣机不转", "Skiff 8 washing machine does not turn"),
            state=_S.WAITING_FOR_PARTS, days_ago=6, expected_in=5, amount=260,
        ),
    ),
    (
        Known(
            digits="2750816394", kind=OrderKind.SALE, words=("静音油烟机 × 12", "12 × Hush range hood"),
            state=_S.PREPARING, days_ago=3, expected_in=6, amount=29760,
        ),
    ),
    (
        Known(
            digits="5308162947", kind=OrderKind.SALE, words=("守望智能门锁", "Watch smart lock"),
            state=_S.CONFIRMED, days_ago=2, expected_in=7, amount=1299,
        ),
        Known(
            digits="9046173582", kind=OrderKind.REPAIR,
            words=("小扫地机器人 S2 不充电", "Tidy S2 robot vacuum does not charge"),
            state=_S.READY, days_ago=9, expected_in=1, amount=180,
        ),
    ),
)  # fmt: skip
"""Of the first customers, in their order: 张伟, 上海远航, Eleanor Hughes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStep:
    state: OrderState
    at: datetime
    by: UserId
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    digits: str
    kind: OrderKind
    customer: CustomerId
    summary: str
    steps: tuple[PastStep, ...]
    """The first is how it was received."""
    ticket: int | None = None
    """Which of the tickets, by place."""
    expected_on: date
    carrier: str = ""
    tracking: str = ""
    amount: Decimal | None = None

    @property
    def state(self) -> OrderState:
        return self.steps[-1].state


class OrderInventor:
    def __init__(self, dice: random.Random, now: datetime, zone: ZoneInfo, agents: Sequence[UserId]) -> None:
        self._dice, self._now, self._zone, self._agents = dice, now, zone, agents
        self._taken = {known.digits for of_one in KNOWN for known in of_one}

    def orders(self, callers: Sequence[Caller], tickets: Sequence[PastTicket]) -> tuple[PastOrder, ...]:
        """`callers`: customers, those of `KNOWN` first. In the order in which they were received."""
        made = [
            *(self._known(one, caller) for of_one, caller in zip(KNOWN, callers, strict=False) for one in of_one),
            *(self._sale(self._dice.choice(callers)) for _ in range(SALES)),
            *self._repairs(tickets),
        ]
        return tuple(sorted(made, key=lambda one: one.steps[0].at))

    def _known(self, one: Known, caller: Caller) -> PastOrder:
        began = at_work(self._now - timedelta(days=one.days_ago), self._zone, later=False)
        way = [one.state]
        while way[0] is not _S.RECEIVED:
            way.insert(0, next(state for state in OrderState if way[0] in steps(one.kind, state)))
        between = (self._now - began) / (len(way) + 1)
        waited = (between * (place + self._dice.uniform(-0.4, 0.4) * (place > 0)) for place in range(len(way)))
        times = sorted(at_work(began + so_long, self._zone, later=False) for so_long in waited)
        by = self._dice.choice(self._agents)
        made = self._order(one.kind, caller, _in(caller.language, one.words), began)
        return replace(
            made,
            digits=one.digits,
            expected_on=self._day(self._now) + timedelta(days=one.expected_in),
            steps=tuple(PastStep(state=state, at=at, by=by) for state, at in zip(way, times, strict=True)),
            amount=Decimal(one.amount),
            **self._parcel(way[-1], caller.language),
        )

    def _sale(self, caller: Caller) -> PastOrder:
        (words, price), many = self._dice.choice(GOODS), self._dice.choices((1, 2, 3, 10), (70, 18, 8, 4))[0]
        counted = f"{_in(caller.language, words)} × {many}" if many > 1 else _in(caller.language, words)
        made = self._order(OrderKind.SALE, caller, counted, self._some_day())
        return replace(made, amount=Decimal(price * many), **self._parcel(made.state, caller.language))

    def _repairs(self, tickets: Sequence[PastTicket]) -> Iterator[PastOrder]:
        """Out of tickets about repairs, so that both tell the same story."""
        fitting = [place for place, one in enumerate(tickets) if one.type is TicketType.REPAIR]
        for place in self._dice.sample(fitting, min(REPAIRS, len(fitting))):
            ticket = tickets[place]
            made = self._order(OrderKind.REPAIR, ticket.call.caller, ticket.subject, ticket.at + timedelta(minutes=5))
            known = made.state not in (_S.RECEIVED, _S.DIAGNOSED, _S.CANCELLED)
            amount = Decimal(self._dice.randrange(80, 900, 10)) if known and self._dice.random() < 0.7 else None
            yield replace(made, ticket=place, amount=amount)

    def _order(self, kind: OrderKind, caller: Caller, summary: str, began: datetime) -> PastOrder:
        way = tuple(self._way(kind, caller.language, began))
        promised = self._day(began) + timedelta(days=self._dice.randint(*_PROMISED_AFTER[kind]))
        put_off = way[-1].state in OPEN and promised < self._day(self._now) and self._dice.random() < 0.4
        return PastOrder(
            digits=self._draw(),
            kind=kind,
            customer=caller.id or CustomerId(""),
            summary=summary,
            steps=way,
            expected_on=self._day(self._now) + timedelta(days=self._dice.randint(1, 6)) if put_off else promised,
        )

    def _way(self, kind: OrderKind, language: Language, began: datetime) -> Iterator[PastStep]:
        """The older it is, the further it has come."""
        state, at, by = _S.RECEIVED, began, self._dice.choice(self._agents)
        slowness = 4 if self._dice.random() < _DRAGS_ON else 1
        yield PastStep(state=state, at=at, by=by)
        while state not in OVER:
            at = at_work(
                at + timedelta(hours=slowness * self._dice.uniform(*_HOURS_THERE[state])), self._zone, later=True
            )
            if at >= self._now:
                return
            state = self._following(kind, state)
            yield PastStep(state=state, at=at, by=by, text=self._note(state, language))

    def _following(self, kind: OrderKind, state: OrderState) -> OrderState:
        """Mostly the usual step; some wait for parts, a few are cancelled early."""
        fate, possible = self._dice.random(), steps(kind, state)
        if fate < 0.03 and _S.CANCELLED in possible:
            return _S.CANCELLED
        if fate < 0.4 and state is _S.DIAGNOSED:
            return _S.WAITING_FOR_PARTS
        return ahead(kind, state)[0]

    def _note(self, state: OrderState, language: Language) -> str:
        if state is _S.CANCELLED:
            return _in(language, self._dice.choice(TAKEN_BACK))
        notes = REPAIR_NOTES.get(state)
        return _in(language, self._dice.choice(notes)) if notes else ""

    def _parcel(self, state: OrderState, language: Language) -> dict[str, Any]:
        if state not in (_S.SHIPPED, _S.DELIVERED):
            return {}
        return {"carrier": _in(language, CARRIER), "tracking": f"XD{self._dice.randrange(10**11, 10**12)}"}

    def _some_day(self) -> datetime:
        back = timedelta(days=0.1 + DAYS * self._dice.random() ** 2)
        return at_work(self._now - back, self._zone, later=False)

    def _draw(self) -> str:
        while (digits := str(self._dice.randrange(10**9, 10**10))) in self._taken:
            pass
        self._taken.add(digits)
        return digits

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


async def write_orders(connection: AsyncConnection, orders: Sequence[PastOrder], ticket_ids: Sequence[str]) -> None:
    rows = [_row(one, ticket_ids) for one in orders]
    await connection.execute(t.customer_order.insert(), rows)
    entries = [entry for one, row in zip(orders, rows, strict=True) for entry in _entries(one, row["id"])]
    await connection.execute(t.order_event.insert(), sorted(entries, key=lambda entry: entry["at"]))


def _row(one: PastOrder, ticket_ids: Sequence[str]) -> dict[str, Any]:
    number, first, last = order_number(one.kind, one.digits), one.steps[0], one.steps[-1]
    return {
        "id": new_id("ord"),
        "number": number,
        "kind": one.kind,
        "customer_id": one.customer,
        "ticket_id": ticket_ids[one.ticket] if one.ticket is not None else None,
        "summary": one.summary,
        "state": one.state,
        "state_at": last.at,
        "expected_on": one.expected_on,
        "carrier": one.carrier,
        "tracking": one.tracking,
        "amount": one.amount,
        "currency": "CNY" if one.amount is not None else "",
        "created_by": first.by,
        "created_at": first.at,
        "updated_at": last.at,
        "version": len(one.steps),
        "search_text": folded(number, one.summary, one.tracking),
    }


def _entries(one: PastOrder, order: str) -> Iterator[dict[str, Any]]:
    for place, step in enumerate(one.steps):
        kind = OrderEntryKind.MOVED if place else OrderEntryKind.CREATED
        yield {
            "id": new_id("ent"), "order_id": order, "at": step.at, "kind": kind, "state": step.state,
            "by": step.by, "text": step.text, "changes": None,
        }  # fmt: skip


def _in(language: Language, pair: Pair) -> str:
    return pair[0] if language is Language.ZH else pair[1]
