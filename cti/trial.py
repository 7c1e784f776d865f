"""Whether a line to an Asterisk would come up: tried once, for the doctor."""

from __future__ import annotations

import asyncio

from crm_core.kernel.clock import Clock
from cti.ami.connection import AmiLink, Heard, LinkState
from cti.telephony import AmiEndpoint

_SETTLED = (LinkState.UP, LinkState.WAITING, LinkState.REFUSED)


async def try_line(endpoint: AmiEndpoint, clock: Clock, *, limit_s: float = 10.0) -> str | None:
    """None when we are let in and told what lives there, else the reason in a sentence. Nothing is changed there."""
    link = AmiLink(
        host=endpoint.host,
        port=endpoint.port,
        user=endpoint.user,
        secret=endpoint.secret,
        clock=clock,
        on_event=_ignore,
    )
    try:
        async with asyncio.timeout(limit_s), link:
            while link.status.state not in _SETTLED:
                await asyncio.sleep(0.02)
            return None if link.status.state is LinkState.UP else link.status.why
    except TimeoutError:
        return f"Asterisk at {endpoint.host}:{endpoint.port} does not finish the log-in within {limit_s:g} s."


def _ignore(event: Heard) -> None:
    """A trial listens to nothing."""
