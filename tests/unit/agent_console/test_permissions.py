"""Who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_console.auth.permissions import May, allowed, home_of, may_direct, may_hear
from crm_core.domain.users import Role, User
from crm_core.kernel.ids import UserId

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
    assert may_direct(AGENT, AGENT.id)
    assert not may_direct(AGENT, SUPERVISOR.id)
    assert may_direct(SUPERVISOR, AGENT.id)


def test_the_day_begins_at_the_desk_or_at_the_board() -> None:
    assert (home_of(AGENT), home_of(SUPERVISOR), home_of(ADMIN)) == ("/desk", "/board", "/board")
