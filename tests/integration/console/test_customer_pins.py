"""A customer's account number and PIN on his page: set by supervisors, told to nobody."""

from __future__ import annotations

import pytest

from crm_core.domain.customer_pins import Proof
from crm_core.kernel.ids import CustomerId
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser

PIN = "280519"


@pytest.fixture
async def zhang(services: Services) -> CustomerId:
    return (await services.customers.create(name="张伟")).id


async def test_a_supervisor_gives_one_and_takes_it_away(sam: Browser, services: Services, zhang: CustomerId) -> None:
    await sam.get(f"/customers/{zhang}")
    await sam.post(f"/customers/{zhang}/pin", {"account": "4711 00", "pin": PIN})
    assert "Saved. What was tried before does not count any more." in sam.text
    assert "471100" in sam.text
    assert PIN not in sam.text
    assert await services.customer_pins.prove("471100", PIN, caller="") == (Proof.FOUND, zhang)
    await sam.post(f"/customers/{zhang}/pin/take-away")
    assert await services.customer_pins.of(zhang) is None


async def test_what_cannot_be_is_said(sam: Browser, services: Services, zhang: CustomerId) -> None:
    await sam.get(f"/customers/{zhang}")
    await sam.post(f"/customers/{zhang}/pin", {"account": "471100", "pin": "123456"})
    assert "A PIN has six to eight digits, and is no row such as 123456 or 888888." in sam.text
    assert 'value="471100"' in sam.page, "what was typed is not typed again"
    assert '123456"' not in sam.page
    assert await services.customer_pins.of(zhang) is None


async def test_after_wrong_tries_it_is_opened_again(sam: Browser, services: Services, zhang: CustomerId) -> None:
    await services.customer_pins.put(zhang, "471100", PIN)
    for _ in range(5):
        await services.customer_pins.prove("471100", "000000", caller="")
    await sam.get(f"/customers/{zhang}")
    assert "Wrong tries in a row" in sam.text
    await sam.post(f"/customers/{zhang}/pin/open")
    assert "The PIN can be used again." in sam.text
    assert await services.customer_pins.prove("471100", PIN, caller="") == (Proof.FOUND, zhang)


@pytest.mark.parametrize("deed", ["pin", "pin/open", "pin/take-away"])
async def test_agents_see_the_account_and_set_nothing(
    alice: Browser, services: Services, zhang: CustomerId, deed: str
) -> None:
    await services.customer_pins.put(zhang, "471100", PIN)
    await alice.get(f"/customers/{zhang}")
    assert "471100" in alice.text
    assert "/pin" not in alice.text
    assert (await alice.post(f"/customers/{zhang}/{deed}", {"account": "471101", "pin": PIN})).status == 403
    assert (await services.customer_pins.prove("471100", PIN, caller=""))[0] is Proof.FOUND
