"""What the REST interface can do: each operation said once, for the router, the validation and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticKnownError

from agent_console.auth.permissions import May
from agent_console.keys import CLOCK, current_user, services
from crm_core.domain.users import User
from crm_core.kernel.clock import Clock
from crm_core.services.bundle import Services

PREFIX = "/api/v1"
Handler = Callable[..., Awaitable[Any]]
_F = TypeVar("_F", bound=Handler)


class Query(BaseModel):
    """The query string of an operation; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


SearchText = Annotated[str, StringConstraints(max_length=200)]


def _true_or_false(value: object) -> object:
    """As JSON writes them and the document says; not `1`, `yes` or `on`."""
    match value:
        case "true":
            return True
        case "false":
            return False
        case bool():
            return value
        case _:
            raise PydanticKnownError("bool_parsing")


YesNo = Annotated[bool, BeforeValidator(_true_or_false)]


class ListQuery(Query):
    """Lists come in pages: give the answer's `next_cursor` back as `cursor`."""

    cursor: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True)
class Ask:
    """What an operation's handler is given beside the query and the body."""

    request: web.Request

    @property
    def path(self) -> Mapping[str, str]:
        return self.request.match_info

    @property
    def user(self) -> User:
        return current_user(self.request)

    @property
    def services(self) -> Services:
        return services(self.request)

    @property
    def clock(self) -> Clock:
        return self.request.config_dict[CLOCK]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Something new, and where it is found from now on."""

    made: BaseModel
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    method: str
    path: str
    """Below the prefix, with `{placeholders}`."""
    handler: Handler
    summary: str
    tag: str
    may: May
    answers: Any
    """The model of a good answer; None for 204, `bytes` for sound."""
    status: int
    query: type[Query] | None
    body: type[BaseModel] | None
    refusals: tuple[int, ...]
    """HTTP statuses beside those that follow from the rest."""
    sound: bool = False
    """The body is a sound file, which the handler is given as bytes."""

    @property
    def id(self) -> str:
        return self.handler.__name__

    @property
    def writes(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Operations:
    """Collects the operations of one subject."""

    tag: str
    found: list[Operation] = field(default_factory=list)

    def add(
        self,
        method: str,
        path: str,
        summary: str,
        *,
        answers: Any = None,
        status: int = 200,
        query: type[Query] | None = None,
        body: type[BaseModel] | None = None,
        may: May = May.WORK,
        refusals: tuple[int, ...] = (),
        sound: bool = False,
    ) -> Callable[[_F], _F]:
        def keep(handler: _F) -> _F:
            self.found.append(
                Operation(
                    method=method,
                    path=path,
                    handler=handler,
                    summary=summary,
                    tag=self.tag,
                    may=may,
                    answers=answers,
                    status=status,
                    query=query,
                    body=body,
                    refusals=refusals,
                    sound=sound,
                )
            )
            return handler

        return keep
