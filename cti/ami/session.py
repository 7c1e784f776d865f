"""One connection to Asterisk, from the attempt to the end, on panoramisk's Manager: the only module that imports it.

panoramisk connects, logs in and keeps the ping's timer. Left out on purpose is what it does between connections: it
would connect again after `close()` and repeat unanswered actions, so that a customer is dialled twice. A session is
never used again; `cti.ami.connection` makes the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from panoramisk import Manager

from cti.ami.wire import AmiWire, Response
from cti.errors import ActionFailed, LineLost, LineTrouble, LoginRefused, NotAsterisk, NotReached, NotReady, Refused

EVENT_CLASSES = "system,call,agent,user,dtmf"
"""What we listen to at all; VarSet, RTCP and their friends are in other classes and never leave Asterisk."""

_FULLY_BOOTED = "Event: FullyBooted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we wait for what, in seconds."""

    connect: float = 5.0
    answer: float = 5.0
    boot: float = 10.0
    """For FullyBooted after the log-in."""
    lists: float = 30.0
    ping: float = 1.0
    """How often we ask whether it is still there; so a line that is well is never silent for much longer."""
    silence: float = 3.0
    """Without a byte for so long the line begins anew, and tells what is. Asterisk's own queue takes callers after 5 s
    without us: by then nobody may be fetched any more upon old news, and what we wrote and its machine has not got yet
    is thrown away with the connection, lest it be carried out on somebody who talks."""
    retry_first: float = 0.25
    retry_last: float = 3.0
    """Between attempts to connect: doubled from the first to the last."""
    retry_refused: float = 15.0
    """After a wrong password: slowly, as Asterisk keeps a record of each attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    host: str
    port: int
    user: str
    secret: str = field(repr=False)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


class Session(Manager):  # type: ignore[misc]  # panoramisk ships no types
    """`await log_in()`, use `wire`, `await over`, `close()`."""

    def __init__(self, login: Login, patience: Patience, on_event: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        self.wire = AmiWire(
            address=login.address,
            on_event=self._take,
            on_end=self._ended,
            on_silence=self._silent,
            id_prefix=f"cw-{secrets.token_hex(4)}-",
            patience=patience.answer,
        )
        super().__init__(
            host=login.host,
            port=login.port,
            username=login.user,
            secret=login.secret,
            events=EVENT_CLASSES,
            protocol_factory=lambda: self.wire,
            loop=loop,
            log=logging.getLogger(__name__),
        )
        self.ping_delay = self.ping_interval = patience.ping
        self.over: asyncio.Future[LineTrouble] = loop.create_future()
        """Why the connection ended, once it has."""
        self._booted: asyncio.Future[None] = loop.create_future()
        self._login, self._patience, self._on_event = login, patience, on_event
        self._attempt: asyncio.Task[object] | None = None
        self._why = "Asterisk closed it"
        self.on_pong: Callable[[Response], None] = lambda _: None
        """Called with each answer to a ping; it tells Asterisk's time."""

    async def log_in(self) -> None:
        """Until actions may be sent. Raises a LineTrouble."""
        await self._connect()
        try:
            await self.authenticated_future
        except NotAsterisk:
            raise
        except Refused as refused:
            raise LoginRefused(address=self._login.address, user=self._login.user, why=refused.params["why"]) from None
        except ActionFailed as failed:
            raise NotReady(address=self._login.address, why=f"the log-in failed: {failed}") from None
        self.wire.watch_silence(self._patience.silence)
        await self._boot()

    async def _connect(self) -> None:
        self._attempt = self.connect()
        try:
            async with asyncio.timeout(self._patience.connect):
                await self._attempt
        except TimeoutError:
            raise NotReached(address=self._login.address, why="no answer") from None
        except OSError as error:
            raise NotReached(address=self._login.address, why=error.strerror or str(error)) from None

    async def _boot(self) -> None:
        try:
            async with asyncio.timeout(self._patience.boot):
                await self._booted
        except TimeoutError:
            why = "it has not said FullyBooted; either it is still starting, or the user may not read the class system"
            raise NotReady(address=self._login.address, why=why) from None

    def is_told(self) -> None:
        """All there was is told. How long that took us is no silence."""
        self.wire.watch_silence(self._patience.silence)

    def close(self) -> None:
        """Ends it in whatever state it is; nothing happens by itself afterwards."""
        if self._attempt is not None:
            self._attempt.cancel()
        super().close()
        self.wire.abort()
        with contextlib.suppress(asyncio.InvalidStateError):
            self._booted.cancel()

    def give_up(self, why: str) -> None:
        """Breaks the connection; `over` tells the reason."""
        self._why = why
        self.wire.throw_away()

    # --- what panoramisk calls

    def connection_made(self, attempt: asyncio.Task[object]) -> None:
        """The attempt to connect is over. Its failure is `_connect`'s affair, not a reason to plan another one."""
        if not attempt.cancelled() and attempt.exception() is None:
            super().connection_made(attempt)

    def login(self, answer: asyncio.Future[Response]) -> None:
        """The log-in was answered. A refusal is `log_in`'s affair."""
        if not answer.cancelled() and answer.exception() is None:
            super().login(answer)

    def ping(self) -> None:
        """Due every `ping_interval`. Any byte is a sign of life, so the answer itself need not be watched."""
        self.pinger = self.loop.call_later(self.ping_interval, self.ping)
        self.ask_time()

    def ask_time(self) -> asyncio.Future[Response]:
        answer = self.wire.request("Ping", {})
        answer.add_done_callback(self._pong)
        return answer

    def _pong(self, answer: asyncio.Future[Response]) -> None:
        """An error in it is no surprise: the line may be breaking."""
        if not answer.cancelled() and answer.exception() is None:
            self.on_pong(answer.result())

    # --- what the wire calls

    def _take(self, event: str) -> None:
        """Until Asterisk has booted; what comes afterwards is not ours."""
        if not event.startswith(_FULLY_BOOTED):
            self._on_event(event)
            return
        self.wire.on_event = self._on_event
        if not self._booted.done():
            self._booted.set_result(None)

    def _silent(self, for_s: float) -> None:
        self.give_up(f"nothing was heard for {for_s:.1f} s")

    def _ended(self, error: Exception | None) -> None:
        if self.pinger is not None:
            self.pinger.cancel()
        trouble = LineLost(address=self._login.address, why=str(error) if error else self._why)
        if not self.over.done():
            self.over.set_result(trouble)
        if not self._booted.done():
            self._booted.set_exception(trouble)
            self._booted.exception()
