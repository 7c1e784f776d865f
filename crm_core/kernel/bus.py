"""The one road between rooms: events fan out to whoever listens, commands go to the one who serves them.

Implementations live in `crm_core.runtime` (in process, and Redis) and keep to the same contract tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import Command, CommandResult, Event, Message

Handler = Callable[[Command], Awaitable[CommandResult]]


class NobodyServes(CallwrightError):
    """Nobody is there to carry out {topic}."""

    code = "bus.nobody_serves"


class RequestTimedOut(CallwrightError):
    """No answer to {topic} came in time."""

    code = "bus.request_timed_out"


class Subscription(Protocol):
    """A live stream of events. A listener who falls `capacity` behind loses the oldest and sees `lost` grow."""

    @property
    def lost(self) -> int: ...

    def __aiter__(self) -> AsyncIterator[Event]: ...

    async def __anext__(self) -> Event: ...


class Seat(Protocol):
    """A place that one process of the house holds at a time, for work that two must not do at once."""

    @property
    def shared(self) -> bool:
        """Whether there can be anybody else who wants it."""
        ...

    @property
    def held(self) -> bool:
        """Ours for certain, this instant. A process that hung for a while cannot be certain."""
        ...

    @property
    def may_tell(self) -> bool:
        """False when it is somebody else's, and for who hung for so long that it may be, until he knows."""
        ...

    async def sure(self) -> bool:
        """Asks anew whether it is ours: before what no other must suffer who has it. No clock is trusted in that, for
        a machine that was put aside may not know for how long. A bus that is away says no."""
        ...

    async def taken(self) -> None:
        """Until it is ours for certain."""
        ...

    async def lost(self) -> None:
        """Until somebody else has it. A bus that is away gives it to nobody: work goes on meanwhile."""
        ...

    async def step_back(self) -> None:
        """For who has it and cannot do the work: the next one may try. Alone, he gets it again after a while."""
        ...


class Bus(Protocol):
    def publish(self, event: Event) -> None:
        """Tell everybody. Never blocks and never raises: delivery goes on behind the caller's back, in order."""
        ...

    def subscribe(self, *types: type[Event], capacity: int = 10_000) -> AbstractAsyncContextManager[Subscription]:
        """Live events of these types (all, when none is named) from now on."""
        ...

    def consume(
        self, group: str, handler: Callable[[Event], Awaitable[None]], *types: type[Event]
    ) -> AbstractAsyncContextManager[None]:
        """Each event to exactly one member of `group`, again after a crash until the handler returned.

        In order per publisher. A handler that raises is tried again with a pause; the event is not lost.
        """
        ...

    def consume_batches(
        self, group: str, handler: Callable[[Sequence[Event]], Awaitable[None]], *types: type[Event], most: int = 50
    ) -> AbstractAsyncContextManager[None]:
        """As `consume`, a handful at a time: what has gathered while the handler was at work, at most so many.

        A handler that raises gets the same ones again, all of them.
        """
        ...

    async def request(self, command: Command, *, timeout: float = 5.0) -> CommandResult:  # noqa: ASYNC109
        """Ask the server of this command. Raises NobodyServes or RequestTimedOut."""
        ...

    def serve(self, handler: Handler, *types: type[Command]) -> AbstractAsyncContextManager[None]:
        """Answer these commands until the block ends. One server per type at a time."""
        ...

    def seat(self, name: str) -> AbstractAsyncContextManager[Seat]:
        """Tried for at once, and wanted until the block ends; whose holder dies or hangs is free within seconds."""
        ...

    async def settle(self, *, within: float = 5.0) -> None:
        """Until what was published is safe: handed on to Redis, or, in one process, done by the groups that are here.

        At most `within` seconds. Before consumers leave for good.
        """
        ...

    async def caught_up(self, group: str, *, within: float = 5.0) -> bool:
        """Waits until this group has done all that was published before now. False when it took longer than `within`.

        For who reads what the group writes.
        """
        ...

    async def healthy(self) -> str | None:
        """None when the road is open, else the reason in a sentence."""
        ...

    async def close(self) -> None:
        """Deliver what was published, then end every subscription."""
        ...


__all__ = ["Bus", "Handler", "Message", "NobodyServes", "RequestTimedOut", "Seat", "Subscription"]
