"""Who the ids on a page are: colleagues and customers by name, each asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiohttp import web

from agent_console.keys import services, words
from agent_console.words import Sentence
from crm_core.domain.customers import Customer
from crm_core.domain.users import User
from crm_core.kernel.ids import CustomerId, UserId

_AT_ONCE = 200


async def everybody(request: web.Request) -> dict[UserId, User]:
    """All who work or worked here, by id; in the order of their logins."""
    found: dict[UserId, User] = {}
    cursor: str | None = None
    while True:
        page = await services(request).users.list(include_disabled=True, cursor=cursor, limit=_AT_ONCE)
        found.update((user.id, user) for user in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


async def customers_of(request: web.Request, ids: Iterable[CustomerId | None]) -> dict[CustomerId, Customer]:
    """The customers behind these ids; one who is gone is left out."""
    return await services(request).customers.of_ids({one for one in ids if one})


def choices(
    request: web.Request, people: Mapping[UserId, User], *, nobody: Sentence | None = None
) -> list[tuple[str, str]]:
    """For a select: nobody first (when that may be), then all who are here."""
    reader = words(request)
    here = [(str(user.id), reader.name(user)) for user in people.values() if not user.disabled]
    return [("", reader.speak(nobody)), *here] if nobody else here
