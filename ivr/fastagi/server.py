"""Listens for Asterisk and gives each connection that asks properly to a handler, within limits.

One it cannot serve is closed at once: Asterisk then goes on in the dialplan, which is always the better place to be.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import structlog

from ivr.errors import AddressTaken, IvrError
from ivr.fastagi.errors import CallerHungUp, PeerBroken, PeerSilent
from ivr.fastagi.limits import Limits
from ivr.fastagi.line import AgiLine
from ivr.fastagi.pipe import TextPipe
from ivr.fastagi.request import Request, parse_headers, parse_request
from ivr.fastagi.verbs import AgiVerbs

_log = structlog.get_logger(__name__)

_TOLD_EVERY_S = 1.0

Handler = Callable[[Request, AgiLine], Awaitable[None]]


class FastAgiServer:
    def __init__(self, *, host: str, port: int, handler: Handler, limits: Limits) -> None:
        self._host = host
        self._port = port
        self._handler = handler
        self._limits = limits
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self.sessions_total = 0
        self.errors: Counter[str] = Counter()
        self._turned_away = 0
        """Of whom is not told yet."""
        self._quiet_until = 0.0

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(
                self._accept, self._host, self._port, limit=self._limits.line_bytes, backlog=256
            )
        except OSError as error:
            why = error.strerror or str(error)
            raise AddressTaken(address=f"{self._host}:{self._port}", why=why) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Stops listening and lets go of every caller: the dialplan takes them to the queue."""
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        self._server = None

    @property
    def listening(self) -> bool:
        return self._server is not None and self._server.is_serving()

    @property
    def port(self) -> int:
        """The real one, when 0 was asked for."""
        if self._server is None or not self._server.sockets:
            return self._port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    @property
    def most_sessions(self) -> int:
        return self._limits.sessions

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._sessions) >= self._limits.sessions:
            self.errors["ivr.full"] += 1
            self._turned_away += 1
            writer.close()
            self._tell_of_those_turned_away()
            return
        self.sessions_total += 1
        session = asyncio.get_running_loop().create_task(self._visit(reader, writer))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)

    def _tell_of_those_turned_away(self) -> None:
        """At once of the first; in a flood once a second, with how many."""
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until:
            return
        _log.warning(
            "menus full: callers go on without one",
            action="ivr_full",
            callers=self._turned_away,
            limit=self._limits.sessions,
        )
        self._turned_away, self._quiet_until = 0, now + _TOLD_EVERY_S

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(TextPipe(reader, writer))
        except CallerHungUp:
            pass
        except IvrError as error:
            self.errors[error.code] += 1
            _log.warning("menu line ended", action="ivr_line", code=error.code, why=str(error))
        except Exception:
            self.errors["ivr.bug"] += 1
            _log.exception("menu line failed", action="ivr_bug")
        finally:
            writer.close()

    async def _serve(self, pipe: TextPipe) -> None:
        headers = await self._headers(pipe)
        request = parse_request(headers)
        line = AgiLine(AgiVerbs(pipe, headers, self._limits), self._limits)
        try:
            async with asyncio.timeout(self._limits.session_s):
                await line.synchronise()
                await self._handler(request, line)
        except TimeoutError:
            raise PeerSilent(seconds=f"{self._limits.session_s:g}", doing="visiting the menu") from None

    async def _headers(self, pipe: TextPipe) -> dict[str, str]:
        lines: list[str] = []
        try:
            async with asyncio.timeout(self._limits.request_s):
                while line := await pipe.read_line():
                    lines.append(line)
                    if len(lines) > self._limits.headers:
                        raise PeerBroken(why="headers without end")
        except TimeoutError:
            raise PeerSilent(seconds=f"{self._limits.request_s:g}", doing="sending its request") from None
        return parse_headers(lines)
