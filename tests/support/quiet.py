"""A house as every story may expect to find it, whatever became of the story before."""

from __future__ import annotations

import aiohttp

from tests.support.live_screens import Person
from tests.support.product import Product
from tests.support.waiting import eventually


async def quieten(product: Product) -> None:
    """It runs, nobody is locked out, nobody is at work or has a phone there, and there is no call."""
    await product.live_on()
    await _let_everybody_in(product)
    await send_everybody_home(product)

    async def nobody_reached() -> bool:
        phones = [row["extension"] for row in (await product.api("GET", "/floor"))["agents"] if row["reachable"]]
        assert not phones, phones
        return True

    await eventually("every phone to be off", nobody_reached)


async def send_everybody_home(product: Product) -> None:
    """No calls, nobody signed in."""

    async def quiet() -> bool:
        await product.asterisk("channel request hangup all")  # also what only now begins
        floor = await product.api("GET", "/floor")
        for row in floor["agents"]:
            if row["state"] != "offline":
                await product.api("POST", f"/agents/{row['agent']}/state", {"state": "offline"})
        return not floor["calls"] and all(row["state"] == "offline" for row in floor["agents"])

    await eventually("an empty house", quiet)


async def _let_everybody_in(product: Product) -> None:
    locked_out = [row["id"] for row in product.rows('select id from "user" where disabled')]
    if locked_out:
        await lock_out(product, *locked_out, wanted=False)


async def lock_out(product: Product, *people: str, wanted: bool = True) -> None:
    """As the administrator does in the browser, or lets in again: Asterisk is told of their phones."""
    admin = product.card.people["admin"]
    cookies = aiohttp.CookieJar(unsafe=True)  # of an address without a name
    async with aiohttp.ClientSession(product.card.url, cookie_jar=cookies) as http:
        visitor = Person(http)
        await visitor.send("/login", page="/login", login=admin.login, password=admin.password)
        for person in people:
            await visitor.send(f"/admin/users/{person}/disabled", disabled=str(int(wanted)))
