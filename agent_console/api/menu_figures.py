"""REST: what callers did in the voice menus: the way of one call, and a menu's funnel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from agent_console.api.models import Answer
from agent_console.api.operations import Ask, Operations, Query
from agent_console.auth.permissions import May
from agent_console.inputs import WHOLE, Moment
from crm_core.domain.menu_walks import Ending, MenuFigures, NodeFigures
from crm_core.kernel.ids import CallId

api = Operations("Voice menus")

_WEEK = timedelta(days=7)


class FiguresQuery(Query):
    version: Annotated[int, Field(ge=1, le=1_000_000_000), WHOLE] | None = Field(
        default=None, description="Of the menu; without it all of them together."
    )
    since: Moment | None = Field(default=None, description="From this moment on; else a week before `until`.")
    until: Moment | None = Field(default=None, description="Before this moment; else now.")


class MenuWrongInput(Answer):
    entered: str = Field(description="Empty: silence; `****` where the flow calls it secret.")
    times: int


class MenuNodeFigures(Answer):
    node: str
    callers: int = Field(description="Calls that came here.")
    visits: int = Field(description="How often they did; the ways are counted by visits.")
    ways: dict[str, int] = Field(
        description="How often each was taken: fields of the node (`choices.2`, `exhausted`, `error`), and what ends a "
        "call here: `hung_up`, `queue`, `agent`, `number`, `end`, `max_steps`, `cut`."
    )
    hung_up: int
    errors: int
    median_s: float
    wrong: list[MenuWrongInput] = Field(description="The five most frequent.")


class MenuFigureSheet(Answer):
    flow: str
    version: int | None
    since: datetime
    until: datetime
    formula: int = Field(description="The version of what counts as served, handed on and given up (docs/menus.md).")
    calls: int = Field(description="Calls that began in this menu, and have left it.")
    served: int
    handed_on: int
    gave_up: int
    by_error: int = Field(description="Of those handed on: how many after an error exit.")
    containment: float | None = Field(description="served / calls; null: nobody called.")
    nodes: list[MenuNodeFigures]


class MenuVisit(Answer):
    flow: str
    version: int
    node: str
    at: datetime
    seconds: float
    entered: list[str]
    wrong: list[str]
    way: str
    done: str


class MenuVisits(Answer):
    items: list[MenuVisit]


@api.add(
    "GET",
    "/flows/{flow}/figures",
    "What callers did in a menu, node by node",
    answers=MenuFigureSheet,
    query=FiguresQuery,
    may=May.EDIT_MENUS,
)
async def get_flow_figures(ask: Ask, query: FiguresQuery) -> MenuFigureSheet:
    until = query.until or ask.clock.now()
    since = query.since or until - _WEEK
    walks = ask.services.menu_walks
    return _sheet(await walks.figures(ask.path["flow"], since=since, until=until, version=query.version))


@api.add("GET", "/calls/{call}/menu", "Every node of the voice menus that the caller came to", answers=MenuVisits)
async def get_call_menu(ask: Ask) -> MenuVisits:
    walk = await ask.services.menu_walks.of_call(CallId(ask.path["call"]))
    return MenuVisits(items=[MenuVisit.model_validate(one) for one in walk.visits] if walk else [])


def _sheet(figures: MenuFigures) -> MenuFigureSheet:
    return MenuFigureSheet(
        flow=figures.flow,
        version=figures.version,
        since=figures.since,
        until=figures.until,
        formula=figures.formula,
        calls=figures.calls,
        served=figures.endings.get(Ending.SERVED, 0),
        handed_on=figures.endings.get(Ending.HANDED_ON, 0),
        gave_up=figures.endings.get(Ending.GAVE_UP, 0),
        by_error=figures.by_error,
        containment=None if figures.containment is None else round(figures.containment, 4),
        nodes=[_node(one) for one in figures.nodes],
    )


def _node(figures: NodeFigures) -> MenuNodeFigures:
    return MenuNodeFigures.model_validate(figures)
