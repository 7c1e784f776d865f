"""A line to a fake Asterisk, and an ear that remembers everything it was told, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import ServerId
from cti.ami.connection import AmiLink, Heard
from cti.ami.session import Patience
from cti.ami.vocabulary import Snapshot
from tests.support.fake_asterisk import SECRET, USER, FakeAsterisk

# Of a line that is to break soon. Answers come at once where nobody holds them back, but both ends are on this loop.
IMPATIENT = Patience(
    connect=3.0, answer=3.0, boot=3.0, lists=5.0, ping=0.1, retry_first=0.02, retry_last=0.05,
    retry_refused=0.2,
)  # fmt: skip
E = TypeVar("E")


class Ear:
    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def __call__(self, event: Heard) -> None:
        self.heard.append(event)

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.heard if isinstance(event, kind)]

    @property
    def snapshots(self) -> list[Snapshot]:
        return self.all(Snapshot)


def link_to(
    asterisk: FakeAsterisk,
    on_event: Callable[[Heard], None],
    *,
    secret: str = SECRET,
    claim: Callable[[ServerId], bool] = lambda _: True,
    port: int = 0,
    patience: Patience = IMPATIENT,
) -> AmiLink:
    """`port`: of who stands between."""
    return AmiLink(
        host="127.0.0.1", port=port or asterisk.port, user=USER, secret=secret, clock=SystemClock(), on_event=on_event,
        claim=claim, patience=patience,
    )  # fmt: skip


@asynccontextmanager
async def line_to(
    asterisk: FakeAsterisk, on_event: Callable[[Heard], None], *, patience: Patience = IMPATIENT
) -> AsyncIterator[AmiLink]:
    """A line that is up."""
    async with link_to(asterisk, on_event, patience=patience) as link:
        await link.wait_up()
        yield link
