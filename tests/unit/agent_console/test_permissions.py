"""Who may do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_console.auth.permissions import (
    May,
    allowed,
    home_of,
    may_act_for,
    may_direct,
    may_hear,
    may_monitor,
    of_others,
)
from crm_core.domain.floor import FloorAgent, FloorPlan, Queue
from crm_core.domain.users import Role, User
from crm_core.kernel.ids import AgentId, QueueKey, UserId

Rule = Callable[[User, User, Mapping[QueueKey, str | None]], bool]

AGENT = User(
    id=UserId("usr_1"), login="alice", name="Alice", role=Role.AGENT, created_at=datetime(2026, 1, 5, tzinfo=UTC)
)
SUPERVISOR = replace(AGENT, id=UserId("usr_2"), role=Role.SUPERVISOR)
ADMIN = replace(AGENT, id=UserId("usr_3"), role=Role.ADMIN)


@pytest.mark.parametrize(
    ("what", "who"),
    [
        (May.WORK, {AGENT.id, SUPERVISOR.id, ADMIN.id}),
        (May.TAKE_CALLS, {AGENT.id, SUPERVISOR.id, ADMIN.id}),
        (May.SEE_FLOOR, {SUPERVISOR.id, ADMIN.id}),
        (May.LISTEN_ALL, {SUPERVISOR.id, ADMIN.id}),
        (May.DIRECT_AGENTS, {SUPERVISOR.id, ADMIN.id}),
        (May.MONITOR, {SUPERVISOR.id, ADMIN.id}),
        (May.EDIT_MENUS, {SUPERVISOR.id, ADMIN.id}),
        (May.ADMINISTER, {ADMIN.id}),
    ],
)
def test_each_right_belongs_to_these_roles(what: May, who: set[UserId]) -> None:
    assert {user.id for user in (AGENT, SUPERVISOR, ADMIN) if allowed(user, what)} == who


@pytest.mark.parametrize("what", list(May))
def test_whoever_is_disabled_may_nothing(what: May) -> None:
    assert not allowed(replace(ADMIN, disabled=True), what)


def test_a_recording_is_heard_by_those_who_took_part_and_by_supervisors() -> None:
    assert may_hear(AGENT, took_part=True)
    assert not may_hear(AGENT, took_part=False)
    assert may_hear(SUPERVISOR, took_part=False)


def test_ones_own_state_is_ones_own_anothers_needs_a_supervisor() -> None:
    assert may_direct(AGENT, AGENT, {})
    assert not may_direct(AGENT, SUPERVISOR, {})
    assert may_direct(SUPERVISOR, AGENT, {})


def test_calls_are_handled_at_ones_own_phone_or_by_a_supervisor() -> None:
    assert may_act_for(AGENT, AGENT, {})
    assert not may_act_for(AGENT, SUPERVISOR, {})
    assert may_act_for(SUPERVISOR, AGENT, {})
    assert not may_act_for(replace(SUPERVISOR, disabled=True), AGENT, {})


@pytest.mark.parametrize("may", [may_monitor, may_direct, may_act_for])
def test_a_supervisor_looks_after_his_own_department_and_who_serves_its_queues(may: Rule) -> None:
    departments = {QueueKey("repair"): "service"}
    in_sales = replace(AGENT, department="sales")
    helps_out = replace(in_sales, queues=(QueueKey("repair"),))
    of_service = replace(SUPERVISOR, department="service")
    assert may(of_service, replace(AGENT, department="service"), departments)
    assert may(of_service, helps_out, departments)
    assert not may(of_service, in_sales, departments)
    assert may(SUPERVISOR, in_sales, departments)
    assert may(replace(ADMIN, department="service"), in_sales, departments)


def test_whom_the_board_says_others_look_after_is_whom_one_may_not_direct() -> None:
    in_sales = replace(AGENT, id=UserId("usr_7"), department="sales", extension="1007")
    helps_out = replace(in_sales, id=UserId("usr_8"), queues=(QueueKey("repair"),))
    of_service = replace(SUPERVISOR, department="service", extension="1009")
    repair = Queue(key=QueueKey("repair"), names={"en": "Repair"}, department="service")
    people = (in_sales, helps_out, replace(of_service, department="sales"))
    plan = FloorPlan(agents=tuple(map(_on_floor, people)), skills=(), queues=(repair,), dids=(), departments=())
    assert of_others(of_service, plan) == (in_sales.id,)
    assert of_others(SUPERVISOR, plan) == of_others(ADMIN, plan) == ()


def _on_floor(user: User) -> FloorAgent:
    return FloorAgent(
        id=AgentId(user.id), login=user.login, name=user.name, name_en="", role=user.role,
        extension=user.extension or "", sip_secret="", phone_kind=user.phone_kind, department=user.department,
        skills={}, queues=user.queues,
    )  # fmt: skip


def test_nobody_is_heard_by_agents_nor_by_himself() -> None:
    assert not may_monitor(AGENT, replace(AGENT, id=UserId("usr_9")), {})
    assert not may_monitor(SUPERVISOR, SUPERVISOR, {})


def test_the_day_begins_at_the_desk_or_at_the_board() -> None:
    assert (home_of(AGENT), home_of(SUPERVISOR), home_of(ADMIN)) == ("/desk", "/board", "/board")
