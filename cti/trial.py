"""A line to an Asterisk tried once, for the doctor: whether it comes up, and what that Asterisk says when asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from crm_core.kernel.clock import Clock
from cti.ami.connection import AmiLink, Heard, LinkState
from cti.ami.vocabulary import Snapshot
from cti.errors import Refused
from cti.telephony import AmiEndpoint

_SETTLED = (LinkState.UP, LinkState.WAITING, LinkState.REFUSED)
_NOT_ALLOWED = "Permission denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedLine:
    """Nothing is changed over there, whatever is asked."""

    trouble: str | None
    """None when we were let in and told what lives there, else the reason in a sentence."""
    version: str
    """Of that Asterisk, as it says itself."""
    _link: AmiLink

    async def command(self, cli: str) -> str:
        """What its command line prints; nothing when it has no such command. Raises an ActionFailed.

        It is Refused when our user may not ask.
        """
        try:
            return await self._link.command(cli)
        except Refused as refused:
            if refused.params["why"] == _NOT_ALLOWED:
                raise
            return ""

    async def has_module(self, name: str) -> bool:
        """Whether it is loaded; for users who may not run commands. Raises an ActionFailed."""
        try:
            await self._link.send("ModuleCheck", Module=name)
        except Refused as refused:
            if refused.params["why"] == _NOT_ALLOWED:
                raise
            return False
        return True


@contextlib.asynccontextmanager
async def tried_line(endpoint: AmiEndpoint, clock: Clock, *, limit_s: float = 10.0) -> AsyncIterator[TriedLine]:
    """A line for the length of the block; its `trouble` tells whether it came up."""
    versions = [""]

    def hear(event: Heard) -> None:
        if isinstance(event, Snapshot):
            versions.append(event.asterisk_version)

    async with AmiLink(
        host=endpoint.host,
        port=endpoint.port,
        user=endpoint.user,
        secret=endpoint.secret,
        clock=clock,
        on_event=hear,
    ) as link:
        trouble = await _come_up(link, limit_s)
        yield TriedLine(trouble=trouble, version=versions[-1], _link=link)


async def _come_up(link: AmiLink, limit_s: float) -> str | None:
    try:
        async with asyncio.timeout(limit_s):
            while link.status.state not in _SETTLED:
                await asyncio.sleep(0.02)
    except TimeoutError:
        return f"Asterisk at {link.address} does not finish the log-in within {limit_s:g} s."
    return None if link.status.state is LinkState.UP else link.status.why
