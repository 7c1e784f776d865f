"""By what a customer proves on the telephone who he is: set, opened again and taken away on his page."""

from __future__ import annotations

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.forms import fields
from agent_console.keys import current_user, services
from agent_console.pages.customers.views import page_of
from agent_console.render import flash, redirect
from agent_console.words import say
from crm_core.errors import Refused
from crm_core.kernel.ids import CustomerId

routes = web.RouteTableDef()


@routes.post("/customers/{id}/pin")
@needs(May.SET_PINS)
async def put(request: web.Request) -> web.Response:
    """Without a PIN the one the customer has stays."""
    customer, form = CustomerId(request.match_info["id"]), await fields(request)
    account, pin = ("".join(form.get(field, "").split()) for field in ("account", "pin"))
    try:
        await services(request).customer_pins.put(customer, account, pin, by=current_user(request).id)
    except Refused as error:
        wrong = str(error.params.get("field", "account"))
        return await page_of(request, customer, account=account, faults={wrong: error})
    flash(request, say("Saved. What was tried before does not count any more."))
    return redirect(f"/customers/{customer}")


@routes.post("/customers/{id}/pin/open")
@needs(May.SET_PINS)
async def open_again(request: web.Request) -> web.Response:
    customer = CustomerId(request.match_info["id"])
    await services(request).customer_pins.open(customer, by=current_user(request).id)
    flash(request, say("The PIN can be used again."))
    return redirect(f"/customers/{customer}")


@routes.post("/customers/{id}/pin/take-away")
@needs(May.SET_PINS)
async def take_away(request: web.Request) -> web.Response:
    customer = CustomerId(request.match_info["id"])
    await services(request).customer_pins.take_away(customer, by=current_user(request).id)
    flash(request, say("The customer has no PIN any more."))
    return redirect(f"/customers/{customer}")
