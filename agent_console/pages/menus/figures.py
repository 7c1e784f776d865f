"""What callers did in a menu, as a file for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import NotFound
from agent_console.keys import services
from crm_core.domain.menu_walks import MenuFigures, NodeFigures

routes = web.RouteTableDef()

_HEAD = ("node", "callers", "visits", "median_s", "what", "which", "times", "share_of_visits")
_BYTE_ORDER = "\ufeff"
"""Without it, some spreadsheets do not see that this is UTF-8."""


def as_csv(figures: MenuFigures) -> str:
    """One line for each way out of a node, and one for each of the most frequent wrong inputs."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(_HEAD)
    for node in figures.nodes:
        for what, which, times in _lines(node):
            share = round(times / node.visits, 4)
            lines.writerow((node.node, node.callers, node.visits, node.median_s, what, which, times, share))
    return _BYTE_ORDER + text.getvalue()


def _lines(node: NodeFigures) -> Iterator[tuple[str, str, int]]:
    yield from (("way", way, times) for way, times in node.ways.items())
    yield from (("wrong_input", one.entered, one.times) for one in node.wrong)


@routes.get("/menus/{name}/figures.csv")
@needs(May.EDIT_MENUS)
async def download(request: web.Request) -> web.Response:
    name, query = request.match_info["name"], request.query
    version = query.get("version", "")
    figures = await services(request).menu_walks.figures(
        name,
        since=_moment(query.get("since", "")),
        until=_moment(query.get("until", "")),
        version=_number(version) if version else None,
    )
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}-figures.csv"}
    return web.Response(text=as_csv(figures), content_type="text/csv", charset="utf-8", headers=headers)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if found.tzinfo is None:
        raise NotFound
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFound
    return int(text)
