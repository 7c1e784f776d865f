"""Whose screens are open here, which of an agent's browsers is his phone, and the lines that go out to all of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from agent_console.live.client import Client
from agent_console.live.phone_lease import GRACE_S, PhoneLease
from agent_console.live.protocol import PhoneDo, PhoneHolder, Told, encode
from agent_console.phones import PhoneAsked
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, UserId


@dataclass(slots=True)
class Desk:
    """Everything the screens of one agent share."""

    clients: set[Client] = field(default_factory=set)
    user: User | None = None
    phone: PhoneLease = field(default_factory=PhoneLease)


class Desks:
    def __init__(self) -> None:
        self._desks: defaultdict[AgentId, Desk] = defaultdict(Desk)
        self._clients: dict[Client, UserId] = {}

    # Coming and going -------------------------------------------------------------------------------------------------

    def join(self, client: Client, user: UserId) -> None:
        """A screen of this person is here; it hears what concerns everybody."""
        self._clients[client] = user

    def leave(self, client: Client) -> None:
        self._clients.pop(client, None)

    def open(self, user: User, client: Client) -> None:
        desk = self._desks[AgentId(user.id)]
        desk.clients.add(client)
        desk.user = user

    def close(self, user: User, client: Client) -> None:
        """His browser keeps the phone for a moment: it may only be loading its page again."""
        agent = AgentId(user.id)
        desk = self._desks[agent]
        desk.clients.discard(client)
        if desk.phone.left(client):
            asyncio.get_running_loop().call_later(GRACE_S, self._phone_expired, agent)
        self._clear(agent)

    def _clear(self, agent: AgentId) -> None:
        if not self._desks[agent].clients and not self._desks[agent].phone.holder:
            del self._desks[agent]

    def is_open(self, agent: AgentId) -> bool:
        return agent in self._desks and bool(self._desks[agent].clients)

    @property
    def agents(self) -> list[AgentId]:
        return list(self._desks)

    @property
    def users(self) -> list[User]:
        """Who sits at an open desk."""
        return [desk.user for desk in self._desks.values() if desk.clients and desk.user is not None]

    def user_of(self, agent: AgentId) -> User | None:
        desk = self._desks.get(agent)
        return desk.user if desk is not None else None

    def works(self, agent: AgentId) -> None:
        """At all his screens, though he may touch nothing but his phone."""
        if agent in self._desks:
            for client in self._desks[agent].clients:
                client.used = True

    def doubt(self, user: UserId) -> None:
        """Something about his log-in has changed: each of his screens looks again."""
        for client in [one for one, whose in self._clients.items() if whose == user]:
            client.doubt()

    # The phone --------------------------------------------------------------------------------------------------------

    def holder_of(self, agent: AgentId) -> str:
        return self._desks[agent].phone.holder

    def claim_phone(self, agent: AgentId, holder: str, client: Client, *, force: bool) -> bool:
        """Whether this browser holds the agent's phone now; all his screens hear who does."""
        claimed = self._desks[agent].phone.claim(holder, client, force=force)
        if claimed:
            self.tell(agent, PhoneHolder(holder=holder))
        return claimed

    def _phone_expired(self, agent: AgentId) -> None:
        if agent in self._desks and self._desks[agent].phone.expire():
            self.tell(agent, PhoneHolder(holder=""))
            self._clear(agent)

    def ask_the_phone(self, asked: PhoneAsked) -> None:
        """Of the browser that is it, when that is connected here."""
        desk = self._desks.get(asked.agent)
        for client in desk.clients if desk is not None else ():
            if desk is not None and desk.phone.is_at(client):
                client.post(encode(PhoneDo(order=asked.order, call=asked.call, what=asked.do.value)))

    # Telling ----------------------------------------------------------------------------------------------------------

    def tell(self, agent: AgentId, message: Told, *, but: Client | None = None) -> None:
        """All screens of this agent, in one serialised line."""
        desk = self._desks.get(agent)
        if desk is None or not desk.clients:
            return
        line = encode(message)
        for client in desk.clients:
            if client is not but:
                client.post(line)

    def tell_everybody(self, message: Told) -> None:
        line = encode(message)
        for client in self._clients:
            client.post(line)
