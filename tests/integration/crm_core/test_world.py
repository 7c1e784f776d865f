"""The demo world is whole, believable and the same for the same seed."""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import pairwise, product
from pathlib import Path

from sqlalchemy import func, select

from callwright.demo.world import World, build_world
from callwright.demo.world_orders import KNOWN, REPAIRS, SALES
from callwright.demo.world_past import CALLS
from callwright.demo.world_rush import CALLS as RUSH
from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.domain.calls import CallFilter, CallOutcome
from crm_core.domain.customers import Certainty, CustomerKind
from crm_core.domain.floor import FloorAgent
from crm_core.domain.orders import OrderKind, OrderState, steps
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CustomerId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import NumberKind
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from crm_core.services.options import CoreOptions
from ivr.flow.interpreter import advance, begin
from ivr.flow.loader import load_flow
from ivr.flow.messages import EnterQueue, Heard, ReadDigit
from ivr.service import OUR_FLOWS

FLOW = load_flow(OUR_FLOWS / "main.json")
DIGITS = tuple(known.digits for of_one in KNOWN for known in of_one)
CHEAP = CoreOptions(argon2_memory_kib=1024, argon2_rounds=1)
LANGUAGES = ("1", "2", "")
CHOICES = ("1", "2", "3", "0", "")
"""What can be pressed in the menu; nothing at all, too."""
CONTRACT = {
    "alice": {"zh": 5, "en": 4, "repair": 5},
    "bob": {"zh": 5, "consult": 4},
    "carol": {"en": 5, "complaint": 4},
}


async def test_the_world_is_as_promised(database: Database, clock: ManualClock) -> None:
    services = make_services(database, clock, options=CHEAP)
    world = await build_world(services, clock)
    await _everybody_is_there(services, world)
    await _every_choice_of_the_menu_finds_somebody(services)
    await _promises_have_a_history(services, clock)
    await _the_numbers_lead_to_whom_they_should(services)
    await _there_is_enough_of_everything(services, clock)
    await _numbers_are_numbers(services)
    await _orders_are_believable(services, clock)
    before = await services.customers.search(limit=200)
    again = await build_world(services, clock, seed=1)
    assert (again, await services.customers.search(limit=200)) == (world, before)
    await _new_tickets_go_on_counting(services)


async def _everybody_is_there(services: Services, world: World) -> None:
    for login in world.logins:
        user = await services.users.authenticate(login.login, login.password)
        assert (user.role, user.extension) == (login.role, login.extension)
    shown = {login.login: login.extension for login in world.logins if login.shown}
    assert shown == {"alice": "1001", "bob": "1002", "carol": "1003", "sam": "1009", "admin": None}
    assert dict(world.dids) == {"4008000": "ivr:main", "4008001": "queue:vip", "4008002": "queue:repair"}
    skills = {user.login: dict(user.skills) for user in await services.users.list(limit=200)}
    for name, promised in CONTRACT.items():
        assert skills[name] == promised
    colleagues = [user for user in await services.users.list(limit=200) if user.phone_kind is PhoneKind.SIP]
    assert {user.extension for user in colleagues} == {str(number) for number in range(1011, 1017)}
    assert {user.role for user in await services.users.list(limit=200)} == set(Role)


async def _every_choice_of_the_menu_finds_somebody(services: Services) -> None:
    """Of those whom visitors play: alice, when she alone is ready, and a second one for whatever is no repair."""
    floor = await services.floor_plans.load()
    for language, choice in product(LANGUAGES, CHOICES):
        wanted = _pressed(language, choice)
        able = [agent.login for agent in floor.agents if agent.phone_kind is PhoneKind.WEBRTC and _can(agent, wanted)]
        second = "carol" if wanted.language is Language.EN else "bob"
        assert able == (["alice"] if choice == "2" else ["alice", second]), (language, choice)
        assert any(_can(agent, wanted) for agent in floor.agents if agent.phone_kind is PhoneKind.SIP)
    assert {queue.key for queue in floor.queues} == {"service", "vip", "repair"}
    assert {department.key for department in floor.departments} == {"service", "sales"}
    assert all(set(queue.names) == {"zh", "en"} for queue in floor.queues)


def _pressed(language: str, choice: str) -> EnterQueue:
    """Where the real menu sends a caller who presses these keys and says nothing else."""
    turn, keys = begin(FLOW), [language, choice]
    while not isinstance(turn.effects[-1], EnterQueue):
        asked = isinstance(turn.effects[-1], ReadDigit)
        turn = advance(FLOW, turn.state, Heard(digits=keys.pop(0) if asked and keys else ""))
    return turn.effects[-1]


def _can(agent: FloorAgent, wanted: EnterQueue) -> bool:
    able = all(agent.skills.get(skill, 0) >= level for skill, level in wanted.skills.items())
    return able and (wanted.queue or "service") in agent.queues


async def _promises_have_a_history(services: Services, clock: ManualClock) -> None:
    """As if each had been made, and kept, in the product."""
    for one in await services.callbacks.search(limit=200):
        actions = [line.body["action"] for line in await services.event_log.of_subject(one.id)]
        over = [] if one.state is CallbackState.SCHEDULED else [f"callback.{one.state}"]
        assert actions == ["callback.scheduled", *over]
        if one.ticket:
            history = await services.tickets.history(one.ticket)
            assert [entry.callback for entry in history if entry.callback] == [one.id] * len(actions)
            assert [entry.at for entry in history] == sorted(entry.at for entry in history)
            assert all(entry.at <= clock.now() for entry in history)


async def _the_numbers_lead_to_whom_they_should(services: Services) -> None:
    zhang = await services.customers.who_is("13800138000")
    assert (zhang.certainty, zhang.candidates[0].name) == (Certainty.KNOWN, "张伟")
    firm = await services.customers.who_is("02164881234")
    assert (firm.certainty, firm.candidates[0].kind) == (Certainty.KNOWN, CustomerKind.COMPANY)
    assert len(firm.candidates[0].contacts) == 3
    abroad = await services.customers.who_is("+442079460123")
    assert (abroad.certainty, abroad.number.kind) == (Certainty.KNOWN, NumberKind.E164)
    for match in (zhang, firm, abroad):
        customer = match.customer or CustomerId("")
        assert (await services.calls.of_customer(customer)).total
        assert (await services.tickets.of_customer(customer)).total


async def _there_is_enough_of_everything(services: Services, clock: ManualClock) -> None:
    now = clock.now()
    assert (await services.customers.search()).total == 300
    assert (await services.tickets.search()).total == 200
    assert (await services.callbacks.search()).total == 60
    calls = await services.calls.search(CallFilter(until=now), limit=200)
    assert calls.total == CALLS + RUSH
    outcomes = Counter(call.outcome for call in calls)
    assert outcomes[CallOutcome.ANSWERED] > outcomes[CallOutcome.ABANDONED] > 0
    assert all(call.ended_at and call.ended_at <= now for call in calls)
    due = CallbackFilter(states=(CallbackState.SCHEDULED,), until=now)
    assert len((await services.callbacks.search(due)).items) >= 2
    certainties = {call.certainty for call in calls}
    assert {Certainty.KNOWN, Certainty.MAYBE, Certainty.NEW, Certainty.ANONYMOUS} <= certainties
    answered = next(call for call in calls if call.disposition)
    assert [leg.agent for leg in await services.calls.legs(answered.id) if leg.connected_at] == list(answered.agents)


async def _numbers_are_numbers(services: Services) -> None:
    async with services.database.reading() as connection:
        kinds = set(await connection.scalars(select(t.phone_number.c.kind)))
        sharing = select(t.phone_link.c.number_key).group_by(t.phone_link.c.number_key)
        shared = sharing.having(func.count(t.phone_link.c.customer_id.distinct()) > 1)
        lines = (await connection.scalars(shared)).all()
    assert kinds == {NumberKind.E164}
    assert lines
    assert (await services.customers.who_is(lines[0])).certainty is Certainty.SEVERAL


async def _orders_are_believable(services: Services, clock: ManualClock) -> None:
    """Each as if it had gone its way in the product; those that the documentation names are with whom it says."""
    orders, today = await services.orders.search(limit=200), clock.now().date()
    assert orders.total == len(orders.items) == SALES + REPAIRS + sum(len(of_one) for of_one in KNOWN)
    assert {one.state for one in orders} == set(OrderState)
    assert 0 < sum(one.late(today) for one in orders) < 15
    for one in orders:
        history = await services.orders.history(one.id)
        for before, after in pairwise(history):
            assert after.state in steps(one.kind, before.state)
            assert before.at <= after.at <= clock.now()
        assert (history[-1].state, history[-1].at) == (one.state, one.state_at)
        assert one.kind is OrderKind.SALE or one.ticket or one.number.endswith(DIGITS), one
        if one.ticket:
            assert (await services.tickets.get(one.ticket)).customer == one.customer
    for number, of_one in zip(("13800138000", "02164881234", "+442079460123"), KNOWN, strict=True):
        whose = (await services.customers.who_is(number)).customer
        for known in of_one:
            found = await services.orders.get(known.digits)
            assert (found.customer, found.kind, found.state) == (whose, known.kind, known.state)


async def _new_tickets_go_on_counting(services: Services) -> None:
    numbers = [ticket.number for ticket in await services.tickets.search(limit=200)]
    today = [number for number in numbers if number.startswith("T-20260105")]
    made = await services.tickets.create(subject="x")
    assert made.number == f"T-20260105-{len(today) + 1:04d}"


async def test_the_same_seed_makes_the_same_world(sqlite_url: str, clock: ManualClock, tmp_path: Path) -> None:
    fingerprints = []
    for name in ("one.db", "two.db"):
        database = Database(f"sqlite:///{shutil.copy(tmp_path / 'callwright.db', tmp_path / name)}")
        services = make_services(database, clock, options=CHEAP)
        await build_world(services, clock, seed=5)
        fingerprints.append(await _fingerprint(services))
        await database.close()
    assert fingerprints[0] == fingerprints[1]


async def _fingerprint(services: Services) -> list[object]:
    customers = [(one.name, one.address) for one in await services.customers.search(limit=200)]
    calls = [(call.started_at, call.ani, call.outcome, call.talk_s) for call in await services.calls.search(limit=200)]
    tickets = [(ticket.number, ticket.subject, ticket.status) for ticket in await services.tickets.search(limit=200)]
    callbacks = [(one.due_at, one.why, one.state) for one in await services.callbacks.search(limit=200)]
    orders = [(one.number, one.summary, one.state, one.state_at) for one in await services.orders.search(limit=200)]
    return [sorted(customers), calls, sorted(tickets), sorted(callbacks), sorted(orders)]
