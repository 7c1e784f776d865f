"""Where the application keeps the live side's parts."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from agent_console.live.actions import Actions
from agent_console.live.directory import Directory
from agent_console.live.hub import Hub

HUB: Final = web.AppKey("hub", Hub)
ACTIONS: Final = web.AppKey("actions", Actions)
DIRECTORY: Final = web.AppKey("directory", Directory)
