"""Who may do what: one table. Pure; asked by pages, API and templates alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from crm_core.domain.users import Role, User


class May(StrEnum):
    WORK = "work"
    """Customers, tickets, callbacks, the call log: read and write."""
    TAKE_CALLS = "take_calls"
    """Has a desk and a phone."""
    LISTEN_OWN = "listen_own"
    """Recordings of calls one took part in."""
    LISTEN_ALL = "listen_all"
    SEE_FLOOR = "see_floor"
    """The live board."""
    DIRECT_AGENTS = "direct_agents"
    """Set another agent ready, paused or offline."""
    ADMINISTER = "administer"
    """People, passwords and API tokens of others."""


_AGENT: Final = frozenset({May.WORK, May.TAKE_CALLS, May.LISTEN_OWN})
_SUPERVISOR: Final = _AGENT | {May.LISTEN_ALL, May.SEE_FLOOR, May.DIRECT_AGENTS}
_ALLOWED: Final[Mapping[Role, frozenset[May]]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR | {May.ADMINISTER},
}


def allowed(user: User, what: May) -> bool:
    return not user.disabled and what in _ALLOWED[user.role]


def may_hear(user: User, took_part: bool) -> bool:
    """Whether this person may listen to the recording of a call."""
    return allowed(user, May.LISTEN_ALL) or (took_part and allowed(user, May.LISTEN_OWN))


def may_direct(user: User, agent_id: str) -> bool:
    """Whether this person may change the state of that agent."""
    return allowed(user, May.DIRECT_AGENTS) or user.id == agent_id


def home_of(user: User) -> str:
    """Where a person's day begins."""
    return "/desk" if user.role is Role.AGENT else "/board"
