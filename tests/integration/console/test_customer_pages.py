"""Customers in the browser: found while typing, entered with people and numbers, never lost."""

from __future__ import annotations

from crm_core.domain.customers import Customer, CustomerLevel
from crm_core.kernel.ids import CallId
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser, People

NEW = {
    "name": "上海恒远机电",
    "kind": "company",
    "level": "gold",
    "email": "",
    "contacts-0-name": "赵敏",
    "contacts-0-title": "采购经理",
    "numbers-0-number": "021-64881234",
    "numbers-1-number": "13712345678",
    "numbers-1-contact": "0",
    "numbers-1-confirmed": "1",
}


async def test_an_empty_book_says_what_to_do_next(alice: Browser) -> None:
    await alice.get("/customers")
    assert "No customers yet" in alice.text
    assert "/customers/new" in alice.text


async def test_typing_brings_only_the_list(alice: Browser, services: Services) -> None:
    await services.customers.create(name="张伟", number="13800138000")
    await services.customers.create(name="李娜")
    response = await alice.get("/customers?q=张", headers={"HX-Request": "true", "HX-Target": "list"})
    assert response.status == 200
    assert "<html" not in alice.text
    assert "张伟" in alice.text
    assert "李娜" not in alice.text


async def test_a_long_list_goes_on(alice: Browser, services: Services) -> None:
    for number in range(30):
        await services.customers.create(name=f"Customer {number:02}")
    await alice.get("/customers")
    assert "30 customers" in alice.text
    following = alice.text.split('rel="next" href="')[1].split('"')[0]
    await alice.get(f"/customers{following}")
    assert "Customer 00" in alice.text
    assert "To the beginning" in alice.text


async def test_a_company_is_entered_with_its_people_and_numbers(alice: Browser, services: Services) -> None:
    await alice.get("/customers/new")
    response = await alice.post("/customers/new", NEW)
    assert "上海恒远机电 is now in the book." in alice.text
    details = await services.customers.details(response.url.name)  # type: ignore[arg-type]
    assert details.customer.level is CustomerLevel.GOLD
    assert [contact.name for contact in details.contacts] == ["赵敏"]
    assert {(link.number.key, link.contact is None, link.confirmed) for link in details.numbers} == {
        ("+862164881234", True, False),
        ("+8613712345678", False, True),
    }


async def test_what_was_typed_survives_a_mistake(alice: Browser, services: Services) -> None:
    await alice.get("/customers/new")
    response = await alice.post("/customers/new", {**NEW, "name": "", "numbers-0-number": "no idea"})
    assert response.status == 422
    assert "Please fill this in." in alice.text
    assert "This is not a number that can be dialled." in alice.text
    for kept in ("no idea", "赵敏", "采购经理", "13712345678"):
        assert f'value="{kept}"' in alice.text
    assert (await services.customers.search()).items == ()


async def test_a_customer_is_changed_and_a_number_taken_away(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="张伟", number="13800138000")
    await services.customers.add_number(customer.id, "02164881234")
    await alice.get(f"/customers/{customer.id}/edit")
    assert "13800138000" in alice.text
    await alice.post(
        f"/customers/{customer.id}/edit",
        {"name": "张伟", "name_en": "Zhang Wei", "kind": "person", "level": "vip", "numbers-0-number": "02164881234"},
    )
    details = await services.customers.details(customer.id)
    assert (details.customer.name_en, details.customer.level) == ("Zhang Wei", CustomerLevel.VIP)
    assert [link.number.key for link in details.numbers] == ["+862164881234"]


async def test_a_number_goes_from_the_house_to_one_of_its_people(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="恒远机电", number="021-64881234-802")
    person = await services.customers.add_contact(customer.id, name="赵敏")
    await alice.get(f"/customers/{customer.id}/edit")
    assert 'value="+862164881234-802"' in alice.text
    await alice.post(
        f"/customers/{customer.id}/edit",
        {
            "name": "恒远机电", "kind": "company", "level": "normal",
            "contacts-0-id": person.id, "contacts-0-name": "赵敏",
            "numbers-0-number": "+862164881234-802", "numbers-0-contact": "0",
        },
    )  # fmt: skip
    links = (await services.customers.details(customer.id)).numbers
    assert [(link.contact, link.number.extension, link.confirmed) for link in links] == [(person.id, "802", False)]


async def test_the_page_shows_everything_about_one(
    alice: Browser, services: Services, a_call: CallId, people: People
) -> None:
    customer = await services.customers.create(name="张伟", name_en="Zhang Wei", number="13800138000")
    await services.customers.add_number(customer.id, "02164881234")
    await services.calls.set_customer(a_call, customer.id)
    ticket = await services.tickets.create(subject="空调不制冷", customer=customer.id, by=people.alice.id)
    await alice.get(f"/customers/{customer.id}")
    for shown in ("Zhang Wei", "+86 138 0013 8000", "Confirmed", "Confirm", "Called us", "空调不制冷", ticket.number):
        assert shown in alice.text


async def test_a_number_is_confirmed_by_one_click(alice: Browser, services: Services) -> None:
    customer: Customer = await services.customers.create(name="张伟")
    await services.customers.add_number(customer.id, "13800138000")
    await alice.get(f"/customers/{customer.id}")
    await alice.post(f"/customers/{customer.id}/numbers/confirm", {"number": "+8613800138000"})
    assert (await services.customers.details(customer.id)).numbers[0].confirmed


async def test_markup_in_a_name_stays_a_name(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="<script>alert(1)</script>'; DROP TABLE customer; --")
    response = await alice.get(f"/customers/{customer.id}")
    assert "<script>alert(1)" not in await response.text()


async def test_a_customer_who_is_not_there(alice: Browser) -> None:
    assert (await alice.get("/customers/cus_nobody")).status == 404
    assert "There is no customer cus_nobody." in alice.text


async def test_the_picker_finds_a_customer_for_another_form(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="张伟")
    await alice.get("/customers/pick?customer_text=张")
    assert f'name="customer" value="{customer.id}"' in alice.text
    await alice.get("/customers/pick?customer_text=")
    assert "<input" not in alice.text
