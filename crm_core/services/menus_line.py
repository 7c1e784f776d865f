"""The line for which those stand who publish voice menus, and those who change what menus were proved beside."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.errors import FlowsChanged
from crm_core.persistence import tables as t

LINE = "flows"
"""Menus go through one another, and tell articles."""


async def published_versions(connection: AsyncConnection) -> dict[str, int]:
    """By the menus' names."""
    rows = await connection.execute(select(t.flow.c.name, t.flow.c.published).where(t.flow.c.published > 0))
    return {name: published for name, published in rows.all()}  # noqa: C416 - rows are no pairs for `dict`


async def unless_others(connection: AsyncConnection, beside: Mapping[str, int] | None) -> None:
    """Raises FlowsChanged when others are published than those that were looked at. The caller stands in line."""
    if beside is not None and await published_versions(connection) != beside:
        raise FlowsChanged
