"""Orders and repairs over REST."""

from __future__ import annotations

from crm_core.services.bundle import Services
from tests.integration.console.stage import Api


async def test_an_order_is_taken_once_and_goes_its_way(api: Api, services: Services) -> None:
    zhang = await services.customers.create(name="张伟")
    body = {"kind": "sale", "customer": zhang.id, "summary": "Two lamps", "amount": "0.10", "expected_on": "2026-01-09"}
    key = {"Idempotency-Key": "o-1"}
    first, again = [await api.call("POST", "/orders", json=body, headers=key) for _ in range(2)]
    made = await first.json()
    assert (first.status, made["amount"], made["currency"], made["expected_on"]) == (201, "0.10", "CNY", "2026-01-09")
    assert (await again.json())["id"] == made["id"]
    assert len((await services.orders.search()).items) == 1

    step = await api.call("POST", f"/orders/{made['number']}/steps", json={"state": "confirmed", "note": "by mail"})
    assert (step.status, (await step.json())["state"]) == (200, "confirmed")
    wrong = await api.call("POST", f"/orders/{made['number']}/steps", json={"state": "delivered"})
    assert (wrong.status, (await wrong.json())["code"]) == (409, "order.cannot_move")
    stale = await api.call("PATCH", f"/orders/{made['id']}", json={"carrier": "SF", "version": 1})
    assert (stale.status, (await stale.json())["code"]) == (409, "order.changed_meanwhile")
    changed = await api.call("PATCH", f"/orders/{made['number'][2:]}", json={"carrier": "SF", "amount": None})
    assert [(await changed.json())[name] for name in ("carrier", "amount", "currency")] == ["SF", None, ""]
    await api.call("POST", f"/orders/{made['id']}/notes", json={"text": "he asked"})
    history = (await (await api.call("GET", f"/orders/{made['id']}/history")).json())["items"]
    assert [(one["kind"], one["text"]) for one in history] == [
        ("created", ""), ("moved", "by mail"), ("changed", ""), ("note", "he asked"),
    ]  # fmt: skip
    found = await api.call("GET", "/orders?kind=sale&state=confirmed&open=true&q=lamps")
    assert [one["id"] for one in (await found.json())["items"]] == [made["id"]]


async def test_what_is_no_day_and_no_money_is_refused(api: Api, services: Services) -> None:
    zhang = await services.customers.create(name="张伟")
    good = {"kind": "repair", "customer": zhang.id, "summary": "x"}
    for wrong in (
        {"expected_on": "2026-02-30"},
        {"amount": "-1"},
        {"amount": "1.005"},
        {"amount": 1.5},
        {"currency": "¥"},
    ):
        answer = await api.call("POST", "/orders", json=good | wrong)
        assert (answer.status, (await answer.json())["code"]) == (422, "request.invalid")
    assert not (await services.orders.search()).items


async def test_an_amount_has_a_currency_and_a_currency_an_amount(api: Api, services: Services) -> None:
    zhang = await services.customers.create(name="张伟")
    made = await (await api.call("POST", "/orders", json={"kind": "sale", "customer": zhang.id, "summary": "x"})).json()

    async def changed(**news: object) -> tuple[object, object]:
        now = await (await api.call("PATCH", f"/orders/{made['id']}", json=news)).json()
        return now["amount"], now["currency"]

    assert await changed(currency="USD") == (None, "")
    assert await changed(amount="5.00") == ("5.00", "CNY")
    assert await changed(currency="USD") == ("5.00", "USD")
    assert await changed(amount="6.00") == ("6.00", "USD")
    assert await changed(amount=None, currency="USD") == (None, "")
