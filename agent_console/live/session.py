"""One websocket: who it is, everything he needs to pick up where he was, then events out and wishes in.

It lasts as long as the log-in it was opened with, and as long as its user stays in his role.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from agent_console.auth.leaving import take_off_the_floor
from agent_console.auth.permissions import May, allowed, of_others
from agent_console.faults import faults_of
from agent_console.keys import BUS, CLOCK, LOGIN, SERVICES, SETTINGS, words
from agent_console.live.actions import Asker
from agent_console.live.asks import BY_ITSELF, Ask, Unreadable, decode
from agent_console.live.client import Client
from agent_console.live.keys import ACTIONS, DIRECTORY, HUB
from agent_console.live.protocol import Answer, Hello, Me, Phone, PhoneAt, encode
from agent_console.live.screen_pop import names
from agent_console.live.worklist import worklist
from agent_console.settings import ConsoleSettings
from crm_core.domain.users import PhoneKind, User
from crm_core.kernel.ids import AgentId

LOG_IN_LOOKED_AT_EVERY_S: Final = 15.0
"""For what nobody tells us of: time that runs out, a command line that locks somebody out."""
WISHES_AT_ONCE: Final = 16
HOUSE_KNOWN_WITHIN_S: Final = 3.0
"""After a start of ours a screen waits so long for the calls under way."""
_log = structlog.get_logger("agent_console.live")


class Screen(StrEnum):
    DESK = "desk"
    BOARD = "board"
    DEMO = "demo"


class Session:
    def __init__(self, request: web.Request, socket: web.WebSocketResponse, screen: Screen) -> None:
        self._request, self._socket, self._screen = request, socket, screen
        self._token = request[LOGIN].session
        self._hub = request.app[HUB]
        self._client = Client(socket.send_str)
        self._asker = Asker(request[LOGIN].user, words(request), self._client)
        self._wishes: set[asyncio.Task[None]] = set()
        self._welcome, self._logged_out = True, False

    @property
    def _user(self) -> User:
        return self._asker.user

    async def run(self) -> None:
        """Until the browser goes, falls too far behind, or the log-in is over."""
        await self._join()
        parts = [asyncio.create_task(part) for part in (self._client.pump(), self._listen(), self._while_logged_in())]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            with suppress(ConnectionError):
                code = WSCloseCode.POLICY_VIOLATION if self._logged_out else WSCloseCode.GOING_AWAY
                await self._socket.close(code=code)

    async def _join(self) -> None:
        """The full picture first. No await lies between it and the first event, so that nothing is missed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HOUSE_KNOWN_WITHIN_S):
                await self._hub.seeded.wait()
        hello = await self._hello()
        self._hub.desks.join(self._client, self._user.id)
        match self._screen:
            case Screen.DESK:
                self._hub.desks.open(self._user, self._client)
                self._client.post(encode(self._with_desk(hello)))
            case Screen.BOARD:
                self._client.post(encode(hello))
                self._hub.boards.join(self._client)
            case Screen.DEMO:
                self._client.post(encode(hello))

    def _leave(self) -> None:
        self._hub.leave(self._client)
        if self._screen is Screen.DESK:
            self._hub.desks.close(self._user, self._client)
            if self._logged_out and not self._hub.desks.is_open(AgentId(self._user.id)):
                self._hub.jobs.start(take_off_the_floor(self._request.app[BUS], self._user), name="sign off")

    async def _hello(self) -> Hello:
        app = self._request.app
        desk = self._screen is Screen.DESK
        return Hello(
            at=app[CLOCK].now(),
            zone=app[SETTINGS].timezone,
            me=replace(_me(self._user), not_mine=await self._of_others()),
            vocabulary=await app[DIRECTORY].vocabulary(),
            links=self._hub.links,
            demo=app[SETTINGS].demo,
            dispositions=await app[DIRECTORY].dispositions() if desk else (),
            work=await worklist(app[SERVICES], self._user, app[CLOCK]) if desk else None,
        )

    async def _of_others(self) -> tuple[AgentId, ...]:
        """Only who leads can do something to others at all."""
        if not allowed(self._user, May.SEE_FLOOR):
            return ()
        return of_others(self._user, await self._request.app[DIRECTORY].plan())

    def _with_desk(self, hello: Hello) -> Hello:
        agent = AgentId(self._user.id)
        return replace(
            hello,
            phone=_phone(self._user, self._request.app[SETTINGS], self._request.host, self._hub.desks.holder_of(agent)),
            agent=self._hub.state_of(agent),
            cases=self._hub.cases_of(agent),
            control=self._hub.control_of(agent),
            ticket_ask=self._hub.ticket_asks.of(agent),
            links=self._hub.links,
        )

    async def _while_logged_in(self) -> None:
        """A screen left open does not outlive its log-in, nor what its user may do."""
        while self._welcome:
            await self._hub.jobs.run(self._look_at_log_in(), name="log-in")
            if self._welcome:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOG_IN_LOOKED_AT_EVERY_S):
                        await self._client.doubted()

    async def _look_at_log_in(self) -> None:
        """Who only looks at a screen does not keep his log-in alive; who works at it does."""
        used, self._client.used = self._client.used, False
        try:
            user = await self._request.app[SERVICES].sessions.resolve(self._token, prolong=used)
        except Exception as error:  # the database is away; who was in stays, but one in doubt waits
            _log.warning("could not be looked at", action="log-in", user=self._user.login, error=repr(error))
            self._client.used |= used
            return
        self._logged_out = user is None
        self._welcome = user is not None and user.role is self._user.role
        if user is not None and self._welcome:
            self._asker = replace(self._asker, user=user)
            self._client.trust()

    # Wishes -----------------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Wishes are worked on side by side: a slow search does not hold up a hang-up."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                return
            match decode(message.data):
                case Unreadable() as unreadable:
                    self._client.post(encode(self._not_understood(unreadable)))
                case ask:
                    await self._begin(ask)

    async def _begin(self, ask: Ask) -> None:
        await self._client.trusted()
        self._client.used |= not isinstance(ask, BY_ITSELF)
        while len(self._wishes) >= WISHES_AT_ONCE:
            await asyncio.wait(self._wishes, return_when=asyncio.FIRST_COMPLETED)
        wish = self._hub.jobs.start(self._carry_out(ask), name=ask.do)
        self._wishes.add(wish)
        wish.add_done_callback(self._wishes.discard)

    async def _carry_out(self, ask: Ask) -> None:
        """To its end, even when the browser goes meanwhile: a ticket that was asked for is made."""
        answer = await self._request.app[ACTIONS].carry_out(ask, self._asker)
        self._client.post(encode(answer))

    def _not_understood(self, unreadable: Unreadable) -> Answer:
        """The first thing that is wrong, at the field where it is wrong."""
        fault = faults_of(unreadable.error)[0]
        sentence = self._asker.words.speak(fault.sentence)
        return Answer(id=unreadable.id, ok=False, code="request.invalid", sentence=sentence, field=fault.field)


def _me(user: User) -> Me:
    return Me(
        id=user.id,
        login=user.login,
        names=names(user.name, user.name_en),
        role=user.role.value,
        extension=user.extension or "",
        directs=allowed(user, May.DIRECT_AGENTS),
        monitors=allowed(user, May.MONITOR),
    )


def _phone(user: User, settings: ConsoleSettings, host: str, holder: str) -> Phone | None:
    if user.extension is None:
        return None
    if user.phone_kind is not PhoneKind.WEBRTC:
        return Phone(kind=user.phone_kind.value, user=user.extension)
    servers = tuple(
        PhoneAt(name=one.name, url=one.url, domain=urlsplit(one.url).hostname or host)
        for one in settings.phones_at(host)
    )
    return Phone(
        kind=user.phone_kind.value,
        url=servers[0].url,
        user=user.extension,
        password=user.sip_secret,
        domain=servers[0].domain,
        holder=holder,
        servers=servers,
    )
