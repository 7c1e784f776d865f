"""Reading a posted form: its text fields, once each."""

from __future__ import annotations

from aiohttp import web


async def fields(request: web.Request) -> dict[str, str]:
    """The text fields of the form; uploads are none of them."""
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
