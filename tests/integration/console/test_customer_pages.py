"""Customers in the browser: found while typing, entered with people and numbers, never lost."""

from __future__ import annotations

from crm_core.domain.customers import Customer, CustomerLevel
from crm_core.kernel.ids import CallId
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser, NewBrowser, People

PERSON = {"kind": "person", "level": "normal"}
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
    form = {name: value for name, value in alice.form.items() if not name.startswith("numbers-0-")}
    await alice.post(f"/customers/{customer.id}/edit", {**form, **PERSON, "name_en": "Zhang Wei", "level": "vip"})
    details = await services.customers.details(customer.id)
    assert (details.customer.name_en, details.customer.level) == ("Zhang Wei", CustomerLevel.VIP)
    assert [link.number.key for link in details.numbers] == ["+862164881234"]


async def test_a_number_goes_from_the_house_to_one_of_its_people(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="恒远机电", number="021-64881234-802")
    person = await services.customers.add_contact(customer.id, name="赵敏")
    await alice.get(f"/customers/{customer.id}/edit")
    assert 'value="+862164881234-802"' in alice.text
    form = {name: value for name, value in alice.form.items() if name != "numbers-0-confirmed"}
    await alice.post(
        f"/customers/{customer.id}/edit", {**form, "kind": "company", "level": "normal", "numbers-0-contact": "0"}
    )
    links = (await services.customers.details(customer.id)).numbers
    assert [(link.contact, link.number.extension, link.confirmed) for link in links] == [(person.id, "802", False)]


async def test_an_extension_is_changed(alice: Browser, services: Services) -> None:
    customer = await services.customers.create(name="恒远机电", number="021-64881234-801")
    await services.customers.add_number(customer.id, "021-64881234-802")
    await alice.get(f"/customers/{customer.id}/edit")
    changed = {"numbers-0-number": "+862164881234-900"}
    await alice.post(f"/customers/{customer.id}/edit", {**alice.form, **PERSON, **changed})
    links = (await services.customers.details(customer.id)).numbers
    assert sorted(link.number.extension for link in links) == ["802", "900"]


async def test_what_a_colleague_did_meanwhile_is_not_undone(
    alice: Browser, new_browser: NewBrowser, services: Services, people: People
) -> None:
    bob = new_browser()
    await bob.log_in("bob")
    customer = await services.customers.create(name="张伟", note="喜欢茶", number="13800138000")
    address = f"/customers/{customer.id}/edit"
    await alice.get(address)
    await bob.get(address)
    await bob.post(
        address, {**bob.form, **PERSON, "note": "喜欢咖啡", "city": "上海", "numbers-1-number": "13912345678"}
    )
    mine = {**alice.form, **PERSON, "note": "喜欢水", "email": "wei@example.com", "numbers-1-number": "02164881234"}
    response = await alice.post(address, mine)
    assert response.status == 409
    assert "A colleague has changed this customer while you had the form open." in alice.text
    assert "A colleague has written: 喜欢咖啡" in alice.text
    assert (await services.customers.get(customer.id)).note == "喜欢咖啡"
    for kept in ("喜欢水", "wei@example.com", "02164881234", "上海", "+8613912345678"):
        assert kept in alice.form.values()
    await alice.post(address, {**alice.form, **PERSON})
    details = await services.customers.details(customer.id)
    assert (details.customer.note, details.customer.city, details.customer.email) == (
        "喜欢水",
        "上海",
        "wei@example.com",
    )
    assert [(link.number.key, link.confirmed) for link in details.numbers] == [
        ("+8613800138000", True),
        ("+8613912345678", False),
        ("+862164881234", False),
    ]


async def test_an_unknown_call_leaves_nobody_behind_and_nothing_typed_is_lost(
    alice: Browser, services: Services
) -> None:
    await alice.get("/customers/new?call=gone-1&number=13800138000")
    response = await alice.post("/customers/new", {**alice.form, **PERSON, "name": "张伟"})
    assert response.status == 422
    assert "There is no call gone-1." in alice.text
    assert (await services.customers.search()).items == ()
    await alice.post("/customers/new", {**alice.form, **PERSON})
    (made,) = await services.customers.search()
    assert made.name == "张伟"
    assert [link.number.key for link in (await services.customers.details(made.id)).numbers] == ["+8613800138000"]


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
