"""What may come of a call: the tree an agent chooses from."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.domain.dispositions import Disposition
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence.database import Database


class Dispositions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def tree(self, *, include_retired: bool = False) -> tuple[Disposition, ...]:
        """The roots, each with its children, in their order."""
        raise NotImplementedError

    async def get(self, code: str) -> Disposition:
        """Without its children."""
        raise NotImplementedError

    async def create(
        self,
        code: str,
        names: Mapping[str, str],
        *,
        parent: str | None = None,
        position: int | None = None,
        by: UserId | None = None,
    ) -> Disposition:
        raise NotImplementedError

    async def rename(self, code: str, names: Mapping[str, str], *, by: UserId | None = None) -> Disposition:
        raise NotImplementedError

    async def set_retired(self, code: str, retired: bool, *, by: UserId | None = None) -> Disposition:
        raise NotImplementedError
