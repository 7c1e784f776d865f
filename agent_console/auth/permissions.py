"""Who may do what: one table. Pure; asked by pages, API and templates alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from crm_core.domain.floor import FloorPlan
from crm_core.domain.users import Role, User
from crm_core.kernel.ids import AgentId, QueueKey


class May(StrEnum):
    WORK = "work"
    """Customers, tickets, orders and repairs, callbacks, the call log: read and write."""
    TAKE_CALLS = "take_calls"
    """Has a desk and a phone."""
    LISTEN_OWN = "listen_own"
    """Recordings of calls one took part in."""
    LISTEN_ALL = "listen_all"
    SEE_FLOOR = "see_floor"
    """The live board."""
    DIRECT_AGENTS = "direct_agents"
    """Set another agent ready, paused or offline."""
    MONITOR = "monitor"
    """Hear the calls of others, speak in them, take them over."""
    SHAPE_FLOOR = "shape_floor"
    """What is agreed for queues, and what agents can."""
    EDIT_MENUS = "edit_menus"
    """Voice menus: draw, publish, and say which number leads where."""
    WRITE_ARTICLES = "write_articles"
    """Knowledge articles: write, publish, withdraw. Everybody who works here reads those that are published."""
    SET_PINS = "set_pins"
    """By what customers prove on the telephone who they are."""
    ADMINISTER = "administer"
    """People, passwords and API tokens of others."""


_AGENT: Final = frozenset({May.WORK, May.TAKE_CALLS, May.LISTEN_OWN})
_SUPERVISOR: Final = _AGENT | {
    May.LISTEN_ALL,
    May.SEE_FLOOR,
    May.DIRECT_AGENTS,
    May.MONITOR,
    May.SHAPE_FLOOR,
    May.EDIT_MENUS,
    May.WRITE_ARTICLES,
    May.SET_PINS,
}
_ALLOWED: Final[Mapping[Role, frozenset[May]]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR | {May.ADMINISTER},
}


def allowed(user: User, what: May) -> bool:
    return not user.disabled and what in _ALLOWED[user.role]


def may_hear(user: User, took_part: bool, message: bool = False) -> bool:
    """Whether this person may listen to the recording of a call. A message that was left there is for everybody who
    works on tickets."""
    if message:
        return allowed(user, May.WORK)
    return allowed(user, May.LISTEN_ALL) or (took_part and allowed(user, May.LISTEN_OWN))


def may_direct(user: User, agent: User, departments: Mapping[QueueKey, str | None]) -> bool:
    """Whether this person may change the state of that agent: his own, or as a supervisor (`_looks_after`)."""
    return user.id == agent.id or (
        allowed(user, May.DIRECT_AGENTS) and _looks_after(user, agent.department, agent.queues, departments)
    )


def may_ask_about(user: User, agent_id: str) -> bool:
    """Whether this person may ask why that agent gets no calls."""
    return allowed(user, May.SEE_FLOOR) or user.id == agent_id


def sees_figures(user: User) -> bool:
    """Whether this person may read how colleagues stood beside each other when one of them was asked: how long each
    was free, how much he was on calls, what he can. Everybody may read who was free, and why this one."""
    return allowed(user, May.SEE_FLOOR)


def may_act_for(user: User, agent: User, departments: Mapping[QueueKey, str | None]) -> bool:
    """Whether this person may handle calls at that agent's phone. Whose call it is, the telephone side looks at."""
    return allowed(user, May.TAKE_CALLS) if user.id == agent.id else may_direct(user, agent, departments)


def may_monitor(user: User, agent: User, departments: Mapping[QueueKey, str | None]) -> bool:
    """Whether this person may be in that agent's calls (`_looks_after`)."""
    return (
        user.id != agent.id
        and allowed(user, May.MONITOR)
        and _looks_after(user, agent.department, agent.queues, departments)
    )


def of_others(user: User, plan: FloorPlan) -> tuple[AgentId, ...]:
    """Whom on the floor other departments look after, not this person (`_looks_after`)."""
    departments = {queue.key: queue.department for queue in plan.queues}
    others = (one for one in plan.agents if not _looks_after(user, one.department, one.queues, departments))
    return tuple(one.id for one in others if one.id != AgentId(user.id))


def _looks_after(
    user: User, department: str | None, queues: Iterable[QueueKey], departments: Mapping[QueueKey, str | None]
) -> bool:
    """An agent of this department is of his own, or serves a queue of it.

    `departments`: of each queue. Who belongs to no department looks after all of them."""
    theirs = {department, *(departments.get(queue) for queue in queues)}
    return user.role is Role.ADMIN or user.department is None or user.department in theirs


def may_shape(user: User, department: str | None) -> bool:
    """Whether this person may change the queues and the people of a department (None: of none).

    Who belongs to no department looks after all of them."""
    everything = user.role is Role.ADMIN or user.department is None
    return allowed(user, May.SHAPE_FLOOR) and (everything or department in (None, user.department))


def home_of(user: User) -> str:
    """Where a person's day begins."""
    return "/desk" if user.role is Role.AGENT else "/board"
